"""What is bound to a platform: a socket that is not closed in order, the event loop, signals.

Each has its stand-in where the platform lacks it.
"""

import asyncio
import contextlib
import gc
import importlib
import importlib.util
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

_PIECE = 65536
_CERTIFICATES = "SSL_CERT_FILE"

COLLECTED = 10_000
"""Objects that may be made before the collector looks at them."""


def run(main: Coroutine[Any, Any, int]) -> int:
    """`main`, on uvloop where there is one."""
    factory = None
    if importlib.util.find_spec("uvloop") is not None:
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)


def import_aiohttp() -> None:
    """Import aiohttp for a program that does not use its client.

    At its import it makes two TLS contexts for its client, each with all certificates of the
    system: 40 ms and 2 MiB. OpenSSL finds none where this variable says so. The contexts for
    upstreams are made later (`upstream/tls`), and have what they need.
    """
    before = os.environ.get(_CERTIFICATES)
    os.environ[_CERTIFICATES] = os.devnull
    try:
        importlib.import_module("aiohttp")
    finally:
        os.environ.pop(_CERTIFICATES)
        if before is not None:
            os.environ[_CERTIFICATES] = before


def settle() -> None:
    """Turn the collector of cycles on, past what start-up made, and let it look less often.

    Of start-up it would take a tenth. An exchange makes no cycles; at its default the collector
    takes 2 % of the time under load.
    """
    gc.freeze()
    gc.set_threshold(COLLECTED)
    gc.enable()


def on_signals(names: str, call: Callable[[], None]) -> None:
    """Call `call` at each of these signals that the platform knows; from within the loop."""
    loop = asyncio.get_running_loop()
    for name in names.split():
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, call)
        except NotImplementedError:  # Windows: no loop there watches signals
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(call))


def reset_on_close(transport: asyncio.BaseTransport) -> None:
    """Let the connection end by a reset, which no peer takes for an orderly end."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family != getattr(socket, "AF_UNIX", None):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def received(transport: asyncio.BaseTransport, max_bytes: int) -> Iterator[bytes]:
    """What the system has received and `transport`, which failed, will not read any more.

    Piece by piece, at most about `max_bytes`; b"" is the connection's end, if that is reached.
    Nothing of TLS: what is left there are records, which only the transport could have opened.
    """
    own = transport.get_extra_info("socket")
    if own is None or own.fileno() < 0 or transport.get_extra_info("ssl_object") is not None:
        return
    with contextlib.suppress(OSError), socket.fromfd(own.fileno(), own.family, own.type) as sock:
        sock.setblocking(False)
        while max_bytes > 0:
            data = sock.recv(_PIECE)
            yield data
            if not data:
                return
            max_bytes -= len(data)


def ended_in_order(transport: asyncio.BaseTransport, exc: Exception) -> bool:
    """Whether the peer had sent its FIN before the reset that is `exc`.

    Linux says EPIPE of a reset after a FIN and ECONNRESET of any other (tcp_reset in
    net/ipv4/tcp_input.c). Elsewhere, and for a Unix socket, EPIPE says nothing of the kind.
    """
    own = transport.get_extra_info("socket")
    is_tcp = own is not None and own.family in (socket.AF_INET, socket.AF_INET6)
    return sys.platform == "linux" and is_tcp and isinstance(exc, BrokenPipeError)
