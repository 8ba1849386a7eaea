"""Rules as routes: the same path takes the same policy, or it is told that it does not."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.settings import Route
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Policy
from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.gateway import Loss, Read
from corsproxy.gateways.conversion.read_routes import PASSED, Edge, Rule, assembled
from tests.gateways.converted import read_as_routes

A, B = (Policy(Origins([OriginPattern.parse(f"https://{name}.test")])) for name in "ab")
HERE = Span("file", 1, 1)
UPSTREAM = UpstreamAddress("http", "127.0.0.1", 9000)


def rule(policy: Policy, path: str = "/", host: str | None = None, **more: Any) -> Rule:
    return Rule(HERE, policy, host, path, **more)


def found(*rules: Rule, apart: bool = False, rest: Policy | None = None) -> Read:
    return assembled(rules, [], apart=apart, rest=rest)


def taken(read: Read, host: str, path: str) -> Policy:
    route: Route | None = read_as_routes(read).find(host, path)
    assert route is not None
    return route.policy


def test_what_is_the_same_for_all_needs_no_route() -> None:
    read = found(rule(A, "/a", "x.test"), rule(A, "/b", "*.y.test", asks="headers"))
    assert read == Read(A)


def test_the_upstream_of_all_is_the_top_ones() -> None:
    assert found(rule(A, upstream=UPSTREAM)).upstream == UPSTREAM


def test_a_prefix_that_is_taken_away_needs_a_route() -> None:
    (route,) = found(rule(A, "/a", strip_path=True)).routes
    assert (route.path, route.strip_path) == ("/a", True)


@pytest.mark.parametrize(
    ("path", "policy"), [("/", A), ("/b", B), ("/b/x", B), ("/bx", A), ("/b/a", A), ("/c", A)]
)
def test_the_first_rule_that_fits_decides(path: str, policy: Policy) -> None:
    read = found(rule(A, "/b/a"), rule(B, "/b"), rule(A, "/b/x"), rule(A, "/"), rule(B, "/c"))
    assert taken(read, "x.test", path) == policy
    assert read.losses == ()


@pytest.mark.parametrize(
    ("apart", "host", "path", "policy"),
    [
        (True, "x.test", "/", A),
        (True, "x.test", "/b", A),
        (True, "y.test", "/b", B),
        (True, "x.test", "/b/c", A),
        (False, "x.test", "/b", A),
        (False, "y.test", "/b", B),
        (False, "y.test", "/", A),
    ],
)
def test_a_host_has_what_it_says_and_not_what_the_longer_path_of_all_does(
    apart: bool, host: str, path: str, policy: Policy
) -> None:
    rules = (rule(A, "/", "x.test"), rule(B, "/b"), rule(A, "/"))
    assert taken(found(*rules, apart=apart), host, path) == policy


def test_what_a_host_does_not_serve_it_has_from_the_rules_of_all_unless_they_are_apart() -> None:
    rules = (rule(A, "/a", "x.test"), rule(B, "/"))
    assert taken(found(*rules), "x.test", "/") == B
    assert taken(found(*rules, apart=True), "x.test", "/") == Policy()


def test_one_host_alone_has_another_name_here() -> None:
    read = found(rule(B, "/b", "x.test"), rule(A, "/", "x.test"))
    assert [(route.host, route.path) for route in read.routes] == [(None, "/b")]


def test_the_rest_is_told_apart_where_the_gateway_serves_it() -> None:
    read = found(rule(A, "/a"), rest=PASSED)
    assert taken(read, "x.test", "/b") == PASSED
    assert taken(read, "x.test", "/a") == A
    assert found(rule(A, "/"), rest=PASSED) == Read(A)


@pytest.mark.parametrize(
    ("left_out", "told"),
    [
        (
            rule(B, "/b", asks="headers"),
            "headers: asked of a request, which no route can: it is left out",
        ),
        (rule(B, "/b", "*.a.test"), "'*.a.test' is no single host, which a route is for"),
        (rule(B, "/[0-9]+"), "'/[0-9]+' is no prefix of paths, which a route is for"),
        (rule(B, "/a/../b"), "'/a/../b' is no prefix of paths, which a route is for"),
    ],
)
def test_what_a_route_cannot_ask_is_left_out_and_told(left_out: Rule, told: str) -> None:
    read = found(left_out, rule(A))
    (loss,) = read.losses
    assert (loss.setting, loss.place) == ("routes", HERE)
    assert loss.effect.startswith(told)
    assert taken(read, "x.test", "/b") == A


def test_what_only_asks_of_paths_that_no_other_serves_stays() -> None:
    read = found(rule(B, "/b", asks="methods"), rule(A, "/a"))
    assert (taken(read, "x.test", "/b"), read.losses) == (B, ())


@pytest.mark.parametrize(
    ("path", "edge", "told"),
    [
        ("/b", Edge.WHOLE, "/b alone is meant; here it is all below it, too"),
        ("/b", Edge.TEXT, "/bx is meant, too; here a path ends where a segment does"),
        ("/b/", Edge.TEXT, "/b itself is not meant; here it is"),
    ],
)
def test_another_edge_is_told_where_what_is_around_it_differs(
    path: str, edge: Edge, told: str
) -> None:
    read = found(rule(B, path, edge=edge), rule(A))
    assert [loss.effect for loss in read.losses] == [told]
    assert taken(read, "x.test", "/b") == B
    alone = found(rule(B, path, edge=edge), rule(A, "/a"))
    assert bool(alone.losses) is (path == "/b" and edge is Edge.TEXT)


def test_losses_of_a_rule_count_where_it_is_a_route() -> None:
    loss = Loss("strip_path", HERE, "effect", "fix")
    assert found(rule(A, "/a", losses=(loss,)), rule(B)).losses == (loss,)
    assert found(rule(A, "/a", losses=(loss,)), rule(A)).losses == ()


def test_requests_of_a_route_go_where_it_says_or_it_is_told() -> None:
    read = found(rule(A, "/a"), rule(B, upstream=UPSTREAM))
    assert [loss.setting for loss in read.losses] == ["upstream"]
    read = found(rule(A, "/a", upstream=UPSTREAM), rule(B))
    assert (read.upstream, read.routes[0].upstream, read.losses) == (None, UPSTREAM, ())


def test_a_path_and_what_is_below_it_are_whole_segments_together() -> None:
    whole, below = rule(B, "/b", edge=Edge.WHOLE), rule(B, "/b/", edge=Edge.TEXT)
    read = found(whole, below, rule(A))
    assert ([route.path for route in read.routes], read.losses) == (["/b"], ())
    other = below._replace(policy=PASSED)
    assert len(found(whole, other, rule(A)).losses) == 2


def test_a_whole_path_leaves_what_is_below_it_to_the_rules_after_it() -> None:
    read = found(rule(B, "/b", edge=Edge.WHOLE), rule(PASSED, "/b/c"), rule(A))
    assert taken(read, "x.test", "/b/c/d") == PASSED
    assert [loss.effect for loss in read.losses] == [
        "/b alone is meant; here it is all below it, too"
    ]


def test_a_prefix_that_a_host_takes_away_is_not_taken_from_a_longer_path() -> None:
    rules = (rule(A, "/a", "x.test", strip_path=True), rule(B, "/a/b"), rule(A))
    read = found(*rules, apart=True)
    table = read_as_routes(read)
    stripped = [
        route and route.stripped_prefix
        for route in (table.find("x.test", "/a/c"), table.find("x.test", "/a/b"))
    ]
    assert (stripped, [loss.setting for loss in read.losses]) == (["/a", ""], ["strip_path"])


HOSTS = ("a.test", "b.test", "c.test")
PATHS = ("/", "/a", "/ab", "/a/", "/a/b", "/a/b/c", "/ab/c", "/b", "/b/a", "/c")


@st.composite
def some_rules(draw: st.DrawFn) -> list[Rule]:
    def one() -> Rule:
        policy = draw(st.sampled_from((A, B, PASSED)))
        host = draw(st.sampled_from((None, "a.test", "b.test", "*.test")))
        path = draw(st.sampled_from(("/", "/", "/a", "/a/", "/a/b", "/b", "/[0-9]")))
        edge = draw(st.sampled_from(Edge)) if path != "/" else Edge.SEGMENT
        asks = draw(st.sampled_from(("", "", "", "headers")))
        strips = draw(st.sampled_from((False, False, True)))
        return rule(policy, path, host, edge=edge, asks=asks, strip_path=strips)

    return [one() for _ in range(draw(st.integers(1, 5)))]


def at_gateway(rules: list[Rule], host: str, path: str, *, apart: bool) -> Rule | None:
    """The first that fits, as a gateway asks: of what is asked besides, nothing is there."""
    own = [one for one in rules if one.host == host]
    wild = [one for one in rules if one.host == "*.test"]
    asked = rules if not apart else own or wild or [one for one in rules if one.host is None]
    for one in asked:
        known = not one.asks and "[" not in one.path
        if known and one.host in (None, host, "*.test") and _fits(one, path):
            return one
    return None


def _fits(one: Rule, path: str) -> bool:
    if one.edge is Edge.WHOLE:
        return path == one.path
    if one.edge is Edge.TEXT:
        return path.startswith(one.path)
    return f"{path}/".startswith(f"{one.prefix}/")


@given(rules=some_rules(), apart=st.booleans(), rest=st.sampled_from((None, PASSED)))
def test_each_path_has_what_the_gateway_makes_of_it_or_it_is_told(
    rules: list[Rule], apart: bool, rest: Policy | None
) -> None:
    read = found(*rules, apart=apart, rest=rest)
    told = {loss.setting for loss in read.losses}
    one_for_all = len({one.policy for one in rules}) == 1 or len({one.host for one in rules}) == 1
    for host, path in product(HOSTS, PATHS):
        there = at_gateway(rules, host, path, apart=apart)
        if there is None and (rest is None or one_for_all):
            continue  # nothing is served there
        expected = there.policy if there else rest
        assert taken(read, host, path) == expected or "routes" in told
        route = read_as_routes(read).find(host, path)
        assert route is not None
        strips = there.prefix if there and there.strip_path else ""
        assert route.stripped_prefix == strips or told & {"routes", "strip_path"}
