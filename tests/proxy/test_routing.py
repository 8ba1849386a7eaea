"""Routes: the longest path wins, and no spelling of a path slips past its route."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.proxy.routing import AmbiguousPath, Routes, readings, without_prefix


@dataclass(frozen=True)
class Route:
    path: str
    host: str | None = None


ROUTES = Routes(
    [
        Route("/"),
        Route("/api"),
        Route("/api/admin/"),
        Route("/", "shop.test"),
        Route("/api", "shop.test"),
    ]
)


@pytest.mark.parametrize(
    ("host", "target", "found"),
    [
        pytest.param("a", "/", Route("/"), id="the catch-all"),
        pytest.param("a", "/api", Route("/api"), id="itself"),
        pytest.param("a", "/api/", Route("/api"), id="itself with a slash"),
        pytest.param("a", "/api?x=/api/admin", Route("/api"), id="the query does not count"),
        pytest.param("a", "/apis", Route("/"), id="not within a segment"),
        pytest.param("a", "/API", Route("/"), id="case counts"),
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
    ],
)
def test_a_path_that_leads_elsewhere_once_resolved_is_refused(target: str) -> None:
    with pytest.raises(AmbiguousPath):
        ROUTES.find("a", target)


def test_where_there_is_one_route_no_path_leads_elsewhere() -> None:
    assert Routes([Route("/")]).find("a", "/x/%2e%2e/y") == Route("/")


def test_where_no_route_leads_there_is_none() -> None:
    assert Routes([Route("/api")]).find("a", "/x") is None


SEGMENT = st.sampled_from(["a", "api", "..", ".", "%2e%2e", "%2E", "", "%2f", "admin", ";x", "\\"])


@given(st.lists(SEGMENT, min_size=1, max_size=6))
def test_what_is_found_is_found_for_every_reading(segments: list[str]) -> None:
    path = "/" + "/".join(segments)
    try:
        found = ROUTES.find("a", path)
    except AmbiguousPath:
        return
    assert all(ROUTES._match("a", reading) == found for reading in readings(path))


@pytest.mark.parametrize(
    ("target", "left"),
    [("/api/x?y", "/x?y"), ("/api", "/"), ("/api?y", "/?y"), ("/api/", "/"), ("/api//x", "//x")],
)
def test_a_stripped_target_is_still_a_path(target: str, left: str) -> None:
    assert without_prefix(target, "/api") == without_prefix(target, "/api/") == left
