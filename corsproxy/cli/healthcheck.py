"""corsproxy healthcheck: whether the running proxy is well; for a container's HEALTHCHECK."""

import http.client
import socket
import sys

import click

from corsproxy.cli import NO
from corsproxy.cli.options import Sources, settings
from corsproxy.config.address import ListenAddress, TcpAddress

PATIENCE = 3.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@click.command("healthcheck")
@settings
def command(sources: Sources) -> int:
    """Ask the running proxy whether it is well.

    It is asked at its admin address, read from the same settings as `run` reads. Exits 0 if it
    says so, 1 if not.
    """
    address = sources.load(offline=True).config.admin
    if address is None:
        return _unwell("admin is off: there is nobody to ask", "set admin: 127.0.0.1:8081")
    try:
        status = ask(address)
    except OSError as error:
        return _unwell(f"{address} gives no answer: {error.strerror or error}", "corsproxy run")
    return 0 if status == http.client.OK else _unwell(f"{address} answers {status}", "")


def ask(address: ListenAddress) -> int:
    """The status of /healthz at `address`; raises OSError."""
    connection = _Connection(address)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except http.client.HTTPException as error:
        raise OSError(f"{error!r} is no answer") from error
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """To a TCP address, or to a socket in the file system."""

    def __init__(self, address: ListenAddress) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._address = address

    def connect(self) -> None:
        if isinstance(self._address, TcpAddress):
            host = _ANY.get(self._address.host, self._address.host)
            self.sock = socket.create_connection((host, self._address.port), PATIENCE)
            return
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._address.path)


def _unwell(message: str, fix: str) -> int:
    print(f"corsproxy: {message}", *([f"  fix: {fix}"] if fix else []), sep="\n", file=sys.stderr)
    return NO
