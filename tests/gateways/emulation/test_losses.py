"""What an export tells and what an emulation does are one: nothing is lost, or won, in silence.

For generated policies and calls: a page reads at the gateway what it reads by the policy, no more
and no less, unless a loss was told.
"""

from dataclasses import replace

import pytest
from hypothesis import assume, given

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.explain import scene
from corsproxy.cors.policy import Policy, RefusedRequest
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.conversion.registry import gateway, names
from corsproxy.gateways.emulation.gateway_emulation import emulation_of
from tests.cors.strategies import attempts, policies
from tests.gateways.converted import of_policy

OWN = "http://localhost:8080"


def those(*, read: bool = False) -> list[str]:
    found = {name: gateway(name) for name in names()}
    return [
        name for name, one in found.items() if one.write and one.profile and (one.read or not read)
    ]


def lost(name: str, policy: Policy) -> set[str]:
    one = gateway(name)
    assert one.write is not None
    form = next(iter(one.forms))
    return {loss.setting for loss in one.write(of_policy(policy), form).losses}


def emulated(name: str, policy: Policy) -> Policy:
    return replace(policy, emulate=emulation_of(name))


def readable(policy: Policy, attempt: Attempt) -> tuple[bool, ...]:
    """Whether the page reads the response, by the standard and in each browser."""
    found = scene(policy, attempt, OWN)
    steps = [step for step in (found.preflight, found.actual) if step is not None]
    each = [
        (step.outcomes.standard, *(one.readable for one in step.outcomes.browsers.values()))
        for step in steps
    ]
    answered = found.actual is not None and all(step.status < 400 for step in steps)
    return tuple(answered and all(outcomes) for outcomes in zip(*each, strict=True))


@pytest.mark.parametrize("name", those())
@given(policy=policies(), attempt=attempts())
def test_a_page_reads_the_same_or_a_loss_was_told(
    name: str, policy: Policy, attempt: Attempt
) -> None:
    assume(attempt.sent_method != "OPTIONS")  # many answer it themselves: the docs of each say so
    policy = replace(policy, refused_request=RefusedRequest.FORWARD)
    if not lost(name, policy):
        assert readable(emulated(name, policy), attempt) == readable(policy, attempt)


@pytest.mark.parametrize("name", those(read=True))
@given(policy=policies(), attempt=attempts())
def test_what_is_read_of_an_export_is_the_policy_that_the_gateway_has(
    name: str, policy: Policy, attempt: Attempt
) -> None:
    one = gateway(name)
    assert one.write is not None
    assert one.read is not None
    form = next(iter(one.forms))
    text = one.write(of_policy(policy), form).text
    try:
        read, losses, *_ = one.read(text, "exported")
    except FormatError:  # an export without any CORS in it
        return
    if not losses:
        at_gateway = readable(emulated(name, policy), attempt)
        assert readable(emulated(name, read), attempt) == at_gateway
