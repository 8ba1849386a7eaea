"""`*` among names, sent as it stands, covers authorization in browsers: each export tells it."""

import pytest

from corsproxy.cors import headers as f
from corsproxy.cors.decision import Request
from corsproxy.gateways.conversion.registry import gateway, names
from corsproxy.gateways.conversion.sent_literally import EFFECT, FIX
from corsproxy.gateways.emulation.gateway_emulation import emulation_of
from tests.gateways.converted import config

PREFLIGHT = Request("OPTIONS", "https://a.test", "PUT", "authorization")
FORMS = [(name, form) for name in names() if gateway(name).write for form in gateway(name).forms]
ELSEWHERE = {"origin-lists", "azure-app"}
"""They are emulated under other names, and have no wildcard of names."""


def policy(listed: str, credentials: str) -> str:
    return f"allow_origins: [https://a.test]\nallow_headers: {listed}\n{credentials}"


def literal(name: str, text: str) -> bool:
    """Whether the gateway sends `*` where browsers take it for a wildcard."""
    emulation = emulation_of(name)
    assert emulation is not None
    one = emulation.with_policy(config(text).policy)
    decision = one.decide(PREFLIGHT)
    sent = dict(one.response_headers(decision, [])) | dict(one.own_headers(decision))
    listed = sent.get(f.ALLOW_HEADERS, "").split(", ")
    return "*" in listed and "authorization" not in listed and f.ALLOW_CREDENTIALS not in sent


def told(name: str, form: str, text: str) -> list[str]:
    write = gateway(name).write
    assert write is not None
    return [loss.fix for loss in write(config(text), form).losses if loss.effect == EFFECT]


@pytest.mark.parametrize("credentials", ["", "allow_credentials: true"])
@pytest.mark.parametrize("listed", ["['*']", "['*', x-a]", "['*', authorization]", "[x-a]"])
@pytest.mark.parametrize(("name", "form"), FORMS)
def test_what_is_sent_literally_is_told_and_nothing_else_is(
    name: str, form: str, listed: str, credentials: str
) -> None:
    text = policy(listed, credentials)
    expected = [] if name in ELSEWHERE else [FIX] * literal(name, text)
    assert told(name, form, text) == expected


def test_most_gateways_send_it() -> None:
    sending = {name for name, _ in FORMS if name not in ELSEWHERE}
    found = {name for name in sending if literal(name, policy("['*']", ""))}
    assert len(found) > 13


def test_where_the_fix_is_followed_nothing_is_told() -> None:
    assert told("envoy", "policy", policy("['*', Authorization]", "")) == []
