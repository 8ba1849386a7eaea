"""APISIX: what is left out is every one, so nothing is; its expressions are anchored."""

from typing import Any

import pytest
import yaml
from hypothesis import given

from corsproxy.cors.policy import Policy
from corsproxy.gateways.apisix import GATEWAY, read, write
from corsproxy.gateways.conversion.gateway import FormatError
from tests.cors.strategies import policies
from tests.gateways.converted import changed_unreported, config, of_policy


def plugin(text: str) -> dict[str, Any]:
    document = yaml.safe_load(write(config(text), "plugin").text)
    return dict(document["plugins"]["cors"])


def test_origins_as_they_are_stand_in_one_text() -> None:
    found = plugin("allow_origins: [https://a.test, 'http://[::1]:3000']")
    assert found["allow_origins"] == "https://a.test,http://[::1]:3000"


def test_beside_an_expression_every_origin_is_one_and_each_is_anchored() -> None:
    text = "allow_origins: [https://a.test, 'https://*.b.test', 'null', {regex: 'https://c|d'}]"
    found = plugin(text)
    assert found["allow_origins"] == "https://nobody.invalid"
    assert found["allow_origins_by_regex"] == [
        r"^https://a\.test$",
        r"^https://(?:[a-z0-9_-]+\.)+b\.test$",
        "^null$",
        "^(?:https://c|d)$",
    ]


def test_a_scheme_with_a_hyphen_is_an_expression_since_the_schema_takes_no_other() -> None:
    found = plugin("allow_origins: ['chrome-extension://abcdefgh']")
    assert found["allow_origins_by_regex"] == ["^chrome-extension://abcdefgh$"]


def test_what_would_open_if_it_were_left_out_is_written() -> None:
    assert plugin("max_age: -1") == {
        "allow_origins": "https://nobody.invalid",
        "allow_methods": "GET,HEAD,POST",
        "allow_headers": "accept",
        "expose_headers": "cache-control",
        "allow_credential": False,
        "max_age": 0,
    }


@given(policy=policies())
def test_beside_credentials_no_text_is_a_star_which_its_schema_refuses(policy: Policy) -> None:
    found = yaml.safe_load(write(of_policy(policy), "plugin").text)["plugins"]["cors"]
    assert not (found["allow_credential"] and "*" in found.values())
    assert all(found[key] for key in ("allow_origins", "allow_methods", "allow_headers"))


LOST = {
    "a regex that matches the opaque origin": ("allow_origins: [{regex: '.*'}]", "allow_origins"),
    "the private network": ("allow_private_network: true", "allow_private_network"),
}


@pytest.mark.parametrize(("line", "setting"), LOST.values(), ids=LOST.keys())
def test_what_apisix_cannot_say_is_told_with_its_line(line: str, setting: str) -> None:
    losses = write(config(line), "plugin").losses
    assert [loss.setting for loss in losses] == [setting]
    assert losses[0].place.line == 4


@pytest.mark.parametrize(
    ("line", "written", "told"),
    [
        ("allow_headers: ['*', authorization]", ("allow_headers", "**"), []),
        ("allow_headers: ['*', x-a]", ("allow_headers", "x-a"), ["allow_headers"]),
        (
            "allow_methods: ['*', PURGE]",
            ("allow_methods", "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS,PURGE"),
            ["allow_methods"],
        ),
    ],
)
def test_beside_credentials_a_wildcard_echoes_or_is_spelled_out_and_told(
    line: str, written: tuple[str, str], told: list[str]
) -> None:
    text = f"allow_origins: [https://a.test]\nallow_credentials: true\n{line}"
    assert written in plugin(text).items()
    assert [loss.setting for loss in write(config(text), "plugin").losses] == told


@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    policy: Policy,
) -> None:
    assert changed_unreported(GATEWAY, policy, "plugin") == set()


def imported(lines: str) -> tuple[Policy, list[str]]:
    found = read(f"plugins: {{cors: {{{lines}}}}}", "route.yaml")
    return found.policy, [loss.setting for loss in found.losses]


ONE = "allow_origins: https://a.test"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("allow_origins: https://a.test/", "allow_origins"),
        (
            "allow_origins: '**', allow_credential: true, allow_methods: PUT, allow_headers: x-a",
            "allow_credentials",
        ),
        (r"allow_origins_by_regex: ['.*\.a\.test']", "allow_origins"),
        (f"{ONE}, allow_origins_by_regex: ['^https://b$']", "allow_origins"),
        (f"{ONE}, allow_origins_by_metadata: [b]", "allow_origins"),
        (f"{ONE}, timing_allow_origins: https://b.test", "timing_allow_origins"),
        (f"{ONE}, expose_headers: '**'", "expose_headers"),
        (f"{ONE}, allow_headers: '**', allow_credential: true", "allow_methods"),
        (f"{ONE}, max_age: 10s", "max_age"),
    ],
)
def test_a_trap_of_its_own_is_told(lines: str, told: str) -> None:
    assert imported(lines)[1] == [told]


def test_what_is_not_there_is_open_but_nothing_is_exposed() -> None:
    policy, told = imported("")
    assert told == []
    assert policy.allow_origins.any
    assert policy.allow_methods.any
    assert policy.allow_headers.any
    assert not policy.allow_headers.listed
    assert not policy.expose_headers


def test_two_stars_are_the_methods_that_it_knows_and_every_name() -> None:
    policy, told = imported(f"{ONE}, allow_methods: '**', allow_headers: '**'")
    assert told == []
    assert {"PUT", "PATCH"} <= {*policy.allow_methods.listed}
    assert not policy.allow_methods.any
    assert policy.allow_headers.listed == ("authorization",)


@pytest.mark.parametrize("text", ["{}", "plugins: {limit-req: {}}"])
def test_a_file_without_one_plugin_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "x")
