"""Flask: a session for the domain of production, and absolute redirects."""

import sys

from flask import Flask, jsonify, redirect, session, url_for
from werkzeug.wrappers import Response

app = Flask(__name__)
app.config.update(SECRET_KEY="for the test alone", SESSION_COOKIE_DOMAIN="api.example.com")


@app.post("/login")
def login() -> Response:
    session["name"] = "ada"
    return redirect(url_for("me", _external=True))


@app.get("/me")
def me() -> tuple[Response, int]:
    name = session.get("name")
    return jsonify(name=name), 200 if name else 401


app.run(port=int(sys.argv[1]))
