"""Sanic: a download that is streamed, and an upload that is read in parts."""

import sys

from sanic import HTTPResponse, Request, Sanic, json
from sanic.response import ResponseStream

app = Sanic("app")


@app.post("/size", stream=True)
async def size(request: Request) -> HTTPResponse:
    received = 0
    while part := await request.stream.read():
        received += len(part)
    return json({"size": received})


@app.get("/many")
async def many(request: Request) -> ResponseStream:
    async def written(response: HTTPResponse) -> None:
        for _ in range(100):
            await response.write("x" * 10000)

    return ResponseStream(written, content_type="text/plain")


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), single_process=True, motd=False, access_log=False)
