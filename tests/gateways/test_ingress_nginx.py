"""ingress-nginx: what stands there by default or by mistake is told before it goes on."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.settings import Config
from corsproxy.cors.policy import Policy
from corsproxy.gateways import gateway_api
from corsproxy.gateways.conversion.gateway import FormatError, Read
from corsproxy.gateways.ingress_nginx import read

PREFIX = "nginx.ingress.kubernetes.io/"


def ingress(**annotations: str) -> Read:
    """Of names with `_` in place of `-`, without what all begin with."""
    given = {"enable-cors": "true"} | {
        name.replace("_", "-"): text for name, text in annotations.items()
    }
    lines = "".join(f'    {PREFIX}{name}: "{text}"\n' for name, text in given.items())
    return read(f"kind: Ingress\nmetadata:\n  annotations:\n{lines}", "ingress.yaml")


def imported(**annotations: str) -> tuple[Policy, list[str]]:
    found = ingress(**annotations)
    return found.policy, [loss.setting for loss in found.losses]


def origins(text: str) -> tuple[Policy, list[str]]:
    return imported(cors_allow_origin=text)


def granted(policy: Policy, origin: str) -> bool:
    return policy.allow_origins.match(origin) is not None


def test_the_defaults_are_those_of_the_controller() -> None:
    policy, told = origins("https://a.test")
    assert told == []
    assert policy.allow_credentials
    assert policy.max_age == 1_728_000
    assert {"PUT", "DELETE", "PATCH"} <= {*policy.allow_methods.listed}
    assert "Authorization" in policy.allow_headers.listed
    assert "DNT" not in policy.allow_headers.listed


@pytest.mark.parametrize(
    "text",
    [
        "https://a.test/",
        "https://a.test, https://b_b.test",
        "https://a.test, *",
        "https://.*[.]test",
        "http://[::1]:3000",
        "https://a.test https://b.test/",
    ],
)
def test_an_origin_that_is_refused_opens_all_and_that_is_critical(text: str) -> None:
    policy, told = origins(text)
    assert policy.allow_origins.any
    assert told == ["allow_origins", "allow_credentials"]
    assert "critical" in ingress(cors_allow_origin=text).losses[0].effect


def test_the_fix_of_such_a_list_is_the_list_without_what_is_refused() -> None:
    (loss, _) = ingress(cors_allow_origin="https://a.test, https://b.test/").losses
    assert loss.fix == f'{PREFIX}cors-allow-origin: "https://a.test"'
    assert loss.place.line == 5


VALIDATION = r"((((([a-z]+://)?(\*\.)?[A-Za-z0-9\-.]*(:\d+)?,?)|null)+)|\*)?"
"""The controller's own."""


@given(text=st.text("ahnult:/.,*0Z-_ ", max_size=20).map(lambda text: text.replace(" ", "")))
def test_a_list_is_refused_where_the_validation_of_the_controller_refuses_it(text: str) -> None:
    refused = re2.fullmatch(VALIDATION, text) is None
    told = [loss.effect for loss in ingress(cors_allow_origin=text).losses]
    assert any("critical" in effect for effect in told) is refused


def test_a_list_with_blanks_and_a_comma_at_its_end_is_fine() -> None:
    policy, told = origins("https://a.test, http://localhost:3000,")
    assert told == []
    assert granted(policy, "http://localhost:3000")


def test_an_asterisk_is_one_label() -> None:
    policy, _ = origins("https://*.a.test")
    assert granted(policy, "https://b.a.test")
    assert not granted(policy, "https://c.b.a.test")
    assert not granted(policy, "https://a.test")


def test_an_origin_in_capitals_is_the_origin_that_a_browser_sends() -> None:
    policy, told = origins("https://App.Test")
    assert told == []
    assert granted(policy, "https://app.test")


@pytest.mark.parametrize(
    ("annotations", "told"),
    [
        ({"cors_allow_origin": "a.test"}, ["allow_origins"]),
        ({"cors_allow_origin": "https://a.test https://b.test"}, ["allow_origins"]),
        ({"cors_allow_origin": "https://a.test:443"}, ["allow_origins"]),
        ({}, ["allow_credentials"]),
        ({"cors_allow_origin": "*"}, ["allow_credentials"]),
        ({"cors_allow_credentials": "false"}, []),
        ({"cors_allow_credentials": "no"}, ["allow_credentials"]),
    ],
)
def test_what_happens_by_itself_is_told(annotations: dict[str, str], told: list[str]) -> None:
    assert imported(**annotations)[1] == told


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cors_allow_methods", "M-SEARCH"),
        ("cors_allow_headers", "*"),
        ("cors_expose_headers", "x+a"),
        ("cors_expose_headers", "*"),
        ("cors_max_age", "10m"),
    ],
)
def test_a_value_that_is_refused_is_told_and_grants_nothing(name: str, text: str) -> None:
    policy, told = imported(**{"cors_allow_origin": "https://a.test", name: text})
    setting = name.removeprefix("cors_")
    assert told == [setting]
    assert not getattr(policy, setting)


WIDENED = {
    "every page, by the default of credentials": {},
    "any depth, of one label": {"cors_allow_origin": "https://*.a.test"},
    "the opaque origin": {"cors_allow_origin": "null"},
    "every page, by a mistake": {"cors_allow_origin": "https://a.test/"},
}


@pytest.mark.parametrize("annotations", WIDENED.values(), ids=WIDENED.keys())
def test_on_the_way_to_the_gateway_api_nothing_is_widened_unsaid(
    annotations: dict[str, str],
) -> None:
    found = ingress(**annotations)
    upstream = UpstreamAddress("http", "127.0.0.1", 8000)
    written = gateway_api.write(Config(upstream, found.policy), "rule")
    losses = [*found.losses, *written.losses]
    assert {loss.setting for loss in losses} & {"allow_origins", "allow_credentials"}
    assert "allowCredentials: true" not in written.text or "'*'" not in written.text
    assert "https://*.a.test" not in written.text


@pytest.mark.parametrize(
    "text",
    [
        "metadata: {annotations: {}}",
        f"metadata: {{annotations: {{{PREFIX}enable-cors: 'false'}}}}",
        f"[{{{PREFIX}enable-cors: 'true'}}, {{{PREFIX}enable-cors: 'true'}}]",
    ],
)
def test_a_file_without_one_ingress_that_switches_it_on_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "x")
