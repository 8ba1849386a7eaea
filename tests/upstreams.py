"""An upstream that does as a test says, in a thread: raw bytes, real sockets."""

import contextlib
import socket
import threading
from collections.abc import Callable

from tests.wire.messages import Message, Truncated, Wire, reply

Script = Callable[[Wire, Message], object]
"""Answers one request, whose content it reads itself. False: the connection ends then."""


def hello(wire: Wire, request: Message) -> None:
    """Read the content, say hello."""
    wire.read_content(request)
    wire.send(reply(b"" if request.method == b"HEAD" else b"hello"))


class Upstream:
    """Listens on a port of its own; `script` is replaced by each test, `seen` emptied."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self.script: Script = hello
        self.greeting = b""
        """What each connection gets before any request."""
        self.seen: list[Message] = []
        self.wires: list[Wire] = []
        self.unsound: list[BaseException] = []
        """What could not be read in one way: the proxy's fault, always."""
        self._closed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reset(self) -> None:
        """Be as new, but for the connections."""
        self.script = hello
        self.seen, self.unsound = [], []

    def close(self) -> None:
        """Stop listening, and end every connection."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # else the thread goes on accepting
        self._listener.close()
        for wire in tuple(self.wires):  # whose threads each take theirs out
            with contextlib.suppress(OSError):
                wire.sock.shutdown(socket.SHUT_RDWR)  # else a thread that waits goes on reading
            wire.sock.close()

    def wait_closed(self, seconds: float = 5.0) -> bool:
        """Wait until no connection is open."""
        with self._closed:
            return self._closed.wait_for(lambda: not self.wires, seconds)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            wire = Wire(sock)
            self.wires.append(wire)
            threading.Thread(target=self._serve, args=(wire,), daemon=True).start()

    def _serve(self, wire: Wire) -> None:
        try:
            wire.sock.settimeout(None)
            wire.send(self.greeting)
            while True:
                request = wire.head()
                self.seen.append(request)
                if self.script(wire, request) is False:
                    return
        except Truncated as end:
            if end.args[0] not in (b"", "reset"):
                self.unsound.append(end)
        except OSError:
            pass
        except BaseException as error:  # noqa: BLE001 - judged by the test
            self.unsound.append(error)
        finally:
            wire.sock.close()
            with self._closed:
                self.wires.remove(wire)
                self._closed.notify_all()
