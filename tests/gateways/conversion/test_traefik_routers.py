"""Traefik: routers by priority; what several routes have in common is written once."""

from typing import Any

from corsproxy.gateways.conversion.traefik_routers import routed
from tests.gateways.converted import table


def written(routes: str) -> dict[str, Any]:
    return routed(
        table(routes),
        lambda export: {"age": export.policy.max_age},
        lambda export: {"url": str(export.route.upstream)},
    )


def test_one_route_needs_no_priority() -> None:
    assert written("- path: /a")["routers"] == {
        "api": {
            "rule": "PathPrefix(`/`)",
            "entryPoints": ["web"],
            "middlewares": ["cors"],
            "service": "upstream",
        }
    }


def test_the_longer_prefix_has_the_higher_priority_and_takes_whole_segments() -> None:
    routers = written("- {path: /a, cors: {max_age: 5}}\n- {path: /a/b}")["routers"].values()
    by_priority = sorted(routers, key=lambda router: -router["priority"])
    used = [router["rule"] for router in by_priority if router["service"] == "upstream"]
    assert used == [
        "(Path(`/a/b`) || PathPrefix(`/a/b/`))",
        "(Path(`/a`) || PathPrefix(`/a/`))",
        "PathPrefix(`/`)",
    ]
    assert len({router["priority"] for router in by_priority}) == 6


def test_what_is_ambiguous_goes_to_nobody() -> None:
    routers = written("- {path: /a, cors: {max_age: 5}}")["routers"].values()
    refused = [router for router in routers if router["service"] == "noop@internal"]
    assert [router["rule"][:12] for router in refused] == ["PathRegexp(`", "PathRegexp(`"]


def test_a_host_is_asked_before_all_others() -> None:
    routers = written("- {path: /, host: b.test, cors: {max_age: 5}}")["routers"]
    assert [(router["rule"], router["priority"]) for router in routers.values()] == [
        ("Host(`b.test`) && PathPrefix(`/`)", 2),
        ("PathPrefix(`/`)", 1),
    ]


def test_equal_policies_upstreams_and_prefixes_are_written_once() -> None:
    found = written("""- {path: /a, strip_path: true, upstream: 'http://127.0.0.1:9'}
- {path: /b, strip_path: true, cors: {max_age: 5}}
- {path: /a, host: b.test, strip_path: true}""")
    assert [*found["middlewares"]] == ["cors", "cors-1", "strip", "strip-1"]
    assert [*found["services"]] == ["upstream", "upstream-1"]
    used = [router["middlewares"] for router in found["routers"].values() if len(router) == 5]
    assert ["cors", "strip-1"] in used
    assert ["cors-1", "strip"] in used
