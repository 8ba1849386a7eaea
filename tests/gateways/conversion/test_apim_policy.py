"""The cors policy of API Management is read as the documentation has it; its traps are told."""

import pytest

from corsproxy.cors.policy import Policy, RefusedRequest
from corsproxy.gateways.conversion.apim_policy import read
from corsproxy.gateways.conversion.gateway import FormatError

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


def imported(text: str) -> tuple[Policy, list[tuple[str, int]]]:
    found = read(text, "cors.xml")
    return found.policy, [(loss.setting, loss.place.line) for loss in found.losses]


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
