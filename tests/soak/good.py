"""The good clients: what a page does, paced, each response judged and timed.

A response must be the whole of what one of the two policies says (`program.POLICIES`).
"""

import asyncio
import collections
import random
import time

from tests.soak.responses import GUEST, HANDSHAKE, PAGE, Response, read, read_chunk, read_head
from tests.soak.responses import request as written

SCENES = {"page": 40, "plain": 10, "guest": 10, "preflight": 15, "post": 15, "large": 4}
STREAMS = {"websocket": 3, "events": 3}
"""What clients do, and how often in a hundred."""

CLIENTS = 8
THINKS = 0.02, 0.06
"""Seconds between two requests of a client: paced, so that latency means something."""

MAX_WAIT = 10.0
PING = b"\x82\x84\x00\x00\x00\x00ping"


class Good:
    """All good clients together. `times` has when each request began, and how long it took.

    `control` has the same of one client more, which asks the upstream without the program.
    """

    def __init__(self, port: int, upstream: int, seed: int) -> None:
        self.port, self.upstream = port, upstream
        self.times: list[tuple[float, float]] = []
        self.control: list[tuple[float, float]] = []
        self.wrong: collections.Counter[str] = collections.Counter()
        self._random = random.Random(seed)

    async def run(self) -> None:
        """Ask until this is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._control())
            for _ in range(CLIENTS):
                group.create_task(self._client())

    async def _control(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        while True:
            began = time.monotonic()
            writer.write(request("plain", b""))
            await read(reader)
            self.control.append((began, time.monotonic() - began))
            await asyncio.sleep(self._random.uniform(*THINKS))  # a user's pace

    async def _client(self) -> None:
        while True:
            streams = None
            try:
                streams = await asyncio.open_connection("127.0.0.1", self.port)
                for _ in range(50):
                    async with asyncio.timeout(MAX_WAIT):
                        kept = await self._once(*streams)
                    await asyncio.sleep(self._random.uniform(*THINKS))  # a user's pace
                    if not kept:
                        break
            except TimeoutError:
                self.wrong[f"no response within {MAX_WAIT:.0f} s"] += 1
            except (OSError, EOFError, ValueError) as error:
                self.wrong[f"the connection broke: {type(error).__name__}"] += 1
                await asyncio.sleep(THINKS[1])  # and tries again
            finally:
                if streams:
                    streams[1].close()

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One scene; False when the connection is not to be used again."""
        [scene] = self._random.choices([*SCENES, *STREAMS], [*SCENES.values(), *STREAMS.values()])
        if scene == "websocket":
            return await self._websocket(reader, writer)
        if scene == "events":
            return await self._events(reader, writer)
        content = self._random.randbytes(self._random.randrange(1, 65536))
        began = time.monotonic()
        writer.write(request(scene, content))
        response = await read(reader)
        self.times.append((began, time.monotonic() - began))
        if not sound(scene, response, len(content)):
            why = response.content[:200] if response.status >= 400 else response.fields
            self.wrong[f"{scene} was answered {response.status} {why!r}"] += 1
        return response.fields.get("connection") != "close"

    async def _websocket(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(written("GET", "/ws", {"Origin": PAGE, **HANDSHAKE}))
        status, _ = await read_head(reader)
        if status != 101:
            self.wrong[f"websocket was answered {status}"] += 1
            return False
        for _number in range(5):
            began = time.monotonic()
            writer.write(PING)
            if await reader.readexactly(len(PING)) != PING:
                self.wrong["a WebSocket brought other bytes back"] += 1
            self.times.append((began, time.monotonic() - began))
        return False

    async def _events(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        began = time.monotonic()
        writer.write(written("GET", "/events", {"Origin": PAGE, "Accept": "text/event-stream"}))
        status, fields = await read_head(reader)
        events = [await read_chunk(reader)] if "transfer-encoding" in fields else []
        self.times.append((began, time.monotonic() - began))
        while events and events[-1]:
            events.append(await read_chunk(reader))
        if (status, len(events)) != (200, 6):
            self.wrong[f"events were answered {status}, {len(events)} chunks"] += 1
        return fields.get("connection") != "close"


def request(scene: str, content: bytes) -> bytes:
    """What a client of this scene sends; `content` is that of a POST."""
    match scene:
        case "preflight":
            asked = {"Origin": PAGE, "Access-Control-Request-Method": "PUT"}
            return written("OPTIONS", "/ok", asked)
        case "post":
            return written("POST", "/echo", {"Origin": PAGE}, content)
        case "plain":
            return written("GET", "/ok")
    path = "/large" if scene == "large" else "/ok"
    return written("GET", path, {"Origin": GUEST if scene == "guest" else PAGE})


def sound(scene: str, response: Response, sent: int) -> bool:
    """Whether the response is the whole of what one of the two policies says."""
    said = response.fields.get("access-control-allow-origin")
    found = response.status, said, len(response.content)
    match scene:
        case "guest":
            return found[:2] == (403, None) or found == (200, GUEST, 2)
        case "preflight":
            lists = response.fields.get("access-control-allow-methods")
            age = response.fields.get("access-control-max-age")
            return said == PAGE and (lists, age) in (("PUT", "1"), ("PUT, PATCH", "2"))
        case "plain":
            return found == (200, None, 2)
        case "large":
            return found == (200, PAGE, 2**18)
        case "post":
            return found[:2] == (200, PAGE) and response.content == b"%d" % sent
    return found == (200, PAGE, 2)
