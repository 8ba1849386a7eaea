"""Traefik's rules, read: alternatives of hosts and paths."""

import pytest

from corsproxy.gateways.conversion.read_routes import Edge
from corsproxy.gateways.conversion.traefik_rules import Match, matches

A = "a.test"


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("PathPrefix(`/`)", [Match()]),
        ("Host(`A.test`)", [Match(A)]),
        ('Host("a.test") && Path("/x")', [Match(A, "/x", Edge.WHOLE)]),
        ("Host(`a.test`, `b.test`)", [Match(A), Match("b.test")]),
        ("PathPrefix(`/x`)", [Match(None, "/x", Edge.TEXT)]),
        (
            "(Path(`/x`) || PathPrefix(`/x/`))",
            [Match(None, "/x", Edge.WHOLE), Match(None, "/x/", Edge.TEXT)],
        ),
        (
            "Host(`a.test`) && (Path(`/x`)||PathPrefix(`/x/`))",
            [Match(A, "/x", Edge.WHOLE), Match(A, "/x/", Edge.TEXT)],
        ),
        ("Path(`/x`) || Path(`/y`)", [Match(None, path, Edge.WHOLE) for path in ("/x", "/y")]),
        ("Method(`GET`) && Host(`a.test`)", [Match(A, asks=("method(GET)",))]),
        ("Header(`X-A`, `1`)", [Match(asks=("header(X-A, 1)",))] * 1),
        ("!Host(`a.test`)", [Match(asks=("!Host(`a.test`)",))]),
        ("!(Host(`a.test`) || Path(`/x`))", [Match(asks=("!(Host(`a.test`)||Path(`/x`))",))]),
        ("Host(`a.test`) && Host(`b.test`)", [Match(A, asks=("host(b.test)",))]),
        (
            "PathPrefix(`/x`) && PathPrefix(`/y`)",
            [Match(None, "/x", Edge.TEXT, ("path(/y)",))],
        ),
    ],
)
def test_a_rule_is_taken_apart(rule: str, found: list[Match]) -> None:
    assert matches(rule) == found


@pytest.mark.parametrize(
    "rule",
    [
        *("", "Host", "Host(`a.test`", "Host(`a.test`) &&", "Host(`a.test`) Path(`/`)", "§"),
        " && ".join(["(Path(`/a`) || Path(`/b`))"] * 7),
        "(" * 5000,
    ],
)
def test_what_cannot_be_taken_apart_is_asked_as_it_is(rule: str) -> None:
    assert matches(rule) == [Match(asks=(rule,))]
