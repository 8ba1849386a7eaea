"""The log for programs: one JSON object per line. The names in it are documented and stay.

Nothing but ASCII is written; whatever a terminal could act upon is a JSON escape.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import exchange_differences
from corsproxy.cors.masking import masked_text
from corsproxy.cors.reasons import ExplainedReason
from corsproxy.watch.request_ids import request_ids
from corsproxy.watch.summary import PolicyVerdict, parted, refusals, stopped, unfollowed, verdict

MAX_TEXT_LENGTH = 2048
"""Characters of one value from the network; what is longer is cut, and ends in dots."""

_ENCODER = json.JSONEncoder(separators=(",", ":"))


class JsonLines:
    """Makes the lines."""

    def line(self, exchange: Exchange) -> str:
        """The line for a request: `event` is "request"; "open" while its response goes on."""
        record = _record("open" if exchange.open else "request", exchange) | {
            "peer": exchange.peer,
            "route": exchange.route,
            "status": exchange.status,
            "ms": round(exchange.seconds * 1000, 3),
            "upstream_ms": round(exchange.wait * 1000, 3),
            "request_bytes": exchange.request_size,
            "response_bytes": exchange.response_size,
            **request_ids(exchange).given,
        }
        judged = verdict(exchange)
        record["verdict"] = judged.value
        if judged is PolicyVerdict.REFUSED:
            record["reasons"] = [
                {
                    "check": check.check.value,
                    "reason": check.reason_id,
                    "text": check.text,
                    "fix": check.fix,
                    "place": str(check.span) if check.span else None,
                }
                for check in refusals(exchange)
            ]
        if found := exchange_differences(exchange):
            record["differences"] = [
                {"reason": one.id, "text": one.text, "fix": one.fix} for one in found
            ]
        elif reason := stopped(exchange):
            record["blocked"] = _in_browsers(reason)
        elif reason := parted(exchange):
            record["parted"] = _in_browsers(reason)
        if exchange.failure:
            record |= {"failure": exchange.failure, "detail": exchange.detail}
            if exchange.fix:
                record["fix"] = exchange.fix
        return dumped(record)

    def unfollowed(self, preflight: Exchange) -> str:
        """The line for a granted preflight without its request: `event` is "unfollowed"."""
        reason = unfollowed(preflight)
        entry = {
            "check": None,
            "reason": reason.id,
            "text": reason.text,
            "fix": reason.fix,
            "place": None,
        }
        return dumped(_record("unfollowed", preflight) | {"reasons": [entry]})

    def dropped(self, count: int, now: float) -> str:
        """The line for what was too much to be written: `event` is "dropped"."""
        return self.event("dropped", {"count": count}, now)

    def note(self, text: str, now: float) -> str:
        """The line for what belongs to no request: `event` is "note"."""
        return self.event("note", {"text": text}, now)

    def event(self, name: str, data: Mapping[str, Any], now: float) -> str:
        """The line for what is no request: what happened to the program itself, and to the log."""
        return dumped({"time": timestamp(now), "event": name, **data})


def _in_browsers(reason: ExplainedReason) -> dict[str, Any]:
    """What a browser makes of the response, and each of them."""
    browsers = dict(reason.browsers)
    return {"reason": reason.id, "text": reason.sentence, "fix": reason.fix, "browsers": browsers}


def dumped(value: Any) -> str:
    """`value` as one line of JSON in ASCII, every text in it masked and cut."""
    return _ENCODER.encode(_bounded(value)).replace("\x7f", "\\u007f")


def timestamp(seconds: float) -> str:
    """UTC with milliseconds, as ISO 8601 and RFC 3339 spell it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _record(event: str, exchange: Exchange) -> dict[str, Any]:
    request = exchange.decision.request
    return {
        "time": timestamp(exchange.started),
        "event": event,
        "id": exchange.id,
        "kind": exchange.decision.kind.value,
        "method": exchange.method,
        "target": exchange.target,
        "origin": request.origin,
    }


def _bounded(value: Any) -> Any:
    if isinstance(value, str):
        return masked_text(value, MAX_TEXT_LENGTH)
    if isinstance(value, dict):
        return {key: _bounded(element) for key, element in value.items()}
    return [_bounded(element) for element in value] if isinstance(value, list) else value
