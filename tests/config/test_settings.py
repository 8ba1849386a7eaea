"""What a route does to a request, told from where it stands."""

import pytest

from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config

TEXT = """
upstream: https://a.test
cors: {allow_origins: [http://localhost:5173]}
routes:
  - {path: /api%s}
"""


def config(settings: str) -> Config:
    return load_text((TEXT % settings).encode(), "policy.yaml", {}, {}).config


def test_a_route_that_says_nothing_does_as_the_top() -> None:
    found = config("")
    assert found.listed_routes[0].effect == found.routes[-1].effect


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(", upstream: 'https://b.test'", id="another upstream"),
        pytest.param(", strip_path: true", id="a path that is stripped"),
        pytest.param(", cors: {allow_methods: [PUT]}", id="another policy"),
        pytest.param(", upstream_tls: {server_name: b.test}", id="another verification"),
    ],
)
def test_a_route_that_says_something_does_otherwise(settings: str) -> None:
    found = config(settings)
    assert found.listed_routes[0].effect != found.routes[-1].effect


@pytest.mark.parametrize(
    ("settings", "place", "stripped"),
    [
        pytest.param("", "/api", "", id="a path"),
        pytest.param("/", "/api/", "", id="a path with a slash"),
        pytest.param("/, strip_path: true", "/api/", "/api", id="stripped without its slash"),
        pytest.param(", host: x.test", "x.test/api", "", id="a host"),
    ],
)
def test_a_route_is_known_by_host_and_path(settings: str, place: str, stripped: str) -> None:
    (route,) = config(settings).listed_routes
    assert (route.place, route.stripped_prefix) == (place, stripped)
