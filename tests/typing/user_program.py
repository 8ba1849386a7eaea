"""A user's program: type-checked, never run. What it must not do is marked, and checked too."""

from typing import Any, assert_type

import corsproxy
from corsproxy import (
    Attempt,
    Config,
    ConfigError,
    Decision,
    Diagnostic,
    Explanation,
    Gateway,
    Mode,
    Names,
    OriginPattern,
    Origins,
    Policy,
    PolicyError,
    RegexPattern,
    Request,
    Verdict,
    decide,
    explain,
    load,
    on_preflight,
    on_response,
)
from corsproxy.testing import GatewayFactory, PageResponse, RunningGateway, running_gateway


def policies() -> Policy:
    try:
        policy = Policy.from_lists(origins=["*", RegexPattern("x")], methods=("PUT",), max_age=5)
    except PolicyError as error:
        assert_type(error.errors[0].entry, int | None)
        raise
    Policy(["https://a.test"])  # type: ignore[arg-type]
    Policy.from_lists(max_age="5")  # type: ignore[arg-type]
    Policy(Origins([OriginPattern.parse("null")]), Names(("PUT",)), mode=Mode.ADD)
    policy.max_age = 7  # type: ignore[misc]
    return policy


def questions(policy: Policy) -> None:
    decision = decide(policy, Request("GET", "https://a.test"))
    assert_type(decision, Decision)
    attempt = Attempt("https://a.test", "PUT", [("X-A", "1")], credentials=True)
    assert_type(on_preflight(attempt, 204, decision.headers), Verdict)
    assert_type(on_response(attempt, 200, [("Vary", "Origin")]).readable, bool)
    assert_type(explain(policy, attempt), Explanation)
    assert_type(explain(policy, decision.request).data, dict[str, Any])
    explain(policy, "GET")  # type: ignore[arg-type]


async def serve(found: list[Diagnostic]) -> None:
    try:
        config = load("policy.yaml", environ={"A": "b"}, on_warning=found.append)
    except ConfigError as error:
        assert_type(error.diagnostics, tuple[Diagnostic, ...])
        raise
    assert_type(config, Config)
    assert_type(corsproxy.__version__, str)
    async with Gateway(config) as gateway:
        assert_type(gateway, Gateway)
        assert_type(gateway.url, str)


def a_test(cors_gateway: GatewayFactory, policy: Policy) -> None:
    gateway = cors_gateway("http://127.0.0.1:8000", policy)
    assert_type(gateway, RunningGateway)
    response = gateway.assert_readable("https://a.test", "PUT", "/", headers={"X-A": "1"})
    assert_type(response, PageResponse)
    assert_type(response.headers["X-A"], str)
    gateway.assert_blocked("https://a.test", headers=[("X-A", "1")], reason="origin-not-allowed")
    gateway.assert_blocked("https://a.test", "PUT", "/", {"X-A": "1"})  # type: ignore[call-arg]
    with running_gateway(lambda environ, start_response: [b""], {"cors": {}}) as running:
        assert_type(running.url, str)
