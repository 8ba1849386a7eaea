"""Details: the whole scene of one exchange, as JSON. Every secret in it is masked."""

from collections.abc import Iterable
from typing import Any

from corsproxy.cors.decision import Kind
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import patch
from corsproxy.cors.explain.exchanges import exchange_json
from corsproxy.cors.explain.scene_text import told_json
from corsproxy.cors.masking import masked, masked_text
from corsproxy.watch.inspector.rows import row
from corsproxy.watch.inspector.snippets import snippets
from corsproxy.watch.message_head import Head, Mark, MarkedField, compared, parse, url_of
from corsproxy.watch.preflight_correlation import PATIENCE, follows
from corsproxy.watch.summary import unfollowed

CALLED_TOGETHER = 60.0
"""Seconds between a preflight and a request that are shown side by side."""


def details(exchange: Exchange, others: Iterable[Exchange], now: float) -> dict[str, Any]:
    """Everything that is known of `exchange`; `partner` is its preflight, or what followed it.

    `others` are looked through from the newest to the oldest.
    """
    found = partner(exchange, others)
    told = scene(exchange) | {"partner": scene(found) if found else None}
    finished = exchange.started + exchange.seconds
    granted = exchange.decision.kind is Kind.PREFLIGHT and exchange.decision.granted
    if granted and found is None and now - finished > PATIENCE:
        told["notices"].append(told_json(unfollowed(exchange)))
    return {key: without_secrets(value) for key, value in told.items()}


def scene(exchange: Exchange) -> dict[str, Any]:
    """One exchange in words, and the messages with what became of each header."""
    asked, response = parse(exchange.request_head), parse(exchange.response_head)
    upstream = parse(exchange.upstream_head)
    told = row(exchange) | exchange_json(exchange)
    patches = [check["patch"] for check in told["checks"] if check["patch"]]
    return told | {
        "wait_ms": round(exchange.wait * 1000, 1),
        "route": exchange.route,
        "peer": exchange.peer,
        "lane": exchange.lane,
        "detail": exchange.detail,
        "request_bytes": exchange.request_size,
        "response_bytes": exchange.response_size,
        "patch": patch.together(patches),
        "request": _message(asked, parse(exchange.forwarded_head)),
        "response": _message(upstream, response),
        "snippets": snippets(exchange, asked),
        "console": console(masked_text(url_of(exchange, asked)), told),
    }


def console(address: str, told: dict[str, Any]) -> str:
    """What the browser's console shows for a blocked response, in its form and our words."""
    blocked = told["outcome"]["blocked"] if told["outcome"] else {}
    seen = "include" if told["outcome"] and told["outcome"]["credentials_seen"] else "omit"
    why = blocked.get(seen)
    if not why or not why["chrome"]:
        return ""
    where = f"Access to fetch at '{address}' from origin '{told['origin']}'"
    return f"{where} has been blocked by CORS policy: {why['text']}. ({why['chrome']})"


def partner(exchange: Exchange, others: Iterable[Exchange]) -> Exchange | None:
    """The preflight of an actual request, or the actual request of a preflight."""
    asks = exchange.decision.kind is Kind.PREFLIGHT
    nearest = None
    for other in others:
        if abs(other.started - exchange.started) > CALLED_TOGETHER:
            continue
        if asks and other.started >= exchange.started and follows(exchange, other):
            nearest = other  # the first after it is the last that is found
        asked = other.decision.kind is Kind.PREFLIGHT and other.started <= exchange.started
        if not asks and asked and follows(other, exchange):
            return other
    return nearest


def without_secrets(value: Any) -> Any:
    """`value` with the secrets in all its texts masked; names of headers have been seen to."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, dict):
        return {key: without_secrets(element) for key, element in value.items()}
    return [without_secrets(element) for element in value] if isinstance(value, list) else value


def _message(came: Head, left: Head) -> dict[str, Any]:
    """A message on its way through us; where it ended or began here, no header was marked."""
    passed_on = bool(came.start and left.start)
    if passed_on:
        marked = compared(masked(came.headers), masked(left.headers))
    else:
        mark = Mark.KEPT if came.start else Mark.ADDED
        marked = [MarkedField(mark, *pair) for pair in masked(came.headers or left.headers)]
    lines = [[line.mark.value, line.name, line.value] for line in marked]
    return {"start": left.start or came.start, "headers": lines, "passed_on": passed_on}
