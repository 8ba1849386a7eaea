"""A policy is built sound or not at all, and makes once what each response repeats."""

import re
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.decision import Request, decide
from corsproxy.cors.fetch_standard import TOKEN
from corsproxy.cors.finding import Reason
from corsproxy.cors.headers import elements
from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import Mode, Names, Policy, PolicyError, SettingError
from corsproxy.cors.span import Span
from tests.cors.strategies import requests

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
    (error,) = raised.value.errors
    assert (error.setting, error.entry) == (setting, None)
    assert error.message
    assert error.fix


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
    assert policy.headers_for("https://a.test") == (
        ("Access-Control-Allow-Origin", "https://a.test"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", "etag"),
    )
    assert policy.headers_without_origin == ()
    assert policy.vary == ("Origin",)


def test_any_origin_is_answered_by_the_wildcard_asked_or_not() -> None:
    policy = Policy(ANY, expose_headers=Names(any=True))
    fields = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "*"))
    assert policy.headers_for("https://a.test") == policy.headers_without_origin == fields
    assert policy.vary == ()


def test_any_origin_with_credentials_is_reflected() -> None:
    policy = Policy(ANY, allow_credentials=True, dangerously_reflect_any_origin=True)
    assert policy.allow_origin("https://a.test") == (
        "Access-Control-Allow-Origin",
        "https://a.test",
    )
    assert policy.headers_without_origin == ()
    assert policy.vary == ("Origin",)


def test_a_preflight_varies_by_the_private_network_field_only_where_it_is_read() -> None:
    three = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
    assert Policy(ONE).preflight_vary == three
    assert Policy(ONE, allow_private_network=True).preflight_vary == (
        *three,
        "Access-Control-Request-Private-Network",
    )


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(PolicyError) as raised:
        Policy(ANY, Names(("PUT", "put", "TRACE")), Names(("a b\r\nX-Evil: 1",)), Names(("etag",)))
    places = [(error.setting, error.entry) for error in raised.value.errors]
    assert places == [("allow_methods", 1), ("allow_methods", 2), ("allow_headers", 0)]
    assert str(raised.value).startswith("allow_methods[1]: a browser always sends PUT in capitals")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("allow_origins", ["https://a.test"]),
        ("allow_methods", ("PUT",)),
        ("allow_headers", "x-a"),
        ("expose_headers", None),
        ("allow_credentials", "false"),
        ("max_age", "5\r\nX-Evil: 1"),
        ("max_age", True),
        ("max_age", 1.5),
        ("allow_private_network", 1),
        ("mode", "strip"),
        ("on_violation", "block"),
        ("refused_preflight", "terse"),
        ("refused_request", "forward"),
        ("dangerously_reflect_any_origin", "no"),
    ],
)
def test_a_value_of_another_type_is_refused(setting: str, value: Any) -> None:
    with pytest.raises(PolicyError) as raised:
        Policy(**{setting: value})
    (error,) = raised.value.errors
    assert (error.setting, error.entry) == (setting, None)
    assert error.message.endswith(f"not {value!r}")


def test_a_policy_is_built_from_lists_of_text() -> None:
    policy = Policy.from_lists(
        origins=["https://a.test", OriginPattern.parse("null"), RegexPattern("https://b[.]test")],
        methods=["PUT"],
        headers=["*", "authorization"],
        expose_headers=["etag"],
        credentials=True,
        max_age=5,
    )
    origins = (*ONE.patterns, OriginPattern.parse("null"), RegexPattern("https://b[.]test"))
    assert policy == Policy(
        Origins(origins),
        Names(("PUT",)),
        Names(("authorization",), any=True),
        Names(("etag",)),
        allow_credentials=True,
        max_age=5,
    )
    assert Policy.from_lists(origins=["*"]) == Policy(ANY)
    assert Policy.from_lists() == Policy()


def test_each_wrong_entry_of_each_list_is_named_by_its_place() -> None:
    origins: Any = ["https://a.test", "a.test", "*", 7]
    headers: Any = "x-a"
    with pytest.raises(PolicyError) as raised:
        Policy.from_lists(
            origins=origins,
            methods=["*", "put"],
            headers=headers,
            expose_headers=["x", "set-cookie"],
        )
    assert [(error.setting, error.entry, error.fix) for error in raised.value.errors] == [
        ("allow_origins", 1, "https://a.test"),
        ("allow_origins", 2, 'either "*" alone or the other origins'),
        ("allow_origins", 3, None),
        ("allow_methods", 1, "PUT"),
        ("allow_headers", None, "['x-a']"),
        ("expose_headers", 1, None),
    ]


def test_wrong_entries_and_settings_that_contradict_each_other_are_named_together() -> None:
    with pytest.raises(PolicyError) as raised:
        Policy.from_lists(origins=["*"], methods=["put"], credentials=True)
    assert [error.setting for error in raised.value.errors] == [
        "allow_methods",
        "allow_credentials",
    ]


ENTRIES = st.sampled_from(
    ["PUT", "put", "x-a", "*", "", "a b", "a\r\nX-Evil: 1", "é", "cookie", "https://a.test", "null"]
) | st.text(max_size=8)


def built(settings: dict[str, Any]) -> Policy | tuple[SettingError, ...]:
    """The policy, or all that is wrong with it."""
    try:
        return Policy.from_lists(**settings)
    except PolicyError as error:
        return error.errors


@given(
    settings=st.fixed_dictionaries(
        {
            "origins": st.lists(ENTRIES, max_size=2),
            "methods": st.lists(ENTRIES, max_size=2),
            "headers": st.lists(ENTRIES, max_size=2),
            "expose_headers": st.lists(ENTRIES, max_size=2),
            "credentials": st.booleans(),
            "max_age": st.none() | st.integers(),
            "dangerously_reflect_any_origin": st.booleans(),
        }
    ),
    request=requests(),
)
def test_whatever_policy_builds_sends_tokens_and_no_line_break(
    settings: dict[str, Any], request: Request
) -> None:
    policy = built(settings)
    if not isinstance(policy, Policy):
        assert policy
        assert {error.setting for error in policy} <= {field.name for field in fields(Policy)}
        return
    for name, value in decide(policy, request).headers:
        assert re.fullmatch(r"[ -~]+", value), name
        if name.endswith(("-Methods", "-Headers")):
            assert all(TOKEN.fullmatch(element) for element in elements(value)), name
