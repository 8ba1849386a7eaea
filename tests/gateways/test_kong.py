"""Kong: what is left out opens, so nothing is; and one origin alone is no constant."""

from typing import Any

import pytest
import yaml
from hypothesis import given

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.kong import FORMS, GATEWAY, read, write
from tests.cors.strategies import policies
from tests.gateways.converted import changed_unreported, config, of_policy


def plugin(text: str) -> dict[str, Any]:
    (found,) = yaml.safe_load(write(config(text), "declarative").text)["plugins"]
    assert found["name"] == "cors"
    return dict(found["config"])


def test_one_origin_alone_is_an_expression_since_a_plain_one_would_be_sent_to_all() -> None:
    assert plugin("allow_origins: [https://a.test]")["origins"] == [r"^https://a\.test$"]


def test_several_origins_are_plain_where_their_characters_are() -> None:
    text = "allow_origins: [https://a.test, https://b_b.test, 'https://*.c.test', 'null']"
    assert plugin(text)["origins"] == [
        "https://a.test",
        r"^https://b_b\.test$",
        r"^https://(?:[a-z0-9_-]+\.)+c\.test$",
        "^(?:null)$",
    ]


def test_what_would_open_if_it_were_left_out_is_written() -> None:
    found = plugin("max_age: 5")
    assert found["origins"] == ["https://nobody.invalid"]
    assert found["headers"] == ["accept"]
    assert found["methods"] == ["GET", "HEAD", "POST"]


@given(policy=policies())
def test_origins_and_methods_are_always_written_and_headers_unless_all_are_allowed(
    policy: Policy,
) -> None:
    found = yaml.safe_load(write(of_policy(policy), "kongplugin").text)["config"]
    assert found["origins"]
    assert found["methods"]
    assert found.get("headers") or (policy.allow_headers.any and policy.allow_credentials)


LOST = {
    "IPv6": ("allow_origins: ['http://[::1]:3000']", "allow_origins"),
    "a regex that matches the opaque origin": ("allow_origins: [{regex: '.*'}]", "allow_origins"),
    "a method of its own": ("allow_methods: [PURGE]", "allow_methods"),
    "the wildcard of methods": ('allow_methods: ["*"]', "allow_methods"),
}


@pytest.mark.parametrize(("line", "setting"), LOST.values(), ids=LOST.keys())
def test_what_kong_cannot_say_is_told_with_its_line(line: str, setting: str) -> None:
    losses = write(config(line), "declarative").losses
    assert [loss.setting for loss in losses] == [setting]
    assert losses[0].place.line == 4


@pytest.mark.parametrize(
    ("names", "written", "told"),
    [
        ("['*', authorization]", None, []),
        ("['*', x-a]", ["x-a"], ["allow_headers"]),
        ("['*']", ["accept"], ["allow_headers"]),
    ],
)
def test_beside_credentials_names_are_echoed_only_where_all_are_allowed(
    names: str, written: list[str] | None, told: list[str]
) -> None:
    text = f"allow_origins: [https://a.test]\nallow_credentials: true\nallow_headers: {names}"
    assert plugin(text).get("headers") == written
    assert [loss.setting for loss in write(config(text), "declarative").losses] == told


@pytest.mark.parametrize("form", FORMS)
@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    form: str, policy: Policy
) -> None:
    assert changed_unreported(GATEWAY, policy, form) == set()


def imported(lines: str) -> tuple[Policy, list[str]]:
    found = read(f"plugins: [{{name: cors, config: {{{lines}}}}}]", "kong.yaml")
    return found.policy, [loss.setting for loss in found.losses]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("origins: [a.test]", "allow_origins"),
        ("origins: ['.*[.]a[.]test']", "allow_origins"),
        ("origins: [https://a.test/]", "allow_origins"),
        ("origins: ['https://a|https://b']", "allow_origins"),
        ("origins: ['^(.*:)?null$']", "allow_origins"),
        ("credentials: true", "allow_credentials"),
        ("origins: ['*'], credentials: true", "allow_credentials"),
        ("origins: [https://a.test], headers: ['*'], credentials: true", "allow_headers"),
        ("origins: [https://a.test], exposed_headers: ['*'], credentials: true", "expose_headers"),
        ("origins: [https://a.test], preflight_continue: true", "refused_preflight"),
        ("max_age: soon", "max_age"),
    ],
)
def test_a_trap_of_its_own_is_told(lines: str, told: str) -> None:
    assert imported(lines)[1] == [told]


def test_what_is_not_there_is_open() -> None:
    policy, told = imported("")
    assert told == []
    assert policy.allow_origins.any
    assert policy.allow_headers.any
    assert policy.allow_headers.listed == ("authorization",)
    assert {"PUT", "PATCH", "DELETE"} <= {*policy.allow_methods.listed}


def test_an_expression_needs_no_anchors_unless_an_alternative_stands_outside_of_a_group() -> None:
    policy, told = imported(r"origins: ['https://a\.test', '^https://(b|c)\.test$']")
    assert told == []
    assert policy.allow_origins.match("https://a.test")
    assert policy.allow_origins.match("https://c.test")
    assert policy.allow_origins.match("https://a.test.evil.test") is None


def test_a_service_of_the_same_name_is_no_plugin() -> None:
    text = "services: [{name: cors, plugins: [{name: cors, config: {origins: [https://a.test]}}]}]"
    with pytest.raises(FormatError, match="0 plugins"):
        read("services: [{name: cors}]", "x")
    assert [str(one) for one in read(text, "x").policy.allow_origins.patterns] == ["https://a.test"]


def test_methods_that_no_page_can_use_are_not_spoken_of() -> None:
    policy, told = imported("origins: [https://a.test], methods: [PUT, TRACE, CONNECT]")
    assert told == []
    assert policy.allow_methods.listed == ("PUT",)


@pytest.mark.parametrize(
    "text", ["{}", "plugins: [{name: acl}]", "plugins: [{name: cors}, {name: cors}]"]
)
def test_a_file_without_one_plugin_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "x")
