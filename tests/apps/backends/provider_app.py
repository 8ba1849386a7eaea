"""A provider of OAuth's code flow: who asks is ada, told by a form that posts itself."""

import sys

from flask import Flask, jsonify, render_template_string, request
from werkzeug.wrappers import Response

FORM = """<form method="post" action="{{ redirect_uri }}"><input name="code" value="c0de">
<input name="state" value="{{ state }}"></form><script>document.forms[0].submit()</script>"""

app = Flask(__name__)


@app.get("/authorize")
def authorize() -> str:
    assert request.args["response_mode"] == "form_post"
    return render_template_string(FORM, **request.args)


@app.post("/token")
def token() -> Response:
    assert request.form["code"] == "c0de"
    return jsonify(access_token="ada's", token_type="Bearer")


app.run(port=int(sys.argv[1]))
