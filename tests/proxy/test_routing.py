"""Routes: the longest path wins, and no spelling of a path slips past its route."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.proxy.path_readings import folded, readings
from corsproxy.proxy.routing import AmbiguousPath, Routes, without_prefix


@dataclass(frozen=True)
class Route:
    path: str
    host: str | None = None
    policy: str = ""

    @property
    def effect(self) -> str:
        return self.policy or f"{self.host} {self.path}"


TABLE = (
    Route("/"),
    Route("/api"),
    Route("/api/admin/"),
    Route("/", "shop.test"),
    Route("/api", "shop.test"),
)
ROUTES = Routes(TABLE)


@pytest.mark.parametrize(
    ("host", "target", "found"),
    [
        pytest.param("a", "/", Route("/"), id="the catch-all"),
        pytest.param("a", "/api", Route("/api"), id="itself"),
        pytest.param("a", "/api/", Route("/api"), id="itself with a slash"),
        pytest.param("a", "/api?x=/api/admin", Route("/api"), id="the query does not count"),
        pytest.param("a", "/apis", Route("/"), id="not within a segment"),
        pytest.param("a", "/x/API", Route("/"), id="case counts"),
        pytest.param("a", "/api/admin", Route("/api/admin/"), id="without its slash"),
        pytest.param("a", "/api/admin/x", Route("/api/admin/"), id="the longest"),
        pytest.param("shop.test", "/x", Route("/", "shop.test"), id="by host"),
        pytest.param("shop.test", "/api", Route("/api", "shop.test"), id="by host and path"),
        pytest.param("shop.test", "/api/admin", Route("/api/admin/"), id="the path comes first"),
        pytest.param("a", "/x/../y", Route("/"), id="dot segments that lead nowhere else"),
        pytest.param("a", "/api/%41", Route("/api"), id="an encoding that leads nowhere else"),
        pytest.param("a", "/x//y", Route("/"), id="two slashes that lead nowhere else"),
    ],
)
def test_the_longest_matching_path_wins(host: str, target: str, found: Route) -> None:
    assert ROUTES.find(host, target) == found


@pytest.mark.parametrize(
    "target",
    [
        "/x/../api",
        "/x/%2e%2e/api",
        "/x/%2E./api",
        "/api/..",
        "/api/../x",
        "/api/%2e%2e%2fx",
        "/api/..%5cx",
        "/./api",
        "/%61pi",
        "//api",
        "/x/..//api",
        "/\\api",
        "/api;a=b/admin",
        "/..;/api/admin",
        "/api/x;/../admin",
        "/API",
        "/Api/x",
        "/api/ADMIN",
        "/api/admin%2f..%2fx",
        "/x%2f..%2fapi",
        "/api%2f.%2e/x",
        "/api/admin%2f%5c..%5c..%5cx",
        "/api./x",
        "/api%20/x",
        "/api%0a",
        "/api%00x",
        "/api%3fx",
        "/%2561pi",
        "/x/%252e%252e/api",
        "/x%c0%afapi/..%c0%af..%c0%afapi",
        "/%e2%84%aa/../ap%c4%b1",
        "/x/%u002e%u002e/api",
        "//x/api",
        "/x/%2e%2e/%ef%bd%81pi",
        "/ap%ffi",
    ],
)
def test_a_path_that_leads_elsewhere_once_resolved_is_refused(target: str) -> None:
    with pytest.raises(AmbiguousPath):
        ROUTES.find("a", target)


def test_where_there_is_one_route_no_path_leads_elsewhere() -> None:
    assert Routes([Route("/")]).find("a", "/x/%2e%2e/y") == Route("/")


def test_where_no_route_leads_there_is_none() -> None:
    assert Routes([Route("/api")]).find("a", "/x") is None


def test_the_error_says_which_route_and_why() -> None:
    with pytest.raises(AmbiguousPath) as found:
        ROUTES.find("a", "/api%2fx")
    assert str(found.value) == (
        "takes the route / as it is written, but leads to the route /api, which has another policy "
        'or upstream, where percent-encodings are decoded: "/api/x"'
    )


def test_a_route_of_another_host_is_named_with_it() -> None:
    with pytest.raises(AmbiguousPath, match=re.escape("to the route shop.test/api")):
        ROUTES.find("shop.test", "/x/../api")


def test_a_path_with_more_readings_than_can_be_made_is_refused() -> None:
    with pytest.raises(AmbiguousPath, match="too many ways"):
        ROUTES.find("a", "/x" + "/a%2f..;x//%5c..%252e/. " * 50)


@pytest.mark.parametrize(
    "target",
    [
        "/static/logo%20(1).png",
        "/caf%C3%A9/men%C3%BC.html",
        "/a;v=1/b;w=2?x=/api",
        "/Pages/Me/README.md",
        "/.well-known/security.txt",
        "/projects/group%2Fproject/files/src%2Fa.py",
        "/r/https:%2F%2Fexample.com%2Fapi",
        "/100%25/a+b/c%3Fd",
        "/a//b///c",
        "/apis%20",
        "/x/API",
    ],
)
def test_ordinary_oddities_that_touch_no_other_route_are_served(target: str) -> None:
    assert ROUTES.find("a", target) == Route("/")


def test_between_routes_of_one_effect_no_path_is_ambiguous() -> None:
    routes = Routes([Route("/", policy="p"), Route("/a", policy="p"), Route("/b", policy="q")])
    assert routes.find("h", "/A/x") == Route("/", policy="p")
    assert routes.find("h", "/a/%2e%2e/x") == Route("/a", policy="p")
    with pytest.raises(AmbiguousPath):
        routes.find("h", "/a/%2e%2e/b")
    alike = Routes([Route("/", policy="p"), Route("/a", policy="p")])
    assert alike.find("h", "/a%2f..;x//%5c..%252e/. " * 50) == Route("/", policy="p")


def test_a_route_for_each_case_says_that_the_backend_distinguishes_them() -> None:
    routes = Routes([Route("/"), Route("/admin"), Route("/Admin")])
    assert routes.find("h", "/Admin/x") == Route("/Admin")
    assert routes.find("h", "/admin/%41") == Route("/admin")
    for target in ("/ADMIN", "/Admin/..%2fadmin", "/%41dmin"):
        with pytest.raises(AmbiguousPath):
            routes.find("h", target)


@pytest.mark.parametrize("path", ["/caf%C3%A9", "/a;b", "/a//b", "/a.", "/v1%2fx", "/Files"])
def test_a_route_with_an_oddity_takes_what_is_written_so(path: str) -> None:
    routes = Routes([Route("/"), Route(path)])
    assert routes.find("h", f"{path}/x") == Route(path)
    assert routes.find("h", f"{path}/%20/x") == Route(path)
    assert routes.find("h", "/x") == Route("/")


def test_a_path_that_has_the_case_of_no_route_is_refused_where_the_route_has_capitals() -> None:
    with pytest.raises(AmbiguousPath, match="upper and lower case"):
        Routes([Route("/"), Route("/Files")]).find("h", "/files/x")


def test_of_two_routes_that_differ_in_a_slash_the_first_is_taken() -> None:
    assert Routes([Route("/a/"), Route("/a"), Route("/")]).find("h", "/a/x") == Route("/a/")


def test_what_is_no_path_takes_no_route() -> None:
    assert ROUTES.find("a", "*") is None


SEGMENT = st.sampled_from(["a", "api", "..", ".", "%2e%2e", "%2E", "", "%2f", "admin", ";x", "\\"])


@given(st.lists(SEGMENT, min_size=1, max_size=6))
def test_what_is_found_is_found_for_every_reading(segments: list[str]) -> None:
    path = "/" + "/".join(segments)
    try:
        found = ROUTES.find("a", path)
    except AmbiguousPath:
        return
    for reading in readings(path):
        assert one_by_one(TABLE, "a", reading) == found
        assert one_by_one(TABLE, "a", folded(reading)) == found


NAME = st.sampled_from(["a", "b", "A", "api", "a%20", "x.y", ""])
PREFIX = st.lists(NAME, max_size=4).map(lambda names: "/" + "/".join(names))
HOST = st.sampled_from([None, "h", "g"])


def one_by_one(table: Sequence[Route], host: str, path: str) -> Route | None:
    """The rule as it is said: every route looked at, the longest first."""
    ranked = sorted(table, key=lambda route: (-len(route.path.rstrip("/")), not route.host))
    for route in ranked:
        prefix = route.path.rstrip("/")
        if route.host in (None, host) and f"{path}/".startswith(f"{prefix}/"):
            return route
    return None


@given(st.lists(st.builds(Route, PREFIX, HOST, st.just("p")), max_size=12), HOST, PREFIX)
def test_the_tree_finds_what_a_look_at_every_route_finds(
    table: list[Route], host: str | None, path: str
) -> None:
    routes = Routes([*table, Route("/", policy="p")])
    expected = one_by_one([*table, Route("/", policy="p")], host or "other", path)
    assert routes.find(host or "other", path) == expected


def test_what_a_request_costs_does_not_grow_with_the_number_of_routes() -> None:
    def seconds(number: int) -> float:
        routes = Routes([Route("/"), *(Route(f"/s{i}/x") for i in range(number))])
        return min(_timed(routes, "/s7/x/y") for _ in range(200))

    assert seconds(20_000) < 20 * seconds(20)


def _timed(routes: Routes[Route], path: str) -> float:
    start = time.perf_counter()
    for _ in range(10):
        routes.find("h", path)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    ("target", "left"),
    [("/api/x?y", "/x?y"), ("/api", "/"), ("/api?y", "/?y"), ("/api/", "/"), ("/api//x", "//x")],
)
def test_a_stripped_target_is_still_a_path(target: str, left: str) -> None:
    assert without_prefix(target, "/api") == without_prefix(target, "/api/") == left
