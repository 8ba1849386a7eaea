"""Details: the whole scene of one exchange, as JSON. Every secret in it is masked."""

from collections.abc import Iterable
from typing import Any

from corsproxy.cors.decision import Kind
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import patch
from corsproxy.cors.explain.exchanges import exchange_json
from corsproxy.cors.explain.scene_text import reason_json
from corsproxy.cors.masking import masked, masked_text
from corsproxy.watch.inspector.rows import row
from corsproxy.watch.inspector.snippets import snippets
from corsproxy.watch.message_head import Head, Mark, MarkedField, compared, parse_head
from corsproxy.watch.preflight_correlation import FOLLOW_UP_TIMEOUT, follows
from corsproxy.watch.summary import unfollowed

CALLED_TOGETHER = 60.0
"""Seconds between a preflight and a request that are shown side by side."""


def details(exchange: Exchange, others: Iterable[Exchange], now: float) -> dict[str, Any]:
    """Everything that is known of `exchange`; `partner` is its preflight, or what followed it.

    `others` are looked through from the newest to the oldest.
    """
    found = partner(exchange, others)
    data = exchange_details(exchange) | {"partner": exchange_details(found) if found else None}
    finished = exchange.started + exchange.seconds
    granted = exchange.decision.kind is Kind.PREFLIGHT and exchange.decision.granted
    if granted and found is None and now - finished > FOLLOW_UP_TIMEOUT:
        data["notices"].append(reason_json(unfollowed(exchange)))
    return {key: without_secrets(value) for key, value in data.items()}


def exchange_details(exchange: Exchange) -> dict[str, Any]:
    """One exchange in words, and the messages with what became of each header."""
    asked, response = parse_head(exchange.request_head), parse_head(exchange.response_head)
    upstream = parse_head(exchange.upstream_head)
    data = row(exchange) | exchange_json(exchange)
    patches = [check["patch"] for check in data["checks"] if check["patch"]]
    return data | {
        "wait_ms": round(exchange.wait * 1000, 1),
        "route": exchange.route,
        "peer": exchange.peer,
        "lane": exchange.lane,
        "detail": exchange.detail,
        "fix": exchange.fix,
        "request_bytes": exchange.request_size,
        "response_bytes": exchange.response_size,
        "patch": patch.together(patches),
        "request": _message(asked, parse_head(exchange.forwarded_head)),
        "response": _message(upstream, response),
        "snippets": snippets(exchange, asked),
        "console": console(data),
    }


def console(data: dict[str, Any]) -> str:
    """What the browsers' consoles call what blocked the response: a line for each that says it."""
    blocked = data["outcome"]["blocked"] if data["outcome"] else {}
    seen = "include" if data["outcome"] and data["outcome"]["credentials_seen"] else "omit"
    why = blocked.get(seen) or {}
    names = {"Chrome": "chrome", "Firefox": "firefox", "WebKit": "webkit"}
    return "\n".join(f"{name}: {why[key]}" for name, key in names.items() if why.get(key))


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


def _message(received: Head, sent: Head) -> dict[str, Any]:
    """A message on its way through us; where it ended or began here, no header was marked."""
    passed_on = bool(received.start and sent.start)
    if passed_on:
        marked = compared(masked(received.headers), masked(sent.headers))
    else:
        mark = Mark.KEPT if received.start else Mark.ADDED
        marked = [MarkedField(mark, *pair) for pair in masked(received.headers or sent.headers)]
    lines = [[line.mark.value, line.name, line.value] for line in marked]
    return {"start": sent.start or received.start, "headers": lines, "passed_on": passed_on}
