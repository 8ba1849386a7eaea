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


class Everywhere:
    """A policy as each of `names` has it, the standard's rule first: made once, asked often."""

    def __init__(self, policy: Policy) -> None:
        self._policies = [(name, replace(policy, emulate=emulation_of(name))) for name in names()]

    def compare(self, attempt: Attempt, own_origin: str) -> Iterator[Elsewhere]:
        """Say what becomes of `attempt` at each."""
        for name, policy in self._policies:
            found = scene(policy, attempt, own_origin)
            preflight, actual = found.preflight, found.actual
            yield Elsewhere(
                name,
                policy.emulate is not None and not policy.emulate.observed,
                _done(preflight.decision) if preflight else NOT_DUE,
                _done(actual.decision) if actual else NOT_SENT,
                found.readable,
                found.reasons,
            )


def compare(policy: Policy, attempt: Attempt, own_origin: str) -> Iterator[Elsewhere]:
    """Say of one attempt what becomes of it at each gateway."""
    return Everywhere(policy).compare(attempt, own_origin)


def disagreeing(found: Sequence[Elsewhere]) -> list[Elsewhere]:
    """Those of `found` where the page gets something else than by the first of them."""
    return [one for one in found[1:] if one.readable != found[0].readable]


def _done(decision: Decision) -> str:
    if decision.action is Action.FORWARD:
        return "forwarded"
    verb = "answered" if decision.action is Action.ANSWER else "refused"
    return f"{verb} {decision.status}"
