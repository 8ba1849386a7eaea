"""The three checks: what passes, what does not, why, and which setting settled it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors import checks
from corsproxy.cors.finding import Check, Finding, Reason
from corsproxy.cors.origin import MAX_ORIGIN_LENGTH, OriginPattern, Origins
from corsproxy.cors.policy import Names, Policy
from corsproxy.cors.span import Span
from tests.cors.strategies import policies

SPANS = {name: Span("p", n) for n, name in enumerate(("allow_methods", "allow_headers"), 1)}
ORIGINS_SPAN = Span("p", 9)
LISTED = Policy(
    Origins(
        [
            OriginPattern.parse("https://a.test", Span("p", 10)),
            OriginPattern.parse("https://*.a.test", Span("p", 11)),
        ]
    ),
    Names(("PUT", "patch")),
    Names(("Content-Type", "x-a")),
    spans=SPANS | {"allow_origins": ORIGINS_SPAN},
)
WILDCARDS = Policy(
    Origins(any_origin=True),
    Names(any=True),
    Names(("x-listed",), any=True),
    spans=SPANS | {"allow_origins": ORIGINS_SPAN},
)


def test_an_origin_that_is_reflected_is_bounded() -> None:
    reflecting = replace(WILDCARDS, allow_credentials=True, dangerously_reflect_any_origin=True)
    longest = "https://" + "a" * (MAX_ORIGIN_LENGTH - 8)
    assert checks.origin_finding(reflecting, longest).passed
    assert checks.origin_finding(reflecting, longest + "a").reason is Reason.ORIGIN_NOT_ALLOWED
    assert checks.origin_finding(WILDCARDS, longest + "a").passed


@pytest.mark.parametrize(
    ("policy", "origin", "passed", "reason", "line"),
    [
        pytest.param(LISTED, "https://a.test", True, Reason.ORIGIN_LISTED, 10, id="listed"),
        pytest.param(LISTED, "https://b.a.test", True, Reason.ORIGIN_LISTED, 11, id="below"),
        pytest.param(LISTED, "https://b.test", False, Reason.ORIGIN_NOT_ALLOWED, 9, id="not"),
        pytest.param(WILDCARDS, "https://b.test", True, Reason.ANY_ORIGIN, 9, id="any"),
        pytest.param(WILDCARDS, "nonsense", True, Reason.ANY_ORIGIN, 9, id="any at all"),
    ],
)
def test_origin(policy: Policy, origin: str, passed: bool, reason: Reason, line: int) -> None:
    expected = Finding(Check.ORIGIN, passed, reason, (origin,), Span("p", line))
    assert checks.origin_finding(policy, origin) == expected


@pytest.mark.parametrize(
    ("policy", "method", "passed", "reason", "line"),
    [
        pytest.param(LISTED, "GET", True, Reason.METHOD_SAFELISTED, 0, id="safelisted"),
        pytest.param(LISTED, "PUT", True, Reason.METHOD_LISTED, 1, id="listed"),
        pytest.param(LISTED, "patch", True, Reason.METHOD_LISTED, 1, id="as it is listed"),
        pytest.param(LISTED, "PATCH", False, Reason.METHOD_NOT_ALLOWED, 1, id="another case"),
        pytest.param(LISTED, "get", False, Reason.METHOD_NOT_ALLOWED, 1, id="small letters"),
        pytest.param(LISTED, "DELETE", False, Reason.METHOD_NOT_ALLOWED, 1, id="not listed"),
        pytest.param(WILDCARDS, "PURGE", True, Reason.ANY_METHOD, 1, id="any"),
        pytest.param(WILDCARDS, "TRACE", False, Reason.METHOD_FORBIDDEN, 0, id="forbidden"),
        pytest.param(WILDCARDS, "track", False, Reason.METHOD_FORBIDDEN, 0, id="forbidden, small"),
        pytest.param(WILDCARDS, "CONNECT", False, Reason.METHOD_FORBIDDEN, 0, id="CONNECT"),
        pytest.param(WILDCARDS, "PUT, GET", False, Reason.METHOD_MALFORMED, 0, id="two lines"),
        pytest.param(WILDCARDS, "", False, Reason.METHOD_MALFORMED, 0, id="empty"),
        pytest.param(WILDCARDS, "PUT\xe9", False, Reason.METHOD_MALFORMED, 0, id="no token"),
    ],
)
def test_method(policy: Policy, method: str, passed: bool, reason: Reason, line: int) -> None:
    where = Span("p", line) if line else None
    assert checks.method_finding(policy, method) == Finding(
        Check.METHOD, passed, reason, (method,), where
    )


def test_the_length_of_a_method_is_bounded_and_no_more_of_it_is_kept() -> None:
    assert checks.method_finding(WILDCARDS, "M" * 64).passed
    for policy in (LISTED, WILDCARDS):
        found = checks.method_finding(policy, "M" * 8192)
        assert (found.passed, found.reason) == (False, Reason.METHOD_TOO_LONG)
        assert found.values == ("M" * 64,)


def test_a_bare_options_may_always_come_and_other_methods_as_they_are_allowed() -> None:
    bare = Finding(Check.METHOD, True, Reason.BARE_OPTIONS, ("OPTIONS",))
    assert checks.actual_method_finding(LISTED, "OPTIONS") == bare
    assert not checks.method_finding(LISTED, "OPTIONS").passed
    assert checks.actual_method_finding(LISTED, "DELETE") == checks.method_finding(LISTED, "DELETE")


@pytest.mark.parametrize(
    ("policy", "asked", "passed", "reason", "values"),
    [
        pytest.param(LISTED, "", True, Reason.NO_NAMES, "", id="none"),
        pytest.param(LISTED, " ,\t,", True, Reason.NO_NAMES, "", id="empty elements only"),
        pytest.param(LISTED, "x-a", True, Reason.NAMES_LISTED, "x-a", id="listed"),
        pytest.param(
            LISTED, "x-a,content-type", True, Reason.NAMES_LISTED, "x-a content-type", id="unsorted"
        ),
        pytest.param(LISTED, "X-A", True, Reason.NAMES_LISTED, "x-a", id="capitals"),
        pytest.param(LISTED, "x-a, x-a", True, Reason.NAMES_LISTED, "x-a", id="said twice"),
        pytest.param(LISTED, "x-a\t, x-a", True, Reason.NAMES_LISTED, "x-a", id="tab and blank"),
        pytest.param(LISTED, "x-a,x-b,x-c", False, Reason.NAMES_NOT_ALLOWED, "x-b x-c", id="not"),
        pytest.param(LISTED, "x-a, x y", False, Reason.NAMES_MALFORMED, "x y", id="blank inside"),
        pytest.param(LISTED, "x:y", False, Reason.NAMES_MALFORMED, "x:y", id="colon"),
        pytest.param(LISTED, "x-\xe9", False, Reason.NAMES_MALFORMED, "x-\xe9", id="no ASCII"),
        pytest.param(WILDCARDS, "x-a", True, Reason.ANY_NAME, "x-a", id="any"),
        pytest.param(WILDCARDS, "x-listed", True, Reason.ANY_NAME, "x-listed", id="any and listed"),
        pytest.param(
            WILDCARDS,
            "authorization,x-a",
            False,
            Reason.NAMES_NOT_ALLOWED,
            "authorization",
            id="any never covers authorization",
        ),
        pytest.param(WILDCARDS, "x(y)", False, Reason.NAMES_MALFORMED, "x(y)", id="no token"),
    ],
)
def test_names(policy: Policy, asked: str, passed: bool, reason: Reason, values: str) -> None:
    found = checks.names_finding(policy, asked)
    expected = tuple(value for value in values.split(" ") if value)
    if reason is Reason.NAMES_MALFORMED:
        expected = (values,)
    settled = reason in (Reason.NAMES_LISTED, Reason.ANY_NAME, Reason.NAMES_NOT_ALLOWED)
    where = SPANS["allow_headers"] if settled else None
    assert found == Finding(Check.NAMES, passed, reason, expected, where)


def test_authorization_that_is_listed_beside_the_wildcard_passes() -> None:
    policy = Policy(allow_headers=Names(("Authorization",), any=True))
    assert checks.names_finding(policy, "authorization,x-a").passed


@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        pytest.param(",".join(f"x-{n}" for n in range(64)), True, id="64 names"),
        pytest.param(",".join(f"x-{n}" for n in range(65)), False, id="65 names"),
        pytest.param(",".join(["x-a"] * 80), True, id="one name, 80 times"),
        pytest.param(",".join(["x-a"] * 81), False, id="one name, 81 times"),
        pytest.param("x-a" + "," * 16, True, id="16 empty elements"),
        pytest.param("x-a" + "," * 17, False, id="17 empty elements"),
        pytest.param("x" * 4096, True, id="4096 bytes"),
        pytest.param("x" * 4097, False, id="4097 bytes"),
    ],
)
def test_the_number_of_names_is_bounded(asked: str, passed: bool) -> None:
    found = checks.names_finding(WILDCARDS, asked)
    assert found.passed is passed
    assert (found.reason is Reason.TOO_MANY_NAMES) is not passed
    assert len(found.values) <= checks.MAX_NAMES


@given(policies(), st.text())
def test_no_text_makes_a_check_fail_otherwise_than_by_its_finding(
    policy: Policy, any_: str
) -> None:
    for check in (
        checks.origin_finding,
        checks.method_finding,
        checks.actual_method_finding,
        checks.names_finding,
    ):
        assert isinstance(check(policy, any_), Finding)


@pytest.mark.parametrize(
    "sent", ["", "a\r\nX-Evil: 1", "https://a.test, https://b.test", "h\xf6st"]
)
def test_what_is_no_serialized_origin_is_not_reflected(sent: str) -> None:
    policy = Policy(
        Origins(any_origin=True), allow_credentials=True, dangerously_reflect_any_origin=True
    )
    assert checks.origin_finding(policy, sent).reason is Reason.ORIGIN_NOT_ALLOWED
    assert checks.origin_finding(policy, "https://a.test").reason is Reason.ANY_ORIGIN
