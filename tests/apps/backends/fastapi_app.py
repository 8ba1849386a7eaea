"""FastAPI on uvicorn: a path without its slash is redirected; an event stream with credentials."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Annotated

import uvicorn
from fastapi import Cookie, FastAPI, Response
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.post("/items/")
async def create(item: dict[str, str]) -> dict[str, str]:
    return item


async def ticks(session: str) -> AsyncIterator[str]:
    for number in range(3):
        yield f"data: {session} {number}\n\n"
        await asyncio.sleep(0.05)


@app.get("/events")
async def events(session: Annotated[str, Cookie()]) -> StreamingResponse:
    return StreamingResponse(ticks(session), media_type="text/event-stream")


@app.post("/session")
async def log_in(response: Response) -> None:
    response.set_cookie("session", "ada", httponly=True, samesite="lax")


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
