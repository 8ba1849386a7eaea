"""Traefik: its regexes are anchored, and its middleware is told to vary."""

from typing import Any

import pytest
import yaml
from hypothesis import given

from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.traefik import FORMS, GATEWAY, read, write
from tests.cors.strategies import policies
from tests.gateways.converted import (
    changed_unreported,
    config,
    routed,
    routed_settings,
    routes_changed_unreported,
)


def headers(text: str) -> dict[str, Any]:
    document = yaml.safe_load(write(config(text), "middleware").text)
    found: dict[str, Any] = document["http"]["middlewares"]["cors"]["headers"]
    return found


def test_each_regex_is_anchored() -> None:
    found = headers("allow_origins: [https://a.test, 'https://*.b.test', {regex: 'https://c|d'}]")
    assert found["accessControlAllowOriginList"] == ["https://a.test"]
    assert found["accessControlAllowOriginListRegex"] == [
        r"^https://(?:[a-z0-9_-]+\.)+b\.test$",
        "^(?:https://c|d)$",
    ]


def test_the_response_varies_and_the_upstreams_own_headers_go() -> None:
    found = headers("allow_origins: [https://a.test]")
    assert found["addVaryHeader"] is True
    assert set(found["customResponseHeaders"].values()) == {""}
    assert len(found["customResponseHeaders"]) == 7


def test_the_wildcard_of_names_beside_credentials_is_told_unless_authorization_is_listed() -> None:
    text = "allow_origins: [https://a.test]\nallow_credentials: true\nallow_headers: "
    assert headers(f"{text}['*', authorization]")["accessControlAllowHeaders"] == ["*"]
    assert headers(f"{text}['*', x-a]")["accessControlAllowHeaders"] == ["x-a"]
    assert [loss.setting for loss in write(config(f"{text}['*']"), "file").losses] == [
        "allow_headers"
    ]


def test_a_socket_of_the_file_system_and_the_private_network_are_told() -> None:
    text = """upstream: unix:/tmp/api
cors: {allow_origins: [https://a.test], refused_request: forward, allow_private_network: true}"""
    losses = write(load_text(text.encode(), "p.yaml", {}, {}).config, "file").losses
    assert {loss.setting for loss in losses} == {"allow_private_network", "upstream"}


@pytest.mark.parametrize("form", FORMS)
@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    form: str, policy: Policy
) -> None:
    assert changed_unreported(GATEWAY, policy, form) == set()


def imported(lines: str) -> tuple[Policy, list[str]]:
    text = f"http: {{middlewares: {{any: {{headers: {{{lines}}}}}}}}}"
    found = read(text, "dynamic.yaml")
    return found.policy, [loss.setting for loss in found.losses]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("accessControlAllowOriginList: [https://a.test/]", "allow_origins"),
        ("accessControlAllowOriginList: ['https://*.a.test']", "allow_origins"),
        (r"accessControlAllowOriginListRegex: ['https://a\.test']", "allow_origins"),
        (r"accessControlAllowOriginListRegex: ['^https://a\.test']", "allow_origins"),
        ("accessControlAllowOriginListRegex: ['^https://a|https://b$']", "allow_origins"),
        ("accessControlAllowOriginListRegex: ['^.*$']", "allow_origins"),
        ("accessControlAllowOriginListRegex: ['^($']", "allow_origins"),
        (
            "accessControlAllowOriginList: ['*'], accessControlAllowCredentials: true",
            "allow_credentials",
        ),
        ("accessControlAllowMethods: [put]", "allow_methods"),
        ("accessControlMaxAge: never", "max_age"),
    ],
)
def test_a_trap_of_its_own_is_told(lines: str, told: str) -> None:
    assert imported(lines)[1] == [told]


def test_a_regex_that_is_searched_for_has_to_match_the_whole_afterwards() -> None:
    policy, _ = imported("accessControlAllowOriginListRegex: ['^https://a|https://b$']")
    assert policy.allow_origins.match("https://b")
    assert policy.allow_origins.match("https://a.evil.test") is None


