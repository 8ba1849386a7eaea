"""Ids that others know a request by, so that it is found under them here, too.

nginx, Envoy and most platforms name a request by `X-Request-Id`; OpenTelemetry by the trace in
`traceparent` (W3C Trace Context, 3.2). Both pass untouched. What the client sent counts, else what
left for the upstream, else what the upstream says in its response.
"""

import re
from typing import NamedTuple

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.masking import masked_text

MAX_ID_LENGTH = 128
"""Characters that are kept: ids are shorter, and whoever searches gives no more."""

_REQUEST_ID = re.compile(rb"\nx-request-id:[\t ]*([!-~]+)", re.IGNORECASE)
_TRACE = re.compile(
    rb"\ntraceparent:[\t ]*[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-", re.IGNORECASE
)


class RequestIds(NamedTuple):
    """Of one exchange; "" for what nobody has given."""

    request_id: str
    trace_id: str

    @property
    def given(self) -> dict[str, str]:
        """Those that there are, by their names in the log."""
        return {name: value for name, value in self._asdict().items() if value}


def request_ids(exchange: Exchange) -> RequestIds:
    """The ids of `exchange`, masked where they look like a secret."""
    asked = (exchange.request_head, exchange.forwarded_head)
    request_id = _first(_REQUEST_ID, *asked, exchange.upstream_head)
    return RequestIds(masked_text(request_id, MAX_ID_LENGTH), _first(_TRACE, *asked))


def _first(pattern: re.Pattern[bytes], *heads: bytes) -> str:
    for head in heads:
        if found := pattern.search(head):
            return found[1].decode("ascii")
    return ""
