"""Spring Cloud Gateway: patterns of paths, and what routes say themselves."""

import pytest

from corsproxy.gateways.conversion.gateway import Read
from corsproxy.gateways.spring import read

METHODS = "allowedMethods: ['*']"
HANDLES = "add-to-simple-url-handler-mapping: true"


def cors(origin: str) -> str:
    return f"{{allowedOrigins: ['https://{origin}.test'], {METHODS}}}"


def found(mappings: str, routes: str = "[]") -> Read:
    shared = (
        f"globalcors: {{{HANDLES}, cors-configurations: {{{mappings}}}}}" if mappings else "x: y"
    )
    gateway = f"{{{shared}, routes: {routes}}}"
    return read(f"spring: {{cloud: {{gateway: {{server: {{webflux: {gateway}}}}}}}}}", "a.yml")


def origins(one: Read) -> dict[str, str]:
    return {
        route.path: ",".join(map(str, route.policy.allow_origins.patterns)) for route in one.routes
    }


def test_the_first_pattern_that_fits_decides() -> None:
    read = found(f"'[/b/**]': {cors('b')}, '[/**]': {cors('a')}, '[/c/**]': {cors('c')}")
    assert origins(read) == {"/b": "https://b.test"}
    assert (str(*read.policy.allow_origins.patterns), read.losses) == ("https://a.test", ())


def test_all_other_paths_have_no_cors_of_the_gateway() -> None:
    read = found(f"'[/b/**]': {cors('b')}")
    assert (origins(read), read.policy.mode.value) == ({"/b": "https://b.test"}, "passthrough")


@pytest.mark.parametrize(
    ("pattern", "told"), [("/b", "/b alone is meant"), ("/b/*", "'/b/*' is no prefix of paths")]
)
def test_what_no_route_can_is_told(pattern: str, told: str) -> None:
    (loss,) = found(f"'[{pattern}]': {cors('b')}, '[/**]': {cors('a')}").losses
    assert loss.effect.startswith(told)


@pytest.mark.parametrize(
    "predicates",
    [
        "['Path=/b/**, /c/**', 'Host=b.test']",
        "[{name: Path, args: {patterns: [/b/**, /c/**]}}]",
        "[{name: Path, args: {_genkey_0: /b/**, _genkey_1: /c/**}}]",
    ],
)
@pytest.mark.parametrize("mappings", ["", f"'[/**]': {cors('a')}"])
def test_what_a_route_says_itself_comes_first(predicates: str, mappings: str) -> None:
    routes = f"[{{id: b, predicates: {predicates}, metadata: {{cors: {cors('b')}}}}}, {{id: c}}]"
    read = found(mappings, routes)
    assert origins(read) == {"/b": "https://b.test"}
    (loss,) = read.losses
    assert loss.effect == "/c/** has none of it: Spring takes the first pattern alone"


def test_a_route_stands_in_place_of_the_same_pattern_of_all() -> None:
    routes = f"[{{id: b, metadata: {{cors: {cors('b')}}}}}]"
    read = found(f"'[/**]': {cors('a')}", routes)
    assert (str(*read.policy.allow_origins.patterns), read.routes) == ("https://b.test", ())
    assert str(*found("", routes).policy.allow_origins.patterns) == "https://b.test"
