"""LibraryLogging: what libraries and the interpreter have to say, led through the log.

logging, warnings and the interpreter's hooks write to standard error from wherever they are called,
which is the loop; a reader that stands still would stop it for ever, SIGTERM included. Here each
becomes one line of the log: bounded, masked, without control bytes and without the texts of
exceptions, which quote what came from the network. What comes again is told at powers of ten only.
"""

import asyncio
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from corsproxy.cors.escape import printable
from corsproxy.watch.log.repetitions import Repetitions
from corsproxy.watch.watcher_errors import WatcherErrors, described


class LibraryLogging(logging.Handler):
    """A handler for the root logger; `tell` gets one sentence for each record worth one."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self._told = Repetitions()

    def emit(self, record: logging.LogRecord) -> None:
        """Tell the first, the tenth, the hundredth of its kind."""
        try:
            error = record.exc_info[1] if record.exc_info else None
            why = f" ({described(error)})" if error else ""
            times = self._told.count((record.name, record.levelno, str(record.msg), why))
            if not _power_of_ten(times):
                return
            text = printable(record.getMessage())
        except Exception as failure:  # noqa: BLE001 - a message that does not fit its arguments
            times, why, text = 1, "", f"a record that cannot be read: {described(failure)}"
        again = f", {times} times" if times > 1 else ""
        self._tell(f"{record.name}: {text}{why}{again}")

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say nothing: it would be said on standard error."""


@contextmanager
def led_through(tell: Callable[[str], None], faults: WatcherErrors) -> Iterator[None]:
    """While the block lasts nothing writes to standard error but `tell`; from within the loop."""
    root, loop = logging.getLogger(), asyncio.get_running_loop()
    handlers, hooks = root.handlers[:], (sys.unraisablehook, threading.excepthook)
    shown, handler = warnings.showwarning, loop.get_exception_handler()
    root.handlers[:] = [LibraryLogging(tell)]
    logging.captureWarnings(True)
    sys.unraisablehook = lambda raised: _note(faults, "program", raised.exc_value)
    threading.excepthook = lambda raised: _note(faults, "thread", raised.exc_value)
    loop.set_exception_handler(lambda _, context: _uncaught(faults, context))
    try:
        yield
    finally:
        loop.set_exception_handler(handler)
        sys.unraisablehook, threading.excepthook = hooks
        logging.captureWarnings(False)
        warnings.showwarning = shown
        root.handlers[:] = handlers


def _uncaught(faults: WatcherErrors, context: dict[str, Any]) -> None:
    """An exception that nobody awaits: counted as the loop's; else the loop's own words."""
    if isinstance(error := context.get("exception"), BaseException):
        faults.note("loop", error)
    else:
        logging.getLogger("asyncio").error(str(context.get("message", "")))


def _note(faults: WatcherErrors, name: str, error: BaseException | None) -> None:
    if error is not None:
        faults.note(name, error)


def _power_of_ten(number: int) -> bool:
    return str(number).strip("0") == "1"
