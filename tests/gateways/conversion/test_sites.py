"""Tables of routes: each path leads where it leads here, or nowhere."""

import re
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config, Route
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.sites import UNSOUND, Site, exported, named, sites
from corsproxy.proxy.routing import AmbiguousPath, Routes


def config(routes: str) -> Config:
    text = f"""upstream: http://127.0.0.1:8000
cors: {{allow_origins: [https://a.test], refused_request: forward}}
routes: [{routes}]"""
    return load_text(text.encode(), "p.yaml", {}, {}).config


def table(routes: str) -> tuple[list[Site], list[tuple[str, str]]]:
    exports = Export.each(config(routes), carried=())
    found = sites(exports)
    return found, [(str(loss.place), loss.effect) for loss in exports[0].losses]


def prefixes(site: Site) -> list[str]:
    return [way.prefix for way in site.ways]


def leads(site: Site, path: str) -> Route | None:
    """Where a gateway leads a path to by the table; None where it refuses it."""
    if re.match(UNSOUND, path, re.IGNORECASE):
        return None
    for way in site.ways:
        if re.match(way.exact, path):
            return way.export.route if way.export else None
        if re.match(way.alike, path, re.IGNORECASE):
            return None
    return site.rest.route


OTHER = "cors: {max_age: 5}"


def test_the_longest_prefix_comes_first_and_its_last_slash_does_not_count() -> None:
    (site,), _ = table(f"{{path: /a, {OTHER}}}, {{path: /a/b/}}, {{path: /a/b/c, {OTHER}}}")
    assert prefixes(site) == ["/a/b/c", "/a/b", "/a"]


def test_a_route_that_makes_no_difference_is_in_no_table() -> None:
    (site,), told = table("{path: /a}, {path: /b, host: b.test}, {path: /, strip_path: true}")
    assert (prefixes(site), told) == ([], [])


def test_a_route_that_is_like_a_shorter_one_around_it_is_left_out() -> None:
    (site,), _ = table(f"{{path: /a, {OTHER}}}, {{path: /a/b, {OTHER}}}")
    assert prefixes(site) == ["/a"]


def test_a_host_has_its_own_routes_and_those_of_every_host() -> None:
    routes = (
        f"{{path: /a, {OTHER}}}, {{path: /a, host: b.test}}, {{path: /b, host: b.test, {OTHER}}}"
    )
    (everywhere, site), _ = table(routes)
    assert (everywhere.host, prefixes(everywhere)) == (None, ["/a"])
    assert (site.host, prefixes(site)) == ("b.test", ["/b"])


def test_the_rest_of_a_host_is_its_own_route_for_all_paths() -> None:
    (everywhere, site), _ = table(f"{{path: /, host: b.test, {OTHER}}}")
    assert everywhere.rest.policy.max_age is None
    assert site.rest.policy.max_age == 5
    assert [one.policy.max_age for one in exported([everywhere, site])] == [None, 5]


@pytest.mark.parametrize("path", ["/a%2fb", "/caf%C3%A9", "/a//b", "/a;b", "/a$b"])
def test_a_prefix_that_gateways_read_otherwise_is_told_and_refused(path: str) -> None:
    (site,), told = table(f"{{path: '{path}', {OTHER}}}")
    ((place, effect),) = told
    assert place == "p.yaml:3:17"
    assert effect.startswith(f"{path} is answered with an error")
    assert leads(site, path) is None
    assert leads(site, f"{path}/x") is None
    assert leads(site, "/b") is not None


@pytest.mark.parametrize("host", ["'[::1]'", "b.test."])
def test_a_host_that_is_not_a_plain_name_is_told(host: str) -> None:
    found, told = table(f"{{path: /a, host: {host}, {OTHER}}}")
    assert [site.host for site in found] == [None]
    assert len(told) == 1
    assert told[0][1].endswith("/a is as for every other host")
    assert table(f"{{path: /a, host: {host}}}")[1] == []


def test_equal_values_have_one_name() -> None:
    assert named("cors", [[1], [2], [1]]) == ["cors", "cors-1", "cors"]
    assert named("", "ab", "_") == ["", "_1"]


TABLES = (
    f"{{path: /api, {OTHER}}}",
    f"{{path: /api/admin, {OTHER}}}, {{path: /api}}",
    f"{{path: /api, {OTHER}}}, {{path: /api/admin}}, {{path: /admin, {OTHER}}}",
    f"{{path: /api, {OTHER}, strip_path: true}}, {{path: '/a:b.c', {OTHER}}}, {{path: /api/Admin}}",
)

PIECES = (
    *("api", "API", "admin", "Admin", "x", "", ".", "..", "...", "a:b.c", "axb.c", "apis"),
    *("api;v=1", "api.", "api%20", "api%3fx", "api%23", "api%00", "a%3ab.c", "%61pi", "%2561pi"),
    *("admin%0a", "a%c0%afpi", "..;v", "%2e%2E", "..%20", ".%2e", "x.json", "%u0061pi", "%C3%A9"),
    *("x%20y", "a%40b", "~x", "admin%5C", "admin..", "x;p", "x&y=!'()*", "%c1%a1pi", "%e0%81%a1pi"),
)
PATHS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).flatmap(
    lambda pieces: st.lists(
        st.sampled_from(("/", "/", "/", "/", "/", "//", "\\", "%2f", "%5C", "%252f")),
        min_size=len(pieces) - 1,
        max_size=len(pieces) - 1,
    ).map(lambda slashes: joined(pieces, slashes))
)


def joined(pieces: Sequence[str], slashes: Sequence[str]) -> str:
    rest = zip(slashes, pieces[1:], strict=True)
    return f"/{pieces[0]}" + "".join(slash + piece for slash, piece in rest)


@cache
def both(routes: str) -> tuple[Routes[Route], Site]:
    settings = config(routes)
    (site,) = sites(Export.each(settings, carried=()))
    return Routes(settings.routes), site


@given(st.sampled_from(TABLES), PATHS)
def test_a_path_leads_where_it_leads_here_or_nowhere(routes: str, path: str) -> None:
    here, site = both(routes)
    there = leads(site, path)
    try:
        found = here.find("", path)
    except AmbiguousPath:
        assert there is None
    else:
        assert found is not None
        assert there is None or there.effect == found.effect


@pytest.mark.parametrize(
    "path",
    [
        *("//x/api", "/x/../api", "/x/%2E%2e/api", "/x/..;v/api", "/x\\..\\api", "/x%5c..%5Capi"),
        *("/%61pi", "/%2561pi", "/x/..%2fapi", "/api%00", "/api%3Fx", "/api;v", "/api.", "/API"),
        *("/%c1%a1pi", "/%e0%81%a1pi", "/%f0%80%81%a1pi", "/%u0061pi", "/ap%69/x", "/api%20/x"),
    ],
)
def test_another_spelling_of_a_route_is_refused(path: str) -> None:
    here, site = both(TABLES[0])
    assert leads(site, path) is None
    with pytest.raises(AmbiguousPath):
        here.find("", path)


@pytest.mark.parametrize(
    "path",
    ["/", "/x", "/api", "/api/x.y/~z", "/apis", "/x/a%20b%40%C3%A9", "/api/x;v=1", "/api.json"],
)
def test_an_ordinary_path_is_not_refused(path: str) -> None:
    for routes in TABLES:
        here, site = both(routes)
        found, there = here.find("", path), leads(site, path)
        assert found is not None
        assert there is not None
        assert there.effect == found.effect
