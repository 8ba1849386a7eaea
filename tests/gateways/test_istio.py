"""Istio: what is written is what its validation takes, and its default is told on import."""

from typing import Any

import pytest
import yaml
from hypothesis import given

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.istio import GATEWAY, read, write
from tests.cors.strategies import policies
from tests.gateways.converted import changed_unreported, config


def route(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(write(config(text), "route").text)
    return found


def test_origins_are_exact_or_a_regex_of_the_whole() -> None:
    found = route("allow_origins: [https://a.test, 'https://*.b.test', {regex: 'https://c|d'}]")
    assert found["corsPolicy"]["allowOrigins"] == [
        {"exact": "https://a.test"},
        {"regex": r"https://(?:[a-z0-9_-]+\.)+b\.test"},
        {"regex": "(?:https://c|d)"},
    ]


def test_refused_preflights_are_not_forwarded_and_the_upstreams_own_headers_go() -> None:
    found = route("allow_origins: [https://a.test]")
    assert found["corsPolicy"]["unmatchedPreflights"] == "IGNORE"
    assert len(found["headers"]["response"]["remove"]) == 7


def test_a_long_preflight_cache_is_a_duration() -> None:
    found = route("allow_origins: [https://a.test]\nmax_age: 100000")
    assert found["corsPolicy"]["maxAge"] == "27h46m40s"


LOST = {
    "a regex that would open every origin": (
        "allow_origins: [{regex: '.*'}]",
        "allow_origins",
    ),
    "a method of its own": ("allow_methods: [PURGE]", "allow_methods"),
    "a name of other characters": ("allow_headers: ['x-%a']", "allow_headers"),
    "an exposed name of other characters": ("expose_headers: ['x-%a']", "expose_headers"),
    "a preflight cache of none": ("max_age: 0", "max_age"),
    "the private network": ("allow_private_network: true", "allow_private_network"),
}


@pytest.mark.parametrize(("line", "setting"), LOST.values(), ids=LOST.keys())
def test_what_istio_does_not_take_is_told_with_its_line(line: str, setting: str) -> None:
    losses = write(config(line), "route").losses
    assert [loss.setting for loss in losses] == [setting]
    assert losses[0].place.line == 4


def test_names_that_would_be_echoed_beside_credentials_are_told() -> None:
    text = "allow_origins: [https://a.test]\nallow_credentials: true\nallow_headers: ['*', x-a]"
    assert route(text)["corsPolicy"]["allowHeaders"] == ["x-a"]
    assert [loss.setting for loss in write(config(text), "route").losses] == ["allow_headers"]


@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    policy: Policy,
) -> None:
    assert changed_unreported(GATEWAY, policy, "route") == set()


def imported(lines: str) -> tuple[Policy, list[str]]:
    text = f"spec: {{http: [{{corsPolicy: {{unmatchedPreflights: IGNORE, {lines}}}}}]}}"
    found = read(text, "service.yaml")
    return found.policy, [loss.setting for loss in found.losses]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("allowOrigins: [{prefix: 'https://a'}]", "allow_origins"),
        ("allowOrigins: [{exact: https://a.test/}]", "allow_origins"),
        ("allowOrigin: [https://a.test/]", "allow_origins"),
        ("allowOrigins: [{regex: 'null|https://a'}]", "allow_origins"),
        ("allowOrigins: [{regex: '.*'}], allowCredentials: true", "allow_credentials"),
        ("allowHeaders: ['*', x-a], allowCredentials: true", "allow_headers"),
        ("exposeHeaders: ['*'], allowCredentials: true", "expose_headers"),
        ("allowMethods: [put]", "allow_methods"),
        ("maxAge: 600", "max_age"),
    ],
)
def test_a_trap_of_its_own_is_told(lines: str, told: str) -> None:
    assert imported(lines)[1] == [told]


@pytest.mark.parametrize("lines", ["allowMethods: [PUT]", "unmatchedPreflights: FORWARD"])
def test_refused_preflights_that_are_forwarded_are_told(lines: str) -> None:
    losses = read(f"{{corsPolicy: {{{lines}}}}}", "x").losses
    assert [loss.setting for loss in losses] == ["refused_preflight"]


def test_the_forerunner_of_the_origins_is_read_and_a_star_opens_all() -> None:
    assert imported("allowOrigin: [https://a.test]")[0].allow_origins.match("https://a.test")
    assert imported("allowOrigin: ['*']")[0].allow_origins.any


@pytest.mark.parametrize("text", ["{}", "[{corsPolicy: {maxAge: 1s}}, {corsPolicy: {maxAge: 1s}}]"])
def test_a_file_without_one_policy_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "x")
