"""Failing: what is said of an exception that a request to the admin address has raised.

A traceback shows the values at hand, and those are a request's: its cookies, its URL. So what is
told is the kind of the exception and the line of ours that raised it, once for each.
"""

import logging
from types import TracebackType

from corsproxy.watch.once import Once

logger = logging.getLogger(__name__)

_reported = Once()


def report(error: BaseException | None) -> None:
    """Say once for each place that something failed there, and nothing of what was asked."""
    place = _place(error.__traceback__ if error is not None else None)
    if _reported.count((type(error), place)) == 1:
        logger.error("the admin address failed (%s at %s)", type(error).__name__, place)


def _place(trace: TracebackType | None) -> str:
    """The innermost line of ours in a traceback."""
    place = "an unknown place"
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename.replace("\\", "/")
        _, ours, within = file.rpartition("/corsproxy/")
        if ours:
            place = f"corsproxy/{within}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