def test_a_group_with_an_alternative_is_anchored_and_keys_are_read_in_any_case() -> None:
    policy, told = imported("accesscontrolalloworiginlistregex: ['^https://(a|[b|)])$']")
    assert told == []
    assert policy.allow_origins.match("https://a")


def test_the_resource_of_kubernetes_is_read() -> None:
    text = "spec: {headers: {accessControlAllowOriginList: [https://a.test]}}"
    assert read(text, "x.yaml").policy.allow_origins.match("https://a.test")


@pytest.mark.parametrize("text", ["http: {}", "spec: {headers: {addVaryHeader: true}}"])
def test_a_file_without_one_middleware_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "x.yaml")


def test_a_regex_that_would_be_a_template_is_told() -> None:
    written = write(config("allow_origins: [{regex: 'https://a{{'}]"), "file")
    assert [loss.setting for loss in written.losses] == ["allow_origins"]
    assert "{{" not in written.text


def test_each_route_has_its_middleware_and_a_loss_of_one_is_told_in_its_place() -> None:
    routes = "- {path: /a, upstream: 'unix:/tmp/api', cors: {max_age: 5}}"
    written = write(routed(routes), "file")
    found = yaml.safe_load(written.text)["http"]
    ages = [one["headers"].get("accessControlMaxAge") for one in found["middlewares"].values()]
    assert ages == [None, 5]
    assert [(loss.setting, str(loss.place)) for loss in written.losses] == [
        ("upstream", "policy.yaml:4:24")
    ]


def test_a_middleware_alone_is_that_of_all_other_paths() -> None:
    written = write(routed("- {path: /a, cors: {max_age: 5}}"), "middleware")
    assert [loss.setting for loss in written.losses] == ["routes"]


def test_the_resource_of_kubernetes_holds_the_same_middleware() -> None:
    text = "allow_origins: [https://a.test, {regex: 'https://a{{'}]"
    document = yaml.safe_load(write(config(text), "crd").text)
    assert (document["kind"], document["metadata"]["name"]) == ("Middleware", "cors")
    assert document["spec"]["headers"]["accessControlAllowOriginListRegex"] == ["^(?:https://a{{)$"]
    plain = config("allow_origins: [https://a.test]")
    assert yaml.safe_load(write(plain, "crd").text)["spec"]["headers"] == headers(
        "allow_origins: [https://a.test]"
    )


def labels(text: str) -> dict[str, str]:
    begin = "traefik.http.middlewares.cors.headers."
    found = yaml.safe_load(write(config(text), "labels").text)["labels"]
    return {key.removeprefix(begin): value for key, value in found.items()}


def test_labels_are_texts_whose_dollars_are_doubled_for_compose() -> None:
    found = labels("allow_origins: [https://a.test, 'https://*.b.test']\nallow_credentials: true")
    assert found["accesscontrolalloworiginlist"] == "https://a.test"
    assert found["accesscontrolalloworiginlistregex"] == (r"^https://(?:[a-z0-9_-]+\.)+b\.test$$")
    assert found["accesscontrolallowcredentials"] == "true"
    assert found["customresponseheaders.Access-Control-Allow-Origin"] == ""
    assert found["traefik.http.routers.api.middlewares"] == "cors"


def test_an_expression_with_a_comma_does_not_fit_into_a_label() -> None:
    written = write(config("allow_origins: [https://a.test, 'http://localhost:*']"), "labels")
    assert [loss.setting for loss in written.losses] == ["allow_origins"]
    assert "localhost" not in written.text


@pytest.mark.parametrize(
    "text",
    [
        "services: {api: {labels: {%s.accessControlAllowOriginList: 'https://a.test, https://b'}}}",
        "services: {api: {labels: ['%s.accesscontrolalloworiginlist=https://a.test,https://b']}}",
    ],
)
def test_labels_of_a_compose_file_are_read(text: str) -> None:
    found = read(text % "traefik.http.middlewares.any.headers", "compose.yaml")
    assert found.policy.allow_origins.match("https://b")
    assert found.losses == ()


@given(settings=routed_settings())
def test_after_export_and_import_routes_are_the_same_or_the_difference_was_told(
    settings: Config,
) -> None:
    assert routes_changed_unreported(GATEWAY, settings, "file") == set()
