"""Plans: each made once for a combination of the headers that any rule looks at."""

import sys
from collections.abc import Hashable

from corsproxy.cors.policy import Mode
from corsproxy.limits import MAX_FIELDS
from corsproxy.proxy.admission import Admission
from corsproxy.proxy.fast.memo_budget import MAX_COST, MemoBudget, cost
from corsproxy.proxy.fast.plan import Plan, as_lines, in_place
from corsproxy.proxy.http1 import plain_request_head
from corsproxy.proxy.http1.forwarding import Looping
from corsproxy.proxy.http1.incoming_request import Client, Incoming
from corsproxy.proxy.http1.response_head import Lines
from corsproxy.proxy.routing import AmbiguousPath

_PLAN_BYTES, _HOST_BYTES = 3000, 300
"""What an entry takes without the lines that it is about."""


class Plans:
    """The plans for one client, by one configuration: a reload begins anew.

    With `closing` each response says that its connection ends.
    """

    def __init__(
        self, admission: Admission, client: Client, memory: MemoBudget, *, closing: bool = False
    ) -> None:
        self.admission: Admission | None = admission
        """By what they are made; None once they are retired, and others have to be asked for."""
        self.client = client
        self._admission = admission
        self._memory = memory
        self._closing = closing
        self._only = admission.routes.only is not None
        self._max_head = admission.config.limits.header_bytes
        self.max_unchecked_bytes = min(self._max_head, plain_request_head.SURELY_FEW)
        """Bytes of a head that `head_fits` need not be asked about."""
        max_content = admission.config.limits.body_bytes
        self._max_content = sys.maxsize if max_content is None else max_content
        self._plans: dict[Hashable, Plan] = {}
        self._hosts: dict[Lines, str] = {}

    def __len__(self) -> int:
        return len(self._plans)

    def find(self, method: bytes, target: bytes, lines: Lines) -> Plan | None:
        """The plan for a request with these special lines; None where it is for the other lane."""
        key = (method, lines) if self._only else (method, lines, self._route(target, lines))
        plan = self._plans.get(key)
        if plan is not None:
            return plan
        plan = self._make(method.decode("ascii"), target.decode("ascii"), lines)
        if plan is not None and (size := cost(lines)) <= MAX_COST:
            self._memory.keep(self._plans, key, plan, _PLAN_BYTES + size)
        return plan

    def head_fits(self, head: bytes) -> bool:
        """Whether so large a head, with so many headers, is for this lane."""
        return len(head) <= self._max_head and head.count(b"\n") <= MAX_FIELDS

    def _route(self, target: bytes, lines: Lines) -> int:
        """Which route the request takes, as a number; 0 where that is not for this lane to say."""
        host = self._hosts.get(lines)
        if host is None:
            authority = plain_request_head.host_of(plain_request_head.specials(lines))
            found = self._admission.hosts.read(authority) if authority else None
            host = found.name if found else ""
            if (size := cost(lines)) <= MAX_COST:
                self._memory.keep(self._hosts, lines, host, _HOST_BYTES + size)
        try:
            return id(host and self._admission.routes.find(host, target.decode("ascii")))
        except AmbiguousPath:
            return 0

    def _make(self, method: str, target: str, lines: Lines) -> Plan | None:
        pairs = plain_request_head.specials(lines)
        host = plain_request_head.host_of(pairs)
        if host is None:
            return None
        incoming = Incoming(method, target, [pair for pair in pairs if pair.name], host)
        admitted = self._admission.admit(incoming, self.client)
        policy, decision = admitted.destination.route.policy, admitted.decision
        if admitted.refusal or decision.refused or policy.mode is Mode.VALIDATE:
            return None
        forwarder = admitted.destination.forwarder
        try:
            fields = forwarder.request_fields(incoming, self.client)
        except Looping:
            return None
        at = next(i for i, pair in enumerate(pairs) if pair.name.lower() == "host")
        placed, added = in_place(pairs, fields)
        placed[at] = as_lines([("Host", forwarder.host_for(host))])
        said = [value.lower() for name, value in pairs if name.lower() == "connection"]
        return Plan(
            method,
            admitted,
            placed,
            added,
            self._memory,
            host=host,
            closes=self._closing or "close" in said,
            max_content=self._max_content,
        )
