"""The Gateway API: what is written is what the resource's own schema takes; traps are told."""

from typing import Any

import pytest
import yaml
from hypothesis import given

from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.gateway_api import GATEWAY, read, write
from tests.cors.strategies import policies
from tests.gateways.converted import changed_unreported, config, of_policy

ONE = "{type: CORS, cors: {allowOrigins: [https://a.test]}}"


def cors(text: str) -> dict[str, Any]:
    (found,) = yaml.safe_load(write(config(text), "rule").text)["filters"]
    assert found["type"] == "CORS"
    return dict(found["cors"])


def test_origins_and_subdomains_are_written_as_they_are() -> None:
    found = cors("allow_origins: [https://a.test, 'https://*.b.test', 'http://localhost:3000']")
    assert found["allowOrigins"] == ["https://a.test", "https://*.b.test", "http://localhost:3000"]


def test_without_an_origin_an_origin_that_no_page_has_is_written() -> None:
    assert cors("max_age: 5")["allowOrigins"] == ["https://nobody.invalid"]


LOST = {
    "a regex": ("allow_origins: [{regex: 'https://.*'}]", "allow_origins"),
    "the opaque origin": ('allow_origins: ["null"]', "allow_origins"),
    "any port": ("allow_origins: ['http://localhost:*']", "allow_origins"),
    "IPv6": ("allow_origins: ['http://[::1]:3000']", "allow_origins"),
    "another scheme": ("allow_origins: ['chrome-extension://abcdefgh']", "allow_origins"),
    "a method of its own": ("allow_methods: [PURGE]", "allow_methods"),
    "names that would be echoed": ('allow_headers: ["*"]', "allow_headers"),
    "a preflight cache of none": ("max_age: -1", "max_age"),
    "the private network": ("allow_private_network: true", "allow_private_network"),
}


@pytest.mark.parametrize(("line", "setting"), LOST.values(), ids=LOST.keys())
def test_what_the_schema_does_not_take_is_told_with_its_line(line: str, setting: str) -> None:
    losses = write(config(line), "rule").losses
    assert [loss.setting for loss in losses] == [setting]
    assert losses[0].place.line == 4


def test_a_list_has_as_many_entries_as_the_schema_takes() -> None:
    many = [OriginPattern.parse(f"https://a{i}.test") for i in range(70)]
    written = write(of_policy(Policy(Origins(many))), "rule")
    assert len(yaml.safe_load(written.text)["filters"][0]["cors"]["allowOrigins"]) == 64
    assert [loss.setting for loss in written.losses].count("allow_origins") == 6


def test_the_wildcard_of_names_is_sure_only_with_credentials_and_authorization() -> None:
    names = 'allow_headers: ["*", authorization]'
    assert [loss.setting for loss in write(config(names), "rule").losses] == ["allow_headers"]
    assert cors(names)["allowHeaders"] == ["authorization"]
    sure = config(f"allow_origins: [https://a.test]\n{names}\nallow_credentials: true")
    assert write(sure, "rule").losses == ()


@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    policy: Policy,
) -> None:
    assert changed_unreported(GATEWAY, policy, "rule") == set()


def imported(lines: str, rule: str = "") -> tuple[Policy, list[str]]:
    text = f"spec: {{rules: [{{{rule}filters: [{{type: CORS, cors: {{{lines}}}}}]}}]}}"
    found = read(text, "route.yaml")
    return found.policy, [loss.setting for loss in found.losses]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("allowOrigins: [https://A.test]", "allow_origins"),
        ("allowOrigins: [https://a.test/]", "allow_origins"),
        ("allowOrigins: ['null']", "allow_origins"),
        ("allowOrigins: ['http://localhost:*']", "allow_origins"),
        ("allowOrigins: ['*'], allowCredentials: true", "allow_credentials"),
        ("allowMethods: [TRACE]", "allow_methods"),
        ("exposeHeaders: ['*'], allowCredentials: true", "expose_headers"),
        ("maxAge: 5s", "max_age"),
    ],
)
def test_a_trap_of_its_own_is_told(lines: str, told: str) -> None:
    assert imported(lines)[1] == [told]


@pytest.mark.parametrize(
    ("matches", "told"),
    [
        ("[{method: GET}]", ["matches"]),
        ("[{method: GET}, {method: PUT}]", ["matches"]),
        ("[{method: GET}, {method: OPTIONS}]", []),
        ("[{path: {value: /}}]", []),
        ("[]", []),
    ],
)
def test_a_rule_that_never_sees_a_preflight_is_told(matches: str, told: list[str]) -> None:
    assert imported("allowOrigins: [https://a.test]", f"matches: {matches}, ")[1] == told


def test_any_host_is_every_host_of_its_scheme_and_port() -> None:
    policy, told = imported("allowOrigins: ['https://*', 'http://*:8080']")
    assert told == []
    matched = {
        origin: policy.allow_origins.match(origin) is not None
        for origin in ("https://a.b", "https://a.b:8443", "http://a.b", "http://a.b:8080")
    }
    assert [*matched.values()] == [True, False, False, True]


def test_the_echo_of_names_covers_authorization_only_beside_credentials() -> None:
    echoed, _ = imported("allowHeaders: ['*'], allowCredentials: true")
    assert echoed.allow_headers.listed == ("authorization",)
    assert imported("allowHeaders: ['*']")[0].allow_headers.listed == ()


@pytest.mark.parametrize(
    "text",
    [
        "{filters: [{type: CORS, cors: {allowOrigins: [https://a.test]}}]}",
        "[{type: CORS, cors: {allowOrigins: [https://a.test]}}]",
        "{type: CORS, cors: {allowOrigins: [https://a.test]}}",
    ],
)
def test_a_rule_a_list_or_a_filter_alone_is_read(text: str) -> None:
    assert read(text, "x").policy.allow_origins.match("https://a.test")


@pytest.mark.parametrize("text", ["{}", "[{filters: [{type: URLRewrite}]}]"])
def test_a_file_without_one_filter_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "x")


def test_a_file_with_two_filters_is_refused() -> None:
    with pytest.raises(FormatError, match="2 filters"):
        read(f"{{rules: [{{filters: [{ONE}]}}, {{filters: [{ONE}]}}]}}", "x")


def test_what_is_beside_the_policy_of_a_route_is_not_looked_at() -> None:
    text = "{rules: [{matches: [{method: GET}], filters: []}, {filters: [" + ONE + "]}]}"
    assert read(text, "x").losses == ()
