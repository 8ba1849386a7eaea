"""AWS HTTP API: what it can say is said, what it cannot is told, and nothing becomes wider."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.policy import Policy
from corsproxy.gateways.aws_http_api import GATEWAY, read, write
from corsproxy.gateways.conversion.aws_http_api_forms import FORMS
from corsproxy.gateways.conversion.gateway import FormatError
from tests.cors.strategies import ORIGINS, policies
from tests.gateways.converted import changed_unreported, config, differing, of_policy

PLAIN = """allow_origins: [https://a.test, "http://[::1]:3000"]
allow_methods: [PUT]
allow_headers: [authorization]
expose_headers: [etag]
allow_credentials: true
max_age: 600"""

BLOCK = {
    "AllowOrigins": ["https://a.test", "http://[::1]:3000"],
    "AllowMethods": ["PUT"],
    "AllowHeaders": ["authorization"],
    "ExposeHeaders": ["etag"],
    "MaxAge": 600,
    "AllowCredentials": True,
}

READ = sorted(FORMS.keys() - {"terraform", "cdk"})


def imported(block: object) -> Policy:
    return read(json.dumps({"CorsConfiguration": block}), "api.json").policy


def told(block: object) -> list[str]:
    losses = read(json.dumps({"CorsConfiguration": block}), "api.json").losses
    return [loss.setting for loss in losses]


def test_a_policy_of_single_origins_is_written_without_a_loss() -> None:
    written = write(config(PLAIN), "json")
    assert (json.loads(written.text), written.losses) == (BLOCK, ())


@pytest.mark.parametrize("form", READ)
def test_each_form_is_read_as_the_policy_that_it_was_written_from(form: str) -> None:
    policy = config(PLAIN).policy
    found = read(write(config(PLAIN), form).text, "exported")
    assert (differing(policy, found.policy), found.losses) == (set(), ())


@pytest.mark.parametrize("form", READ)
@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    form: str, policy: Policy
) -> None:
    assert changed_unreported(GATEWAY, policy, form) == set()


@given(policy=policies(), origin=st.sampled_from(ORIGINS))
def test_no_export_lets_in_an_origin_that_the_policy_does_not(policy: Policy, origin: str) -> None:
    back = read(write(of_policy(policy), "json").text, "exported").policy
    if back.allow_origins.any or back.allow_origins.match(origin):
        assert policy.allow_origins.any or policy.allow_origins.match(origin)


@pytest.mark.parametrize(
    ("policy", "setting", "line", "column"),
    [
        ('allow_origins: [https://a.test, "https://*.a.test"]', "allow_origins", 4, 35),
        ('allow_origins: ["http://localhost:*"]', "allow_origins", 4, 19),
        ('allow_origins: ["null"]', "allow_origins", 4, 19),
        ("allow_origins: [{regex: 'https://.*[.]a[.]test'}]", "allow_origins", 4, 19),
        ("allow_origins: [https://a.test]\nmax_age: 90000", "max_age", 5, 12),
        (
            "allow_origins: [https://a.test]\nallow_private_network: true",
            "allow_private_network",
            *(5, 26),
        ),
        (
            'allow_origins: [https://a.test]\nallow_credentials: true\nallow_headers: ["*"]',
            "allow_headers",
            *(6, 3),
        ),
    ],
    ids=["subdomains", "any port", "null", "regex", "long age", "private network", "star"],
)
def test_what_it_cannot_say_is_told_at_its_place(
    policy: str, setting: str, line: int, column: int
) -> None:
    losses = write(config(policy), "json").losses
    assert losses[0].setting == setting
    assert str(losses[0].place) == f"policy.yaml:{line}:{column}"


def test_a_subdomain_pattern_never_becomes_every_https_origin() -> None:
    written = write(config('allow_origins: ["https://*.a.test"]'), "json")
    assert json.loads(written.text)["AllowOrigins"] == []


def test_every_https_origin_is_a_regex_and_only_without_credentials() -> None:
    policy = "allow_origins: [{regex: 'https://.*'}]"
    assert json.loads(write(config(policy), "json").text)["AllowOrigins"] == ["https://*"]
    with_credentials = write(config(f"{policy}\nallow_credentials: true"), "json")
    assert json.loads(with_credentials.text)["AllowOrigins"] == []
    assert with_credentials.losses


def test_a_refused_request_that_reaches_the_upstream_is_a_loss_unless_the_policy_says_so() -> None:
    policy = Policy.from_lists(origins=["https://a.test"])
    assert [loss.setting for loss in write(of_policy(policy), "sam").losses] == ["refused_request"]


@pytest.mark.parametrize("mode", ["strip", "passthrough"])
def test_a_policy_that_grants_nothing_itself_is_not_made_to_grant(mode: str) -> None:
    written = write(config(f"mode: {mode}\nallow_origins: [https://a.test]"), "json")
    assert json.loads(written.text)["AllowOrigins"] == []
    assert {"mode", "allow_origins"} <= {loss.setting for loss in written.losses}


@pytest.mark.parametrize(
    ("key", "value", "setting"),
    [
        ("AllowOrigins", ["https://*.a.test"], "allow_origins"),
        ("AllowOrigins", ["https://a.test/"], "allow_origins"),
        ("AllowOrigins", ["null"], "allow_origins"),
        ("AllowMethods", ["put"], "allow_methods"),
        ("AllowMethods", ["TRACE"], "allow_methods"),
        ("AllowHeaders", ["x a"], "allow_headers"),
        ("AllowHeaders", ["cookie"], "allow_headers"),
        ("ExposeHeaders", ["set-cookie"], "expose_headers"),
        ("MaxAge", 86401, "max_age"),
        ("MaxAge", "soon", "max_age"),
        ("AllowCredentials", "maybe", "allow_credentials"),
        ("AllowOrigin", ["https://a.test"], "AllowOrigin"),
    ],
)
def test_what_no_browser_can_use_is_left_out_and_told(
    key: str, value: object, setting: str
) -> None:
    block = {"AllowOrigins": ["https://b.test"]} | {key: value}
    assert told(block) == [setting]
    known = [] if key == "AllowOrigins" else ["https://b.test"]
    assert imported(block) == imported({"AllowOrigins": known})


def test_star_with_credentials_is_no_credentials() -> None:
    block = {"AllowOrigins": ["*"], "AllowCredentials": True}
    assert told(block) == ["allow_credentials"]
    assert (imported(block).allow_origins.any, imported(block).allow_credentials) == (True, False)


def test_a_star_in_the_lists_is_none_beside_credentials() -> None:
    lists = {"AllowMethods": ["*", "PUT"], "AllowHeaders": ["*"], "ExposeHeaders": ["*"]}
    block = {"AllowOrigins": ["https://a.test"], "AllowCredentials": True} | lists
    assert told(block) == ["allow_methods", "allow_headers", "expose_headers"]
    assert str(imported(block).allow_methods) == "PUT"


def test_true_of_sam_is_every_origin() -> None:
    template = """
Resources:
  Api: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true}}
