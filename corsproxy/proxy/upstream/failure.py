"""UpstreamFailure: no response, or half of one. Each has an id, a status and a sentence."""

import os
import re
import socket
import ssl
from typing import Self

from corsproxy.cors.escape import escaped
from corsproxy.proxy.http1.refusals import Refusal
from corsproxy.proxy.upstream import cures

_SENTENCES = {
    "refused": "{0} refuses connections: nothing listens there",
    "unreachable": "{0} cannot be reached: {1}",
    "dns": "the name of {0} cannot be resolved: {1}",
    "connect-timeout": "{0} accepted no connection within {1:g} s",
    "proxy": "the way to {0} leads through an HTTP proxy that does not let it pass: {1}",
    "tls": "the TLS handshake with {0} failed: {1}",
    "head-timeout": "{0} sent no response within {1:g} s",
    "idle-timeout": "{0} was silent for {1:g} s in the middle of an exchange",
    "closed": "{0} closed the connection without a response",
    "reset": "{0} reset the connection before its response",
    "malformed": "{0} sent what is not HTTP: {1}",
    "truncated": "{0} ended its response before it was complete",
}
FAILURES = frozenset(_SENTENCES)
"""Every id that a failure can have."""

_RESTARTING = frozenset(
    {"refused", "unreachable", "connect-timeout", "closed", "reset", "truncated"}
)
"""What an upstream looks like that is just being started anew."""

_FOR_EVENT_SOURCE = re.compile(rb"(?i:\r\naccept):[\t ]*text/event-stream[\t ]*\r\n")

_TIMEOUTS = frozenset({"connect-timeout", "head-timeout", "idle-timeout"})


class UpstreamFailure(Exception):
    """What went wrong on the way to the upstream; `sentence` holds no secret and is escaped.

    `stale` says that a pooled connection died before any byte of the response came and that the
    request may be sent once more (RFC 9110, 9.2.2; RFC 9112, 9.3.1).
    """

    def __init__(
        self,
        cause: str,
        upstream: cures.Upstream,
        detail: object = "",
        *,
        fix: str = "",
        name: object = None,
    ) -> None:
        self.id = cause
        self.fix = fix or cures.cure(cause, upstream, detail)
        """What helps, in one line; "" where nothing is known to."""
        self.status = 504 if cause in _TIMEOUTS else 502
        self.sentence = _SENTENCES[cause].format(name or upstream, detail)
        self.stale = False
        super().__init__(self.sentence)

    @property
    def refusal(self) -> Refusal:
        """What the client is told of it, where nothing of a response has left."""
        return Refusal(self.status, self.sentence, id=self.id, fix=self.fix)

    def leaves_reconnecting(self, request_head: bytes) -> bool:
        """Whether to cut the client's connection rather than answer with an error.

        An EventSource whose upstream is being started anew tries again by itself after a network
        error, and never again after a status that is not 200 (HTML, 9.2.2:
        https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model).
        Only EventSource asks for nothing but `text/event-stream`; a `fetch` wants to see the 502.
        """
        if self.id not in _RESTARTING or not request_head.startswith(b"GET "):
            return False
        return _FOR_EVENT_SOURCE.search(request_head) is not None

    @classmethod
    def of(
        cls, error: Exception, upstream: cures.Upstream, seconds: float, name: object = None
    ) -> Self:
        """The failure that `error`, raised while connecting, stands for.

        `name` is what is connected to, where that is not the upstream itself.
        """
        if isinstance(error, TimeoutError) and error.errno is None:
            return cls("connect-timeout", upstream, seconds, name=name)
        if isinstance(error, ssl.SSLError | ssl.CertificateError):
            return cls.of_tls(error, upstream)
        if isinstance(error, socket.gaierror):
            return cls("dns", upstream, escaped(error.strerror or ""), name=name)
        if isinstance(error, ConnectionRefusedError):
            return cls("refused", upstream, name=name)
        if isinstance(error, ConnectionResetError):
            return cls("reset", upstream, name=name)
        # asyncio's own words for an error of the system name the address as Python writes it.
        number = error.errno if isinstance(error, OSError) else None
        detail = os.strerror(number) if number else str(error)
        return cls("unreachable", upstream, escaped(detail), name=name)

    @classmethod
    def of_tls(cls, error: ssl.SSLError | ssl.CertificateError, upstream: cures.Upstream) -> Self:
        """The failure that an error of TLS stands for, in the handshake or after it."""
        verified = getattr(error, "verify_message", "") or getattr(error, "reason", "")
        detail = verified or str(error) or "connection lost"
        return cls("tls", upstream, escaped(detail), fix=cures.of_tls(error, upstream))
