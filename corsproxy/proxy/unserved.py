"""Responses to what is not served: malformed, too large, or one connection too many.

A page is told "CORS error" unless the response carries CORS headers, where the truth is a cookie
that is too large. So what can be made out of the head is judged by the policy, and reported to the
watchers; nothing of it is ever forwarded.
"""

import re
from collections.abc import Sequence

from corsproxy.cors.decision import Action
from corsproxy.cors.request import MAX_METHOD_BYTES
from corsproxy.proxy.admission import Admission
from corsproxy.proxy.http1 import own_responses
from corsproxy.proxy.http1.field_lines import TOKEN_BYTE, is_field_line
from corsproxy.proxy.http1.incoming_request import Client, Incoming, head_of
from corsproxy.proxy.http1.refusals import Refusal
from corsproxy.proxy.record import Record, Watcher

_REQUEST_LINE = re.compile(rb"(" + TOKEN_BYTE + rb"{1,%d}) (/[!-~]*) HTTP/" % MAX_METHOD_BYTES)


class Unserved:
    """A request of which no more is read. `head` is what came of it; it may be cut anywhere."""

    def __init__(self, head: bytes, admission: Admission, client: Client, exchange_id: str) -> None:
        self._incoming = partial_head(head)
        method = self._incoming.method if self._incoming.method != "-" else "GET"
        self._admitted = admission.admit(self._incoming._replace(method=method), client)
        head = head_of(self._incoming)  # a malformed line may hold secrets
        self._record = Record.of(exchange_id, client.address, self._incoming, head, self._admitted)

    def response(self, refusal: Refusal, watchers: Sequence[Watcher]) -> bytes:
        """All that leaves: why it is not served, readable by a page of a granted origin."""
        policy, decision = self._admitted.destination.route.policy, self._admitted.decision
        found = own_responses.refusal(policy, decision, refusal, self._record.id)
        self._record.failed(refusal.id, refusal.detail, refusal.fix)
        return self._out(found, watchers)

    def preflight_response(self, watchers: Sequence[Watcher]) -> bytes:
        """The policy's response to a preflight, which makes the next request readable; or b""."""
        policy, decision = self._admitted.destination.route.policy, self._admitted.decision
        if decision.action is not Action.ANSWER:
            return b""
        return self._out(own_responses.preflight(policy, decision, self._record.id), watchers)

    def _out(self, response: own_responses.OwnResponse, watchers: Sequence[Watcher]) -> bytes:
        content = b"" if self._incoming.method == "HEAD" else response.content
        self._record.status = response.status
        self._record.response_head = response.head(close=True)
        self._record.response_size = len(content)
        self._record.finish(watchers)
        return self._record.response_head + content


def partial_head(head: bytes) -> Incoming:
    """What can be made out of a head: its request line, if it is one, and its sound whole lines.

    The method is "-" where none can be read.
    """
    first, *lines = head.split(b"\r\n")
    whole = lines[: lines.index(b"")] if b"" in lines[:-1] else lines[:-1]
    fields = [
        (name.decode("latin-1"), value.decode("latin-1").strip(" \t"))
        for name, _, value in (line.partition(b":") for line in whole if is_field_line(line))
    ]
    found = _REQUEST_LINE.match(first) if lines else None
    method, target = (found[1], found[2]) if found else (b"-", b"/")
    host = next((value for name, value in fields if name.lower() == "host"), "")
    return Incoming(method.decode("ascii"), target.decode("ascii"), fields, host)
