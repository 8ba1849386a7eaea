"""Comparison: what becomes of one attempt at each gateway that can be emulated."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.decision import Action, Decision
from corsproxy.cors.explain import scene
from corsproxy.cors.policy import Policy
from corsproxy.cors.reasons import ExplainedReason
from corsproxy.gateways.emulation.gateway_emulation import emulation_of, names

NOT_DUE, NOT_SENT = "not due", "not sent"


class Elsewhere(NamedTuple):
    """What becomes of an attempt at one gateway.

    `preflight` and `request` say what it does with each; `reasons` why the page reads nothing.
    """

    name: str
    documented: bool
    """Whether this is what its documentation says, and nobody has seen it."""
    preflight: str
    request: str
    readable: bool
    reasons: Sequence[ExplainedReason]

    @property
    def outcome(self) -> str:
        """What the page gets."""
        return "readable" if self.readable else f"blocked: {self.reasons[0].id}"

    @property
    def behaviour(self) -> tuple[object, ...]:
        """Equal where two gateways do the same."""
        return self.preflight, self.request, self.outcome


def compare(policy: Policy, attempt: Attempt, own_origin: str) -> Iterator[Elsewhere]:
    """Ask each of `names`, the standard's rule first, what would become of `attempt`."""
    for name in names():
        emulation = emulation_of(name)
        found = scene(replace(policy, emulate=emulation), attempt, own_origin)
        preflight, actual = found.preflight, found.actual
        yield Elsewhere(
            name,
            emulation is not None and not emulation.profile.observed,
            _done(preflight.decision) if preflight else NOT_DUE,
            _done(actual.decision) if actual else NOT_SENT,
            found.readable,
            found.reasons,
        )


def disagreeing(found: Sequence[Elsewhere]) -> list[Elsewhere]:
    """Those of `found` where the page gets something else than by the first of them."""
    return [one for one in found[1:] if one.readable != found[0].readable]


def _done(decision: Decision) -> str:
    if decision.action is Action.FORWARD:
        return "forwarded"
    verb = "answered" if decision.action is Action.ANSWER else "refused"
    return f"{verb} {decision.status}"
