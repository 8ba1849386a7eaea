"""Kong's routes, read: the nearest plugin, and the prefix that Kong takes away unless told."""

import pytest

from corsproxy.gateways.conversion.gateway import Read
from corsproxy.gateways.kong import read

A, B = "https://a.test", "https://b.test"
CORS = "{name: cors, config: {origins: ['^%s$', https://c.test]}%s}"


def cors(origin: str, more: str = "") -> str:
    return CORS % (origin, more)


def found(text: str) -> Read:
    return read(text, "kong.yaml")


NEAREST = f"""services:
- name: one
  url: http://one.test:81
  plugins: [{cors(A)}]
  routes:
  - {{name: own, paths: [/own/], plugins: [{cors(B)}], strip_path: false}}
  - {{name: of-service, paths: [/]}}
- name: two
  host: two.test
  port: 82
  routes: [{{name: none, paths: [/none/]}}]
"""


def test_the_nearest_plugin_decides_and_one_without_is_passed_through() -> None:
    read = found(NEAREST)
    assert [(route.path, route.policy.mode.value) for route in read.routes] == [
        ("/own", "enforce"),
        ("/none", "passthrough"),
    ]
    assert "a.test" in str(read.policy.allow_origins.patterns[0])
    assert [str(route.upstream) for route in read.routes] == [
        "http://one.test:81",
        "http://two.test:82",
    ]
    assert [route.strip_path for route in read.routes] == [False, True]


def test_plugins_beside_all_name_their_routes_and_services_or_none() -> None:
    read = found(f"""plugins:
- {cors(A)}
- {cors(B, ", route: b")}
- {cors("https://d.test", ", service: {name: d}")}
- {cors("https://e.test", ", enabled: false")}
services: [{{name: d, url: http://d/below}}, {{name: a, url: http://a}}]
routes:
- {{name: b, paths: [/b/], strip_path: false, service: a}}
- {{name: c, paths: [/c/], strip_path: false, service: {{name: d}}}}
- {{name: a, service: a}}
""")
    origins = [str(route.policy.allow_origins.patterns[0]) for route in read.routes]
    assert ["b.test" in origins[0], "d.test" in origins[1]] == [True, True]
    assert "a.test" in str(read.policy.allow_origins.patterns[0])
    assert {loss.setting for loss in read.losses} == {"upstream", "routes"}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("paths: [/b]", "/bx is meant, too"),
        ("paths: ['~/b/[0-9]+$']", "'~/b/[0-9]+$' is no prefix"),
        ("paths: [/b/], methods: [PUT]", "methods: asked of a request"),
        ("hosts: ['*.b.test']", "'*.b.test' is no single host"),
    ],
)
def test_what_no_route_can_is_told(lines: str, told: str) -> None:
    one = f"{{name: b, {lines}, strip_path: false, plugins: [{cors(B)}]}}"
    (loss,) = found(f"plugins: [{cors(A)}]\nroutes:\n- {one}\n- {{name: a}}\n").losses
    assert loss.effect.startswith(told)
    assert loss.place.line == 3


def test_a_host_is_asked_first() -> None:
    one = f"{{name: b, hosts: [B.test], plugins: [{cors(B)}]}}"
    read = found(f"plugins: [{cors(A)}]\nroutes:\n- {{name: a}}\n- {one}\n")
    assert [(route.host, route.path) for route in read.routes] == [("b.test", "/")]
