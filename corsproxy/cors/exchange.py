"""Exchange: the finished record of one request, what every watcher receives."""

from typing import NamedTuple

from corsproxy.cors.decision import Decision
from corsproxy.cors.policy import Policy

UPSTREAM_FAILURES = frozenset(
    {
        "closed",
        "connect-timeout",
        "dns",
        "head-timeout",
        "idle-timeout",
        "malformed",
        "proxy",
        "refused",
        "reset",
        "tls",
        "truncated",
        "unreachable",
    }
)
"""The failures that are the upstream's; all others are the client's, or a refusal of ours."""


class Exchange(NamedTuple):
    """One request and what became of it: references only; watchers make words of them, later.

    One whose response goes on for a while (a stream, a WebSocket, a long download) is told of twice
    under one id: with `open` as soon as that is seen, and without it at its end.

    `request_head` and `response_head` are the bytes of the head as they came from the client and as
    they left for it; `upstream_head` is the response's head as the upstream sent it, empty when the
    request was not forwarded or no response came. Nothing in an Exchange is masked or escaped:
    that is the duty of whoever prints it.
    """

    id: str
    started: float
    """Seconds since the epoch."""
    seconds: float
    """From the head's arrival to the last byte of the response."""
    peer: str
    route: str
    """The route's path as configured; "/" for the whole."""
    policy: Policy
    decision: Decision
    method: str
    target: str
    request_head: bytes
    status: int
    """The status that left; 0 when nothing did."""
    response_head: bytes
    upstream_head: bytes = b""
    request_size: int = 0
    response_size: int = 0
    """Bytes of content."""
    failure: str = ""
    """The id of what went wrong ("refused", "head-timeout", "client-gone", "not-found", ...)."""
    detail: str = ""
    """The same as one sentence, escaped."""
    fix: str = ""
    """What helps against it, in one line; "" where nothing is known to."""
    forwarded_head: bytes = b""
    """The request's head as it left for the upstream; empty when it was not forwarded."""
    wait: float = 0.0
    """Seconds until the upstream's head was there; 0 when there was none."""
    lane: str = "ordinary"
    open: bool = False
    """Whether the head of the response is out, and its end is still to come."""
    other_upstreams: tuple[str, ...] = ()
    """Paths of the routes that lead to other upstreams, for every host: they get its cookies."""

    @property
    def upstream_failed(self) -> bool:
        """Whether what went wrong did so on the way to the upstream, or there."""
        return self.failure in UPSTREAM_FAILURES

    @property
    def client_left(self) -> bool:
        """Whether the client did not want, or did not take, the whole response: its right."""
        return self.failure in ("client-gone", "client-stalled")
