"""What `exchange_json` says, as text for people."""

from collections.abc import Iterator
from typing import Any

from corsproxy.cors.escape import printable


def exchange_text(exchange: dict[str, Any]) -> str:
    """Tell one exchange: each check, the browser's verdict in both credentials modes, the rest."""
    target = printable(str(exchange.get("target", "")))
    page = f"from {printable(exchange['origin'])}" if exchange["origin"] else "without Origin"
    request = " ".join(filter(None, (exchange["kind"], target, page)))
    lines = [f"{printable(str(exchange['id']))}: {request} -> {exchange['status']}"]
    for check in exchange["checks"]:
        lines += _check(check)
    if exchange["outcome"] is not None:
        lines += ["", *_outcome(exchange["outcome"])]
    for notice in (*exchange["notices"], *exchange["differences"]):
        held = f" ({notice['holds']})" if notice["holds"] else ""
        lines += ["", f"note: {notice['text']}{held} [{notice['id']}]", f"  fix: {notice['fix']}"]
    return "\n".join(lines) + "\n"


def _check(check: dict[str, Any]) -> Iterator[str]:
    word = "passed" if check["passed"] else "refused"
    place = f"  ({check['place']})" if check["place"] else ""
    yield f"   {word:<8}{check['check']:<7} {check['text']}{place}"
    if check["fix"]:
        yield f"     fix: {check['fix']}"
    yield from (f"       {line}" for line in check["patch"].splitlines())


def _outcome(outcome: dict[str, Any]) -> Iterator[str]:
    modes = {"omit": "without credentials", "include": "with credentials"}
    for mode, words in modes.items():
        blocked = outcome["blocked"][mode]
        if blocked is None:
            yield f"{words}: the browser goes on"
        else:
            held = f" ({blocked['holds']})" if blocked["holds"] else ""
            yield f"{words}: the browser stops: {blocked['text']}{held} [{blocked['chrome']}]"
