"""Where the frames of a WebSocket end (RFC 6455, 5.2), so that a Close frame can be inserted.

What is in them is never looked at, and passes as it came.
"""

import secrets
import time

_GOING_AWAY = b"\x03\xe9"
"""1001 (RFC 6455, 7.4.1): the server is going down."""

_CLOSE = 8
_LONGER = {126: 2, 127: 8}


class Frames:
    """Follows the bytes of one direction."""

    __slots__ = ("_closed", "_head", "_left", "active")

    def __init__(self) -> None:
        self._head = b""  # of a frame whose content has not begun
        self._left = 0  # bytes of content still to come
        self._closed = False
        self.active = time.monotonic()
        """When bytes passed last, by the monotonic clock."""

    @property
    def may_close(self) -> bool:
        """Whether a Close may be put here: no frame is under way, and none has been sent."""
        return not (self._left or self._head or self._closed)

    def feed(self, data: bytes) -> None:
        """These bytes pass."""
        self.active = time.monotonic()
        at = 0
        while at < len(data):
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
            else:
                step = _size(self._head) - len(self._head)
                self._head += data[at : at + step]
                self._begin()
            at += step

    def _begin(self) -> None:
        head = self._head
        if len(head) < _size(head):
            return
        size = head[1] & 0x7F
        longer = _LONGER.get(size, 0)
        self._left = int.from_bytes(head[2 : 2 + longer], "big") if longer else size
        self._closed = self._closed or head[0] & 0x0F == _CLOSE
        self._head = b""


def going_away(*, masked: bool) -> bytes:
    """The Close that says why; a client's frames are masked (5.3), a server's are not."""
    if not masked:
        return b"\x88\x02" + _GOING_AWAY
    key = secrets.token_bytes(4)
    content = bytes(one ^ other for one, other in zip(_GOING_AWAY, key, strict=False))
    return b"\x88\x82" + key + content


def _size(head: bytes) -> int:
    """How many bytes a frame's head has, as far as its beginning tells."""
    if len(head) < 2:
        return 2
    return 2 + _LONGER.get(head[1] & 0x7F, 0) + (4 if head[1] & 0x80 else 0)