"""
    assert read(template, "template.yaml").policy.allow_origins.any


def test_a_value_that_is_made_at_the_deployment_is_told_at_its_place() -> None:
    template = """
Globals:
  HttpApi:
    CorsConfiguration:
      AllowOrigins: [https://a.test, !Sub "https://${Stage}.test", {Ref: Pages}]
      MaxAge: !Ref Age
Resources:
  Api: {Type: AWS::Serverless::HttpApi}
"""
    found = read(template, "template.yaml")
    assert [str(loss.place) for loss in found.losses] == [
        *("template.yaml:5:38", "template.yaml:5:68", "template.yaml:6:15")
    ]
    assert found.policy.allow_origins.match("https://a.test") is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "Resources: {}",
        '{"Name": "an API without CORS"}',
        "CorsConfiguration: yes please",
        "CorsConfiguration: {AllowOrigins: https://a.test}",
        '{"Items": [{"CorsConfiguration": {"MaxAge": 1}}, {"CorsConfiguration": {"MaxAge": 2}}]}',
    ],
)
def test_what_holds_no_single_policy_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(FormatError) as refused:
        read(text, "api.json")
    assert refused.value.place.source == "api.json"
    assert refused.value.fix


def test_the_openapi_extension_has_names_that_begin_small() -> None:
    document = yaml.safe_load(write(config(PLAIN), "openapi").text)
    assert document["x-amazon-apigateway-cors"]["allowOrigins"] == BLOCK["AllowOrigins"]


def test_a_policy_without_methods_allows_those_that_need_no_listing_and_not_an_uploads_own() -> (
    None
):
    block = json.loads(write(config("allow_origins: [https://a.test]"), "json").text)
    assert block["AllowMethods"] == ["GET", "HEAD", "POST"]


@pytest.mark.parametrize("form", ["cdk", "lambda-url"])
def test_a_form_with_methods_of_its_own_tells_of_the_others_and_keeps_the_rest(form: str) -> None:
    written = write(config("allow_origins: [https://a.test]\nallow_methods: [PUT, PURGE]"), form)
    assert [loss.setting for loss in written.losses] == ["allow_methods"]
    assert "PUT" in written.text
    assert "PURGE" not in written.text


@pytest.mark.parametrize("form", ["cdk", "lambda-url"])
def test_an_age_below_zero_is_zero_where_that_is_the_least(form: str) -> None:
    text = write(config("allow_origins: [https://a.test]\nmax_age: -1"), form).text
    assert "seconds(0)" in text or "MaxAge: 0" in text


@pytest.mark.parametrize(
    ("policy", "setting"),
    [
        ("allow_origins: [{regex: 'https://.*'}, https://a.test]", "allow_origins"),
        (f"allow_origins: [https://{'a.' * 122}test, https://a.test]", "allow_origins"),
        (
            f"allow_origins: [{', '.join(f'https://{i}x.test' for i in range(101))}]",
            "allow_origins",
        ),
        (
            f"allow_origins: ['*']\nallow_headers: [{', '.join(f'x-{i}' for i in range(101))}]",
            "allow_headers",
        ),
        ("allow_origins: [https://a.test]\nallow_methods: [OPTIONS]", "allow_methods"),
    ],
    ids=["a scheme", "a long origin", "many origins", "many names", "OPTIONS"],
)
def test_the_limits_of_a_functions_url_are_told(policy: str, setting: str) -> None:
    written = write(config(policy), "lambda-url")
    assert [loss.setting for loss in written.losses] == [setting]
    cors = yaml.safe_load(written.text)["Resources"]["FunctionUrl"]["Properties"]["Cors"]
    assert 1 <= len(cors["AllowOrigins"]) <= 100
    assert len(cors.get("AllowHeaders", [])) <= 100
    assert write(config(policy), "json").losses == ()


def test_a_scheme_is_no_pattern_to_a_functions_url() -> None:
    text = "{Cors: {AllowOrigins: ['https://*']}}"
    found = read(text, "url.json")
    assert [(loss.setting, loss.fix) for loss in found.losses] == [
        ("allow_origins", "list each origin")
    ]
    assert found.policy.allow_origins.match("https://a.test") is None


def test_serverless_with_credentials_and_no_origins_of_its_own_is_no_credentials() -> None:
    text = "provider: {httpApi: {cors: {allowCredentials: true}}}"
    found = read(text, "serverless.yml")
    assert (found.policy.allow_origins.any, found.policy.allow_credentials) == (True, False)
    assert [loss.setting for loss in found.losses] == ["allow_credentials"]


def test_a_route_that_hands_preflights_to_its_authorizer_is_told_at_its_place() -> None:
    text = """
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {CorsConfiguration: {AllowOrigins: ["*"]}}}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {RouteKey: $default, AuthorizationType: JWT}
"""
    (loss,) = read(text, "template.yaml").losses
    assert (loss.setting, str(loss.place)) == ("routes", "template.yaml:6:28")
    assert "OPTIONS /{proxy+}" in loss.fix


def test_several_apis_are_routes_of_their_endpoints() -> None:
    items = [
        {
            "ApiEndpoint": f"https://{name}.execute-api.eu-west-1.amazonaws.com",
            "CorsConfiguration": {"AllowOrigins": [f"https://{name}.test"]},
        }
        for name in "ab"
    ]
    found = read(json.dumps({"Items": items}), "apis.json")
    assert {route.host: str(*route.policy.allow_origins.patterns) for route in found.routes} == {
        f"{name}.execute-api.eu-west-1.amazonaws.com": f"https://{name}.test" for name in "ab"
    }
    assert (bool(found.policy.allow_origins), found.losses) == (False, ())
