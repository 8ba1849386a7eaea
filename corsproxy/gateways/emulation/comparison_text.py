"""A comparison as a table for people, and as JSON for programs."""

from collections.abc import Iterable, Sequence
from typing import Any

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.escape import printable
from corsproxy.cors.explain.scene_text import reason_json
from corsproxy.cors.secret_text import masked_text
from corsproxy.gateways.emulation.comparison import Elsewhere

_TITLES = ("gateway", "preflight", "request", "the page")
_DOCUMENTED = "* from the gateway's documentation; nobody could run it"


def table(attempt: Attempt, found: Sequence[Elsewhere]) -> str:
    """The attempt, a row for each gateway, and each reason once."""
    credentials = ", with credentials" if attempt.credentials else ""
    said = f"{printable(attempt.sent_method)} from {printable(attempt.origin)}{credentials}"
    rows = [_TITLES, *(_row(one) for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES) - 1)]
    lines = [said, "", *(_line(row, widths) for row in rows)]
    if any(one.documented for one in found):
        lines += ["", _DOCUMENTED]
    for identity, text in _reasons(found):
        lines += ["", f"{identity}: {text}"]
    return "\n".join(lines) + "\n"


def comparison_json(attempt: Attempt, found: Iterable[Elsewhere]) -> dict[str, Any]:
    """The same as one object; its keys are stable."""
    return {
        "origin": masked_text(attempt.origin),
        "method": attempt.sent_method,
        "credentials": attempt.credentials,
        "gateways": [elsewhere_json(one) for one in found],
    }


def elsewhere_json(one: Elsewhere) -> dict[str, Any]:
    """One gateway of it."""
    return {
        "gateway": one.name,
        "known": "documented" if one.documented else "observed",
        "preflight": one.preflight,
        "request": one.request,
        "outcome": "readable" if one.readable else "blocked",
        "reasons": [reason_json(why) for why in one.reasons],
    }


def _row(one: Elsewhere) -> tuple[str, str, str, str]:
    mark = " *" if one.documented else ""
    return f"{one.name}{mark}", one.preflight, one.request, one.outcome


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    *padded, last = row
    cells = (cell.ljust(width) for cell, width in zip(padded, widths, strict=True))
    return "  ".join((*cells, last))


def _reasons(found: Iterable[Elsewhere]) -> Iterable[tuple[str, str]]:
    """The reasons by their ids; of several texts with one id, the first."""
    texts: dict[str, str] = {}
    for one in found:
        if not one.readable:
            texts.setdefault(one.reasons[0].id, one.reasons[0].text)
    return texts.items()
