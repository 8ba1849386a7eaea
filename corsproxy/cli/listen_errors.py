"""Listening, or the reason why not."""

from typing import Protocol

from corsproxy.config.address import ListenAddress, UnixAddress


class Starting(Protocol):
    """What listens."""

    async def start(self) -> None: ...


async def start(server: Starting) -> None:
    """Start; an OSError says which address, and what to do."""
    try:
        await server.start()
    except OSError as error:
        address: ListenAddress | None = getattr(error, "address", None)
        if address is None:  # it says what the matter is
            raise
        raise OSError(f"cannot listen on {address}: {_cause(error, address)}") from error


def _cause(error: OSError, address: ListenAddress) -> str:
    import errno

    name = "admin" if isinstance(address, UnixAddress) else "port"
    match error.errno:
        case errno.EADDRINUSE:
            return f"it is in use\n  fix: stop it, or choose another {name}"
        case errno.EACCES:
            return "this user is not permitted to\n  fix: choose a port above 1023"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address\n  fix: 127.0.0.1, or 0.0.0.0 for all"
    return error.strerror or str(error)
