"""What the commands ask the running proxy, at its admin address."""

import http.client
import socket
from typing import NamedTuple

from corsproxy.config.address import ListenAddress, TcpAddress

ADMIN_TIMEOUT = 3.0
"""Seconds, for the connection and for each read."""


class AdminResponse(NamedTuple):
    """What the proxy says."""

    status: int
    content: bytes


def ask(address: ListenAddress, target: str) -> AdminResponse:
    """The response to a GET of `target` at `address`; raises OSError."""
    connection = _Connection(address)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        return AdminResponse(response.status, response.read())
    except http.client.HTTPException as error:
        raise OSError(f"{error!r} is not a response") from error
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """To a TCP address, or to a socket in the file system."""

    def __init__(self, address: ListenAddress) -> None:
        super().__init__("localhost", timeout=ADMIN_TIMEOUT)
        self._address = address

    def connect(self) -> None:
        if isinstance(self._address, TcpAddress):
            address = self._address.reachable
            self.sock = socket.create_connection((address.host, address.port), ADMIN_TIMEOUT)
            return
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(ADMIN_TIMEOUT)
        self.sock.connect(self._address.path)
