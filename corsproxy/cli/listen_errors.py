"""Listening, or the reason why not."""

from typing import Protocol

from corsproxy.config.address import ListenAddress


class Starting(Protocol):
    """What listens."""

    async def start(self) -> None: ...


async def start(server: Starting, flag: str = "--listen") -> None:
    """Start; an OSError says which address, and what to do: `flag` gives another."""
    try:
        await server.start()
    except OSError as error:
        if getattr(error, "address", None) is None:  # it says what the matter is
            raise
        raise OSError(explained(error, flag)) from error


def explained(error: OSError, flag: str = "--listen") -> str:
    """Which address cannot be listened on, and what to do; "" for any other error."""
    address: ListenAddress | None = getattr(error, "address", None)
    return f"cannot listen on {address}: {_cause(error, flag)}" if address is not None else ""


def _cause(error: OSError, flag: str) -> str:
    import errno

    match error.errno:
        case errno.EADDRINUSE:
            return f"it is in use\n  fix: stop what listens there, or choose another by {flag}"
        case errno.EACCES:
            return "this user is not permitted to\n  fix: choose a port above 1023"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address\n  fix: 127.0.0.1, or 0.0.0.0 for all"
    return error.strerror or str(error)
