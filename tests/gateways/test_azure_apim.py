"""Azure API Management: the cors policy says what is documented, and its traps are told."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.policy import Policy, RefusedRequest
from corsproxy.gateways.azure_apim import FORMS, GATEWAY, read, write
from corsproxy.gateways.conversion.gateway import FormatError
from tests.cors.strategies import ORIGINS, policies
from tests.gateways.converted import changed_unreported, config, differing, of_policy

PLAIN = """allow_origins: [https://a.test, "http://[::1]:3000"]
allow_methods: [PUT]
allow_headers: [authorization]
expose_headers: [etag]
allow_credentials: true
max_age: 600"""

CORS = """<cors allow-credentials="true" terminate-unmatched-request="false">
    <allowed-origins>
        <origin>https://a.test</origin>
        <origin>http://[::1]:3000</origin>
    </allowed-origins>
    <allowed-methods preflight-result-max-age="600">
        <method>GET</method>
        <method>HEAD</method>
        <method>POST</method>
        <method>PUT</method>
    </allowed-methods>
    <allowed-headers>
        <header>authorization</header>
    </allowed-headers>
    <expose-headers>
        <header>etag</header>
    </expose-headers>
</cors>
"""


def told(policy: str) -> list[str]:
    return sorted({loss.setting for loss in write(config(policy), "policy").losses})


def imported(text: str) -> tuple[Policy, list[tuple[str, int]]]:
    found = read(text, "cors.xml")
    return found.policy, [(loss.setting, loss.place.line) for loss in found.losses]


def test_the_policy_is_written_in_the_order_that_is_asked_for() -> None:
    written = write(config(PLAIN), "policy")
    assert (written.text, written.losses) == (CORS, ())


def test_in_a_document_it_is_the_first_of_the_inbound_section() -> None:
    root = ET.fromstring(write(config(PLAIN), "document").text)
    assert [section.tag for section in root] == ["inbound", "backend", "outbound", "on-error"]
    assert [one.tag for one in root[0]] == ["cors", "base"]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_read_as_the_policy_that_it_was_written_from(form: str) -> None:
    policy = config(PLAIN).policy
    found = read(write(config(PLAIN), form).text, "exported")
    assert (differing(policy, found.policy), found.losses) == (set(), ())


@pytest.mark.parametrize("form", FORMS)
@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    form: str, policy: Policy
) -> None:
    assert changed_unreported(GATEWAY, policy, form) == set()


@given(policy=policies(), origin=st.sampled_from(ORIGINS))
def test_no_export_lets_in_an_origin_that_the_policy_does_not(policy: Policy, origin: str) -> None:
    back = read(write(of_policy(policy), "policy").text, "exported").policy
    if back.allow_origins.any or back.allow_origins.match(origin):
        assert policy.allow_origins.any or policy.allow_origins.match(origin)


@pytest.mark.parametrize(
    ("policy", "settings"),
    [
        ('allow_origins: ["https://*.a.test", https://a.test]', ["allow_origins"]),
        ('allow_origins: ["null", https://a.test]', ["allow_origins"]),
        ("allow_origins: [chrome-extension://abc, https://a.test]", ["allow_origins"]),
        ("{}", ["allow_origins"]),
        ('allow_origins: ["*"]\nallow_methods: ["*"]', []),
        ('allow_origins: ["*"]\nallow_headers: ["*"]', ["allow_headers"]),
        ('allow_origins: ["*"]\nallow_headers: ["*", authorization]', []),
        (
            (
                "allow_origins: [https://a.test]\nallow_credentials: true\n"
                'allow_methods: ["*"]\nallow_headers: ["*", authorization]\nexpose_headers: ["*"]'
            ),
            ["allow_headers", "allow_methods", "expose_headers"],
        ),
        ('allow_origins: ["*"]\nallow_private_network: true', ["allow_private_network"]),
        (
            'allow_origins: ["*"]\nallow_credentials: true\ndangerously_reflect_any_origin: true',
            ["allow_credentials", "dangerously_reflect_any_origin"],
        ),
    ],
)
def test_what_is_not_documented_is_left_out_and_told(policy: str, settings: list[str]) -> None:
    assert told(policy if policy != "{}" else "max_age: 5") == settings


@pytest.mark.parametrize(
    ("there", "instead", "setting", "line"),
    [
        ("https://a.test", "https://*.a.test", "allow_origins", 3),
        ("https://a.test", "*", "allow_origins", 2),
        ("https://a.test", "null", "allow_origins", 3),
        ("https://a.test", "{{pages}}", "allow_origins", 3),
        ("https://a.test", "@(context.Request.Headers)", "allow_origins", 3),
        ("        <method>POST</method>\n", "", "allow_methods", 6),
        ("PUT", "put", "allow_methods", 10),
        ("PUT", "*", "allow_methods", 10),
        (">authorization<", ">cookie<", "allow_headers", 13),
        (">authorization<", ">*<", "allow_headers", 13),
        (">etag<", ">set-cookie<", "expose_headers", 16),
        ('max-age="600"', 'max-age="soon"', "max_age", 6),
        ('allow-credentials="true"', 'allow-credentials="yes"', "allow_credentials", 1),
        ('request="false"', 'request="true"', "refused_request", 1),
        (' terminate-unmatched-request="false"', "", "refused_request", 1),
        ("expose-headers", "exposed-headers", "exposed-headers", 15),
    ],
)
def test_a_trap_of_its_own_is_told_at_its_place(
    there: str, instead: str, setting: str, line: int
) -> None:
    assert there in CORS
    assert (setting, line) in imported(CORS.replace(there, instead))[1]


def test_elements_in_another_order_are_told() -> None:
    start, end = CORS.index("    <expose-headers>"), CORS.index("</cors>")
    exposed = CORS[start:end]
    moved = CORS.replace(exposed, "").replace(
        "    <allowed-headers>", f"{exposed}    <allowed-headers>"
    )
    (loss,) = read(moved, "cors.xml").losses
    assert loss.fix == "allowed-origins, allowed-methods, allowed-headers, expose-headers"


def test_a_slash_at_the_end_of_an_origin_is_no_mistake_there() -> None:
    policy, losses = imported(CORS.replace("https://a.test", "https://a.test/"))
    assert policy.allow_origins.match("https://a.test") is not None
    assert losses == []


def test_star_with_credentials_is_no_credentials() -> None:
    text = CORS.replace("        <origin>http://[::1]:3000</origin>\n", "")
    policy, losses = imported(text.replace("https://a.test", "*"))
    assert (policy.allow_origins.any, policy.allow_credentials) == (True, False)
    assert losses == [("allow_credentials", 1)]


def test_a_refused_request_that_is_ended_there_is_refused_here() -> None:
    policy, _ = imported(CORS.replace('request="false"', 'request="true"'))
    assert policy.refused_request is RefusedRequest.REJECT


def test_methods_and_the_cache_have_defaults_of_their_own() -> None:
    start, end = CORS.index("    <allowed-methods"), CORS.index("    <allowed-headers>")
    policy, losses = imported(CORS.replace(CORS[start:end], ""))
    assert (str(policy.allow_methods), policy.max_age, losses) == ("", 0, [])


@pytest.mark.parametrize(
    "text",
    [
        "<policies><inbound><base /></inbound></policies>",
        "<cors />",
        f"<inbound>{CORS}{CORS}</inbound>",
        '<cors><when condition="@(a && b)"/></cors>',
    ],
)
def test_what_holds_no_single_policy_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(FormatError) as refused:
        read(text, "cors.xml")
    assert refused.value.place.source == "cors.xml"
    assert refused.value.fix
