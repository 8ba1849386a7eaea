"""Quart on hypercorn: a form that answers with a redirect, and what a session keeps of it."""

import asyncio
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart, jsonify, redirect, request, session, url_for
from quart.wrappers import Response
from werkzeug.wrappers import Response as Redirect

app = Quart(__name__)
app.secret_key = "for the test alone"


@app.post("/words")
async def keep() -> Redirect:
    session["word"] = (await request.form)["word"]
    return redirect(url_for("words", _external=True), 303)


@app.get("/words")
async def words() -> Response:
    return jsonify(session.get("word"))


config = Config()
config.bind = [f"127.0.0.1:{sys.argv[1]}"]
asyncio.run(serve(app, config))
