"""Caddy: handles by the path as it came, and only where there is a choice."""

from corsproxy.gateways.conversion.caddy_handles import matcher, written
from tests.gateways.converted import table


def lines(routes: str) -> list[str]:
    found = written(table(routes), lambda export: [f"respond {export.route.place}"])
    return [line.strip() for line in found if line.strip() != "}"]


def test_one_route_needs_no_handle() -> None:
    assert lines("- path: /a") == ["route {", "respond /"]


def test_what_is_ambiguous_is_refused_before_its_route_is_tried() -> None:
    found = lines("- {path: /a, cors: {max_age: 5}}")
    matchers = [line.split(" `")[0] for line in found if line.startswith("@")]
    assert matchers == [
        "@ambiguous_0 vars_regexp {http.request.orig_uri}",
        "@path_0_0 vars_regexp {http.request.orig_uri}",
        "@alike_0_0 vars_regexp {http.request.orig_uri}",
    ]
    assert found[3:] == [
        "route {",
        *("handle @ambiguous_0 {", "respond 400"),
        *("handle @path_0_0 {", "route {", "respond /a"),
        *("handle @alike_0_0 {", "respond 400"),
        *("handle {", "route {", "respond /"),
    ]


def test_a_host_comes_before_all_others() -> None:
    found = lines("- {path: /, host: b.test, cors: {max_age: 5}}")
    assert found == [
        "@host_1 host b.test b.test.",
        "route {",
        *("handle @host_1 {", "route {", "respond b.test/"),
        *("handle {", "route {", "respond /"),
    ]


def test_what_cannot_be_said_is_refused() -> None:
    found = lines("- {path: /a;b, cors: {max_age: 5}}")
    assert found[found.index("handle @path_0_0 {") + 1] == "respond 400"


def test_a_matcher_holds_where_all_its_conditions_do() -> None:
    assert list(matcher("x", ["a", "b"])) == ["@x {", "    a", "    b", "}"]
