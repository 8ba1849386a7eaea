"""Flask: werkzeug's router behind werkzeug's server."""

import logging

from flask import Flask
from werkzeug.serving import make_server

app = Flask("admin")
logging.getLogger("werkzeug").disabled = True


@app.route("/admin")
@app.route("/admin/")
@app.route("/admin/<path:rest>")
def admin(rest: str = "") -> str:
    return "admin"


@app.route("/")
@app.route("/<path:rest>")
def open_to_all(rest: str = "") -> str:
    return "open"


server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.port, flush=True)
server.serve_forever()
