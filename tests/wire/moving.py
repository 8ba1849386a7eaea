"""A program whose policy, upstream and addresses change under it, and clients that notice."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.program import Program
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire, reply

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


def named(name: str) -> Upstream:
    """An upstream whose every response is its name."""
    upstream = Upstream()

    def script(wire: Wire, request: Message) -> None:
        wire.read_content(request)
        wire.send(reply(name.encode()))

    upstream.script = script
    return upstream


@contextlib.contextmanager
def program(path: Path, text: str) -> Iterator[Program]:
    """The program with `text` as its file at `path`, and no flag that would win over it."""
    path.write_text(text)
    with Program("run", "-c", str(path), "--admin", "127.0.0.1:0") as made:
        assert made.port
        yield made


class Response(NamedTuple):
    """What tells one policy, with its upstream, from another; and whether more may follow."""

    status: bytes
    exposed: bytes
    credentials: bool
    content: bytes
    last: bool


async def ask(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    origin: bytes,
    target: bytes = b"/",
) -> Response:
    """One request on an open connection; raises IncompleteReadError, OSError."""
    line = b"GET %b HTTP/1.1\r\nHost: localhost\r\nOrigin: %b\r\n\r\n" % (target, origin)
    writer.write(line)
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    content = await reader.readexactly(int(length[1])) if length else b""
    exposed = re.search(rb"(?i)\r\naccess-control-expose-headers: *([^\r]*)", head)
    return Response(
        head[9:12],
        exposed[1] if exposed else b"",
        b"\r\naccess-control-allow-credentials: true" in head.lower(),
        content,
        b"\r\nconnection: close" in head.lower(),
    )
