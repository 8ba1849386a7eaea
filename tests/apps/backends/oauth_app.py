"""An app that logs in by a provider of another site, which posts the code to it."""

import json
import secrets
import sys
import urllib.parse
import urllib.request

from flask import Flask, abort, jsonify, redirect, request, session, url_for
from werkzeug.wrappers import Response

PORT, PROVIDER, PAGE = sys.argv[1:]
ACROSS_SITES = {"secure": True, "samesite": "None", "httponly": True}

app = Flask(__name__)
app.config.update(SECRET_KEY="for the test alone")


@app.get("/login")
def log_in() -> Response:
    state = secrets.token_urlsafe()
    asked = {
        "response_type": "code",
        "response_mode": "form_post",
        "redirect_uri": url_for("called_back", _external=True),
        "state": state,
    }
    response = redirect(f"{PROVIDER}/authorize?{urllib.parse.urlencode(asked)}")
    response.set_cookie("state", state, **ACROSS_SITES)
    return response


@app.post("/callback")
def called_back() -> Response:
    if request.form["state"] != request.cookies.get("state"):
        abort(400)
    form = urllib.parse.urlencode({"code": request.form["code"]}).encode()
    with urllib.request.urlopen(f"{PROVIDER}/token", form) as response:
        session["token"] = json.load(response)["access_token"]
    return redirect(PAGE)


@app.get("/me")
def me() -> Response:
    return jsonify(token=session.get("token"))


app.run(port=int(PORT))
