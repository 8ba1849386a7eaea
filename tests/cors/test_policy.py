"""A policy is built sound or not at all, and makes once what each response repeats."""

from dataclasses import replace
from typing import Any

import pytest

from corsproxy.cors import policy as policies
from corsproxy.cors.finding import Reason
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Mode, Names, Policy, PolicyError
from corsproxy.cors.span import Span

ANY = Origins(any_origin=True)
ONE = Origins([OriginPattern.parse("https://a.test")])


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        pytest.param({"max_age": -2}, "max_age", id="max_age below -1"),
        pytest.param(
            {"allow_origins": ANY, "allow_credentials": True},
            "allow_credentials",
            id="any origin with credentials",
        ),
        pytest.param(
            {"allow_origins": ANY, "dangerously_reflect_any_origin": True},
            "dangerously_reflect_any_origin",
            id="reflection without credentials",
        ),
        pytest.param(
            {
                "allow_origins": ONE,
                "allow_credentials": True,
                "dangerously_reflect_any_origin": True,
            },
            "dangerously_reflect_any_origin",
            id="reflection of listed origins",
        ),
    ],
)
def test_an_unsound_policy_cannot_be_built(settings: dict[str, Any], setting: str) -> None:
    with pytest.raises(PolicyError) as raised:
        Policy(**settings)
    assert raised.value.setting == setting
    assert raised.value.message
    assert raised.value.fix


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="nothing allowed"),
        pytest.param(
            {"allow_origins": ANY, "allow_private_network": True},
            id="private network for any origin",
        ),
        pytest.param({"max_age": -1}, id="no preflight cache"),
        pytest.param({"allow_origins": ANY}, id="any origin"),
        pytest.param(
            {
                "allow_origins": ANY,
                "allow_credentials": True,
                "dangerously_reflect_any_origin": True,
            },
            id="any origin with credentials, asked for by its long name",
        ),
        pytest.param(
            {"expose_headers": Names(any=True), "allow_credentials": True},
            id="everything exposed with credentials: spelled out on each response",
        ),
    ],
)
def test_a_sound_policy_is_built(settings: dict[str, Any]) -> None:
    assert Policy(**settings) == Policy(**settings)


def test_policies_are_values_whatever_their_place() -> None:
    there = Policy(allow_origins=ONE, spans={"allow_origins": Span("p", 1)})
    assert there == Policy(allow_origins=ONE)
    assert hash(there) == hash(Policy(allow_origins=ONE))
    assert replace(there, max_age=5).max_age == 5


@pytest.mark.parametrize(("mode", "judges"), [(m, m not in ("strip", "passthrough")) for m in Mode])
def test_strip_and_passthrough_do_not_judge(mode: Mode, judges: bool) -> None:
    assert Policy(mode=mode).judges is judges


def test_names_are_joined_with_the_wildcard_first() -> None:
    assert str(Names(("etag", "x-a"))) == "etag, x-a"
    assert str(Names(("authorization",), any=True)) == "*, authorization"
    assert str(Names()) == ""
    assert [bool(n) for n in (Names(), Names(any=True), Names(("x",)))] == [False, True, True]


def test_the_place_of_an_element_is_its_own_or_that_of_its_setting() -> None:
    whole, second = Span("p", 1), Span("p", 3)
    policy = Policy(
        allow_methods=Names(("PUT", "PURGE")),
        spans={"allow_methods": whole, "allow_methods.1": second},
    )
    assert policy.method_findings["PUT"].settled_by is whole
    assert policy.method_findings["PURGE"].settled_by is second
    assert policy.span("max_age") is None
    assert policy.span("max_age", "0") is None


def test_a_safelisted_method_is_allowed_by_the_standard_even_when_listed() -> None:
    found = Policy(allow_methods=Names(("GET", "PUT"))).method_findings
    assert found["GET"].reason is Reason.METHOD_SAFELISTED
    assert found["PUT"].reason is Reason.METHOD_LISTED
    assert set(found) == {"GET", "HEAD", "POST", "PUT"}


def test_the_fields_of_a_granted_origin() -> None:
    policy = Policy(ONE, expose_headers=Names(("etag",)), allow_credentials=True)
    assert policy.fields_for("https://a.test") == (
        ("Access-Control-Allow-Origin", "https://a.test"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", "etag"),
    )
    assert policy.unasked_fields == ()
    assert policy.vary == ("Origin",)


def test_any_origin_is_answered_by_the_wildcard_asked_or_not() -> None:
    policy = Policy(ANY, expose_headers=Names(any=True))
    fields = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "*"))
    assert policy.fields_for("https://a.test") == policy.unasked_fields == fields
    assert policy.vary == ()


def test_any_origin_with_credentials_is_reflected() -> None:
    policy = Policy(ANY, allow_credentials=True, dangerously_reflect_any_origin=True)
    assert policy.allow_origin("https://a.test") == (
        "Access-Control-Allow-Origin",
        "https://a.test",
    )
    assert policy.unasked_fields == ()
    assert policy.vary == ("Origin",)


def test_a_preflight_varies_by_the_private_network_field_only_where_it_is_read() -> None:
    three = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
    assert Policy(ONE).preflight_vary == three
    assert Policy(ONE, allow_private_network=True).preflight_vary == (
        *three,
        "Access-Control-Request-Private-Network",
    )


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "PURGE", "PATCH", "patch", "x!", "*"])
def test_a_method_that_a_browser_can_ask_for(method: str) -> None:
    assert policies.check_method(method) == method


@pytest.mark.parametrize(
    ("method", "words", "fix"),
    [
        pytest.param("", "no method", None, id="empty"),
        pytest.param("A B", "no method", None, id="blank"),
        pytest.param("r\u00e9sum\u00e9", "no method", None, id="accents"),
        pytest.param("TRACE", "no browser", None, id="forbidden"),
        pytest.param("track", "no browser", None, id="forbidden, small letters"),
        pytest.param("put", "in capitals", "PUT", id="normalised by browsers"),
        pytest.param("M" * 65, "at most 64 bytes", None, id="too long"),
    ],
)
def test_a_method_that_no_browser_asks_for(method: str, words: str, fix: str | None) -> None:
    with pytest.raises(PolicyError, match=words) as raised:
        policies.check_method(method)
    assert raised.value.setting == "allow_methods"
    assert raised.value.fix == fix


@pytest.mark.parametrize("name", ["content-type", "Authorization", "X-A", "user-agent", "accept"])
def test_a_request_field_that_a_script_can_set(name: str) -> None:
    assert policies.check_request_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "résumé",
        "x:y",
        "Host",
        "cookie",
        "Sec-Foo",
        "Proxy-Foo",
        "Access-Control-Allow-Origin",
        "Access-Control-Request-Method",
    ],
)
def test_a_request_field_that_no_script_can_set(name: str) -> None:
    with pytest.raises(PolicyError) as raised:
        policies.check_request_name(name)
    assert raised.value.setting == "allow_headers"


@pytest.mark.parametrize("name", ["etag", "X-A", "Content-Type", "access-control-allow-origin"])
def test_a_response_field_that_a_script_can_read(name: str) -> None:
    assert policies.check_exposed_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "résumé",
        "Set-Cookie",
        "set-cookie2",
        "Origin",
        "Access-Control-Request-Method",
        "access-control-request-headers",
    ],
)
def test_a_response_field_that_no_script_can_read(name: str) -> None:
    with pytest.raises(PolicyError) as raised:
        policies.check_exposed_name(name)
    assert raised.value.setting == "expose_headers"
