"""Spring: `*` and ports are its patterns; written and read, a policy is the same."""

from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given

from corsproxy.cors.policy import Policy, RefusedRequest
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.spring import FORMS, GATEWAY, read
from tests.cors.strategies import policies
from tests.gateways.converted import changed_unreported
from tests.gateways.snippets import ONE, REFLECTED, text, told

HEAD = "spring: {cloud: {gateway: {server: {webflux: {globalcors: "
TAIL = "}}}}}"
LISTED = "allowedMethods: [GET, HEAD, POST]"


def block(policy: str, form: str = "webflux") -> dict[str, Any]:
    found = yaml.safe_load(text("spring", policy, form))["spring"]["cloud"]["gateway"]
    if form == "webflux":
        found = found["server"]["webflux"]
    assert found["globalcors"]["add-to-simple-url-handler-mapping"] is True
    block: dict[str, Any] = found["globalcors"]["cors-configurations"]["[/**]"]
    return block


@pytest.mark.parametrize("form", FORMS)
def test_single_origins_and_patterns_have_their_lists(form: str) -> None:
    origins = "[https://a.test, 'https://*.b.test', 'http://localhost:*']"
    found = block(f"allow_origins: {origins}", form)
    assert found["allowedOrigins"] == ["https://a.test"]
    assert found["allowedOriginPatterns"] == ["https://*.b.test", "http://localhost:[*]"]


def test_the_methods_that_need_no_leave_are_listed_since_it_refuses_them_else() -> None:
    assert block(ONE)["allowedMethods"] == ["GET", "HEAD", "POST"]


def test_everybody_with_credentials_is_a_pattern_since_the_list_is_refused() -> None:
    assert block("allow_origins: ['*']")["allowedOrigins"] == ["*"]
    assert block(REFLECTED)["allowedOriginPatterns"] == ["*"]


def test_a_regex_and_names_that_would_be_sent_back_are_told() -> None:
    policy = "allow_origins: [{regex: 'https://.*'}]\nallow_headers: ['*']"
    assert told("spring", policy) == ["refused_request", "allow_origins", "allow_headers"]


@pytest.mark.parametrize("form", FORMS)
@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    form: str, policy: Policy
) -> None:
    policy = replace(policy, refused_request=RefusedRequest.REJECT)
    assert changed_unreported(GATEWAY, policy, form) == set()


def imported(lines: str, more: str = "addToSimpleUrlHandlerMapping: true, ") -> Any:
    return read(f"{HEAD}{{{more}cors-configurations: {{'[/**]': {{{lines}}}}}}}{TAIL}", "a.yml")


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        (f"allowed-origins: https://a.test/, {LISTED}", []),
        ("allowedOrigins: [https://a.test]", ["allow_methods"]),
        (f"allowedOrigins: ['*'], allowCredentials: true, {LISTED}", ["allow_credentials"]),
        (f"allowedOriginPatterns: ['https://*a.test'], {LISTED}", ["allow_origins"]),
        (f"allowedOriginPatterns: ['https://*.a.test:[80,81]'], {LISTED}", []),
        (f"allowedOriginPatterns: ['HTTPS://A'], {LISTED}", ["allow_origins"]),
        (f"allowedOrigins: ['https://*.a.test'], {LISTED}", ["allow_origins"]),
        (f"exposedHeaders: ['*'], allowCredentials: true, {LISTED}", ["expose_headers"]),
        (f"allowedOrigin: [https://a.test], {LISTED}", ["allowedOrigin"]),
    ],
)
def test_a_trap_of_its_own_is_told(lines: str, lost: list[str]) -> None:
    assert [loss.setting for loss in imported(lines).losses] == lost


def test_ports_and_labels_of_a_pattern_are_those_of_the_policy() -> None:
    lines = f"allowedOriginPatterns: ['https://*.a.test:[80,81]', 'http://b:[*]'], {LISTED}"
    origins = imported(lines).policy.allow_origins
    granted = ["https://x.a.test:80", "https://x.y.a.test:81", "http://b", "http://b:3000"]
    assert all(map(origins.match, granted))
    assert not any(map(origins.match, ["https://x.a.test", "https://a.test:80", "http://b.c"]))


def test_names_of_a_wildcard_are_sent_back_authorization_among_them() -> None:
    names = imported(f"allowedHeaders: '*', {LISTED}").policy.allow_headers
    assert (names.any, names.listed) == (True, ("authorization",))


def test_preflights_that_no_route_takes_are_told() -> None:
    found = imported(f"allowedOrigins: 'https://a.test, https://b.test', {LISTED}", "")
    assert [loss.fix for loss in found.losses] == ["add-to-simple-url-handler-mapping: true"]
    assert found.policy.allow_origins.match("https://b.test")


@pytest.mark.parametrize(
    "lines",
    [
        "spring: {}",
        f"{HEAD}{{cors-configurations: {{'[/a]': null}}}}{TAIL}",
        f"{HEAD}{{}}{TAIL}",
    ],
)
def test_a_file_without_one_configuration_is_refused(lines: str) -> None:
    with pytest.raises(FormatError):
        read(lines, "a.yml")
