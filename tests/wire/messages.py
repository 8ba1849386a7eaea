"""HTTP messages read from a socket, strictly: whatever has two readings fails the test.

Independent of the package on purpose: the tests' own reading of RFC 9112.
"""

import contextlib
import re
import socket
import ssl
import struct
from dataclasses import dataclass, field
from typing import Self

PATIENCE = 10.0
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

Fields = list[tuple[bytes, bytes]]


class Truncated(Exception):
    """The connection ended, or fell silent, before the message did."""


@dataclass
class Message:
    """A head and its content."""

    start: bytes
    fields: Fields
    content: bytes = b""
    trailers: Fields = field(default_factory=list)
    interim: list["Message"] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.start.split(b" ")[1])

    @property
    def method(self) -> bytes:
        return self.start.split(b" ")[0]

    @property
    def target(self) -> bytes:
        return self.start.split(b" ")[1]

    def get(self, name: bytes) -> list[bytes]:
        """The value of each line called `name`."""
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def one(self, name: bytes) -> bytes | None:
        """The only value of `name`; None for none."""
        found = self.get(name)
        assert len(found) < 2, found
        return found[0] if found else None

    @property
    def names(self) -> set[bytes]:
        return {key.lower() for key, _ in self.fields}


class Wire:
    """One end of a connection: raw bytes out, messages in."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.held = b""
        sock.settimeout(PATIENCE)
        if sock.family != getattr(socket, "AF_UNIX", None):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @classmethod
    def to(cls, port: int) -> Self:
        """A connection to a port of this machine."""
        return cls(socket.create_connection(("127.0.0.1", port), PATIENCE))

    @classmethod
    def secure(cls, port: int, context: ssl.SSLContext, name: str = "localhost") -> Self:
        """A TLS connection to a port of this machine, asked for by `name`."""
        plain = cls.to(port)
        return cls(context.wrap_socket(plain.sock, server_hostname=name))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, data: bytes) -> Self:
        self.sock.sendall(data)
        return self

    def send_as_far_as_taken(self, data: bytes) -> Self:
        """Send, unless the other side has ended the connection meanwhile."""
        with contextlib.suppress(ConnectionError):
            self.sock.sendall(data)
        return self

    def pieces(self, data: bytes, size: int = 1) -> Self:
        """Send in segments of `size` bytes."""
        for at in range(0, len(data), size):
            self.sock.sendall(data[at : at + size])
        return self

    def reset(self) -> None:
        """End the connection by RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def finish(self) -> Self:
        """Send no more."""
        self.sock.shutdown(socket.SHUT_WR)
        return self

    def more(self) -> bool:
        """Read what there is; False at the end."""
        try:
            data = self.sock.recv(1 << 18)
        except ConnectionResetError:
            raise Truncated("reset") from None
        self.held += data
        return bool(data)

    def until(self, mark: bytes) -> bytes:
        """Everything up to `mark`, which is dropped."""
        while mark not in self.held:
            if not self.more():
                raise Truncated(self.held)
        found, _, self.held = self.held.partition(mark)
        return found

    def exactly(self, size: int) -> bytes:
        while len(self.held) < size:
            if not self.more():
                raise Truncated(self.held)
        found, self.held = self.held[:size], self.held[size:]
        return found

    def rest(self) -> bytes:
        """Everything until the other side ends the connection in order."""
        while self.more():
            pass
        found, self.held = self.held, b""
        return found

    @property
    def ended(self) -> bool:
        """Whether the other side has ended the connection, with nothing left to read."""
        try:
            return self.rest() == b""
        except Truncated:
            return True

    def head(self) -> Message:
        """The next head, with its content still to be read."""
        start, *lines = self.until(b"\r\n\r\n").split(b"\r\n")
        return Message(start, [_field(line) for line in lines])

    def chunks(self) -> tuple[bytes, Fields]:
        """Chunked content, and its trailers."""
        content = []
        while size := int(_matched(rb"[0-9A-Fa-f]+", self.until(b"\r\n").split(b";")[0]), 16):
            content.append(self.exactly(size))
            assert self.exactly(2) == b"\r\n"
        trailers = []
        while line := self.until(b"\r\n"):
            trailers.append(_field(line))
        return b"".join(content), trailers

    def read_content(self, message: Message) -> Message:
        """Read the content of a request, or of a response that is not ended by the connection."""
        codings, lengths = message.get(b"transfer-encoding"), message.get(b"content-length")
        assert not (codings and lengths), message
        if codings:
            assert [coding.lower() for coding in codings] == [b"chunked"]
            message.content, message.trailers = self.chunks()
        elif lengths:
            assert len(lengths) == 1
            message.content = self.exactly(int(_matched(rb"[0-9]+", lengths[0])))
        return message

    def request(self) -> Message:
        """The next request, whole."""
        message = self.head()
        _matched(rb"[!-~\x80-\xff]+ [!-~\x80-\xff]+ HTTP/1\.[01]", message.start)
        return self.read_content(message)

    def response(self, method: bytes = b"GET") -> Message:
        """The next response, whole; those before the final one are its `interim`."""
        interim = []
        while True:
            message = self.head()
            _matched(rb"HTTP/1\.1 [1-5][0-9][0-9] [^\r\n]*", message.start)
            if message.status >= 200 or message.status == 101:
                break
            interim.append(message)
        message.interim = interim
        if method == b"HEAD" or message.status in (101, 204, 304):
            return message
        if message.get(b"transfer-encoding") or message.get(b"content-length"):
            return self.read_content(message)
        message.content = self.rest()
        return message


def _matched(pattern: bytes, text: bytes) -> bytes:
    assert re.fullmatch(pattern, text), text
    return text


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    assert colon, line
    assert _TOKEN.fullmatch(name), line
    assert not _CONTROL.search(value), line
    return name, value.strip(b" \t")


def chunked(content: bytes, size: int = 65536, trailers: bytes = b"") -> bytes:
    """`content` in chunks of `size`."""
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    framed = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts]
    return b"".join(framed) + b"0\r\n" + trailers + b"\r\n"


def reply(content: bytes = b"", *lines: bytes, status: bytes = b"200 OK") -> bytes:
    """A response with these field lines and a length."""
    fields = b"".join(line + b"\r\n" for line in lines)
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (
        status,
        fields,
        len(content),
        content,
    )
