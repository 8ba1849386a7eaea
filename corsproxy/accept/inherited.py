"""Sockets that were opened before the program began, as systemd opens them.

What is listened on is said by the configuration alone: a socket is taken where its address is
listened on, and one that nobody asked for is an error. So that an address which a reload gives up
can be taken again, each socket stays open here, and what is served from is a duplicate.

https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
"""

import functools
import os
import socket
from collections.abc import Mapping, MutableMapping
from typing import Any

from corsproxy.config.address import TcpAddress, UnixAddress
from corsproxy.cors.numbers import number

FIRST = 3
"""The descriptor of the first of them."""

MOST = 1024
"""How many are believed in."""

VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


class Inherited:
    """The sockets that `environ` says process `pid` was given; none where it says nothing."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        """Raises OSError where a descriptor that is named is not a listening socket."""
        ours = environ.get("LISTEN_PID") == str(pid)
        count = number(environ.get("LISTEN_FDS", ""), MOST) if ours else 0
        self._sockets = [_listening(FIRST + index) for index in range(count or 0)]
        self._taken: set[Any] = set()

    def take(self, family: int, name: Any) -> socket.socket | None:
        """The one with that address, where there is one; its owner closes it."""
        for sock in self._sockets:
            if sock.family == family and sock.getsockname() == name:
                self._taken.add(name)
                return sock.dup()
        return None

    def holds(self, name: Any) -> bool:
        """Whether a socket with that name stays open here, whoever else closes it."""
        return any(sock.getsockname() == name for sock in self._sockets)

    def has(self, path: str) -> bool:
        """Whether the `unix:` socket at `path` is one of them, which is not ours to remove."""
        return self.holds(path)

    def nobody_asked_for(self) -> list[str]:
        """Addresses of sockets that nothing listens on, as `listen` would have them."""
        names = [sock.getsockname() for sock in self._sockets]
        return [_address(name) for name in names if name not in self._taken]


def _listening(descriptor: int) -> socket.socket:
    try:
        sock = socket.socket(fileno=descriptor)
        listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise OSError(f"LISTEN_FDS names descriptor {descriptor}: {error.strerror}") from error
    if not listens:
        sock.detach()
        raise OSError(f"LISTEN_FDS names descriptor {descriptor}, which does not listen")
    sock.set_inheritable(False)
    sock.setblocking(False)
    return sock


def _address(name: Any) -> str:
    if isinstance(name, str):
        return str(UnixAddress(name))
    return str(TcpAddress(name[0], name[1]))


@functools.cache
def inherited() -> Inherited:
    """Those of this process. Its children are told of none."""
    found = Inherited(os.environ, os.getpid())
    _forget(os.environ)
    return found


def _forget(environ: MutableMapping[str, str]) -> None:
    for name in VARIABLES:
        environ.pop(name, None)


def demand_that_each_is_used() -> None:
    """Raise OSError, with its cure, where a socket that was handed over is listened on by nobody.

    Whoever connects to such a socket would wait for ever.
    """
    if unused := inherited().nobody_asked_for():
        addresses = ", ".join(unused)
        raise OSError(
            f"a socket on {addresses} was handed over, and nothing listens there\n"
            f"  fix: give {unused[0]} to listen or admin, or take it out of the socket unit"
        )
