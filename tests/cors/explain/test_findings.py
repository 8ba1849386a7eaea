"""Findings in words, and the patch that would help."""

from dataclasses import replace

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from corsproxy.config.loading import load_text
from corsproxy.cors import headers as f
from corsproxy.cors.decision import Check, Request, decide
from corsproxy.cors.explain import findings_text
from corsproxy.cors.fetch_standard import FORBIDDEN_REQUEST_NAMES
from corsproxy.cors.origin import MAX_ORIGIN_LENGTH, OriginPattern, Origins
from corsproxy.cors.policy import Mode, Names, Policy, RefusedRequest
from corsproxy.cors.span import Span
from tests.cors.explain.scenes import ANY, NO_ORIGIN, PAGE, POLICY


def told(policy: Policy, request: Request) -> dict[Check, tuple[bool, str]]:
    found = findings_text(policy, decide(policy, request))
    return {one.check: (one.passed, one.text) for one in found}


def test_a_preflight_that_passes() -> None:
    assert told(POLICY, Request("OPTIONS", PAGE, "PUT", "X-A")) == {
        Check.ORIGIN: (True, f"the origin '{PAGE}' is allowed"),
        Check.METHOD: (True, "the method PUT is in allow_methods"),
        Check.NAMES: (True, "the request headers x-a are in allow_headers"),
    }


def test_a_preflight_that_any_rule_lets_pass() -> None:
    assert told(ANY, Request("OPTIONS", PAGE, "PURGE", "x-b")) == {
        Check.ORIGIN: (True, "any origin is allowed"),
        Check.METHOD: (True, "any method is allowed"),
        Check.NAMES: (True, "any request header is allowed"),
    }


def test_what_the_standard_lets_pass() -> None:
    assert told(POLICY, Request("OPTIONS", PAGE, "POST")) == {
        Check.ORIGIN: (True, f"the origin '{PAGE}' is allowed"),
        Check.METHOD: (True, "the method POST never needs allowing"),
        Check.NAMES: (True, "no request header needs allowing"),
    }
    [_, bare] = findings_text(POLICY, decide(POLICY, Request("OPTIONS", PAGE)))
    assert bare.reason_id == "bare-options"


def test_nothing_is_told_where_nothing_is_judged() -> None:
    assert told(Policy(mode=Mode.STRIP), Request("GET", PAGE)) == {}


ONE_MORE = f"""\
cors:
  allow_origins:
    - {PAGE}
    - "https://*.app.test"
    - {{regex: "https://pr-[0-9]+[.]app[.]example"}}
    - https://other.test
"""


@pytest.mark.parametrize(
    ("policy", "request_", "patches"),
    [
        pytest.param(
            POLICY,
            Request("GET", "https://other.test"),
            [ONE_MORE],
            id="one origin more",
        ),
        pytest.param(
            NO_ORIGIN,
            Request("GET", "null"),
            ['cors:\n  allow_origins:\n    - "null"\n'],
            id="the opaque origin is quoted",
        ),
        pytest.param(
            POLICY,
            Request("OPTIONS", PAGE, "NO", "x-b"),
            [
                'cors:\n  allow_methods:\n    - PUT\n    - "NO"\n',
                "cors:\n  allow_headers:\n    - x-a\n    - x-b\n",
            ],
            id="a method that YAML would read as false, and a name",
        ),
        pytest.param(
            Policy(Origins(any_origin=True), allow_headers=Names(("x-a",), any=True)),
            Request("OPTIONS", PAGE, "GET", "authorization"),
            ['cors:\n  allow_headers:\n    - "*"\n    - x-a\n    - authorization\n'],
            id="authorization beside the wildcard",
        ),
        pytest.param(
            POLICY, Request("OPTIONS", PAGE, "put"), [], id="the page must write PUT in capitals"
        ),
        pytest.param(
            POLICY, Request("GET", f"{PAGE}/"), [], id="no policy can allow what no browser sends"
        ),
        pytest.param(
            POLICY, Request("OPTIONS", "no origin", "a b", "(x)"), [], id="what is malformed"
        ),
    ],
)
def test_the_patch_is_the_setting_as_it_should_read(
    policy: Policy, request_: Request, patches: list[str]
) -> None:
    found = findings_text(policy, decide(policy, request_))
    assert [one.patch for one in found if one.patch] == patches


WILDCARD = Policy(Origins(any_origin=True), spans={"allow_origins.0": Span("policy.yaml", 2)})
FORWARDING = replace(POLICY, refused_request=RefusedRequest.FORWARD)
FLAG = replace(WILDCARD, spans={"allow_origins.0": Span("--allow-origin")})
VARIABLE = replace(WILDCARD, spans={"allow_origins.0": Span("CORSPROXY_ALLOW_ORIGIN")})
LISTED = "cors:\n  allow_origins:\n    - https://other.test\n"


@pytest.mark.parametrize(
    ("policy", "fix", "patch"),
    [
        pytest.param(
            WILDCARD,
            'name https://other.test in allow_origins, in place of "*"',
            LISTED,
            id="a file",
        ),
        pytest.param(
            FLAG,
            "give --allow-origin https://other.test in place of --allow-origin '*'",
            LISTED,
            id="a flag",
        ),
        pytest.param(
            VARIABLE,
            "set CORSPROXY_ALLOW_ORIGIN to https://other.test",
            LISTED,
            id="a variable",
        ),
        pytest.param(FORWARDING, "name https://other.test in allow_origins", ONE_MORE, id="a list"),
    ],
)
def test_a_websocket_with_credentials_is_mended_by_a_name(
    policy: Policy, fix: str, patch: str
) -> None:
    request = Request("GET", "https://other.test", websocket=True, credentials=True)
    [found] = findings_text(policy, decide(policy, request))
    assert (found.reason_id, found.fix, found.patch) == ("websocket-with-credentials", fix, patch)


def test_what_is_no_origin_is_named_in_no_policy() -> None:
    request = Request("GET", "http://a.test, http://b.test", websocket=True, credentials=True)
    [found] = findings_text(WILDCARD, decide(WILDCARD, request))
    assert (found.reason_id, found.patch) == ("websocket-with-credentials", "")


@pytest.mark.parametrize(
    ("source", "fix"),
    [
        pytest.param("--allow-header", "add --allow-header x-b --allow-header x-c", id="a flag"),
        pytest.param(
            "CORSPROXY_ALLOW_HEADER", "add x-b,x-c to CORSPROXY_ALLOW_HEADER", id="a variable"
        ),
    ],
)
def test_the_fix_is_put_where_the_list_came_from(source: str, fix: str) -> None:
    policy = replace(POLICY, spans={"allow_headers": Span(source)})
    decision = decide(policy, Request("OPTIONS", PAGE, "PUT", "x-b,x-c"))
    assert findings_text(policy, decision)[-1].fix == fix


@pytest.mark.parametrize(
    ("source", "fixes"),
    [
        pytest.param(
            "--allow-origin",
            ["add --allow-method PUT", "add --allow-header x-b --allow-header x-c"],
            id="flags",
        ),
        pytest.param(
            "CORSPROXY_ALLOW_ORIGIN",
            ["set CORSPROXY_ALLOW_METHOD to PUT", "set CORSPROXY_ALLOW_HEADER to x-b,x-c"],
            id="variables",
        ),
    ],
)
def test_a_list_that_nobody_gave_is_given_where_the_origins_are(
    source: str, fixes: list[str]
) -> None:
    policy = Policy(Origins([OriginPattern.parse(PAGE)]), spans={"allow_origins": Span(source)})
    decision = decide(policy, Request("OPTIONS", PAGE, "PUT", "x-b,x-c"))
    assert [one.fix for one in findings_text(policy, decision) if not one.passed] == fixes


PATTERNS = ["*", "http://*.evil.test", "http://localhost:*", "https://*.a.test:*", "http://A.test/"]
SENT = st.sampled_from([*PATTERNS, "x-b", "PURGE", "https://b.test", "null"]) | st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF), min_size=1, max_size=8
)


@pytest.mark.parametrize("origin", PATTERNS)
def test_an_origin_that_is_a_pattern_is_no_origin(origin: str) -> None:
    told = findings_text(POLICY, decide(POLICY, Request("GET", origin)))[0]
    assert told.reason_id in ("origin-malformed", "origin-misspelled")
    assert (told.patch, "allow_origins" in told.fix) == ("", False)


@pytest.mark.parametrize(
    ("request_", "setting"),
    [
        pytest.param(Request("OPTIONS", PAGE, "*"), "allow_methods", id="a method"),
        pytest.param(Request("OPTIONS", PAGE, "PUT", "x-b,*"), "allow_headers", id="a header"),
    ],
)
@pytest.mark.parametrize("source", ["", "--allow-header"])
def test_an_asterisk_that_is_asked_for_is_never_the_fix(
    request_: Request, setting: str, source: str
) -> None:
    policy = replace(POLICY, spans={setting: Span(source)} if source else {})
    told = findings_text(policy, decide(policy, request_))[-1 if request_.requested_names else 1]
    assert told.fix == f"use another name: in {setting}, `*` stands for all names"
    assert told.patch == ""


def test_each_reason_why_names_are_refused_is_told_and_only_what_helps_is_the_fix() -> None:
    names = "cookie,123,access-control-allow-origin,x-b"
    request = Request("OPTIONS", PAGE, "PUT", names)
    refused = [one for one in findings_text(POLICY, decide(POLICY, request)) if not one.passed]
    assert [(one.reason_id, one.fix) for one in refused] == [
        ("names-not-allowed", 'add "123", x-b to allow_headers'),
        ("names-never-sent", "take cookie out of Access-Control-Request-Headers"),
        (
            "response-header-in-request",
            "take access-control-allow-origin out of the page's call of fetch",
        ),
    ]
    assert [bool(one.patch) for one in refused] == [True, False, False]


@pytest.mark.parametrize("origin", [f"{PAGE}, http://evil.test", f"{PAGE} {PAGE}"])
def test_several_origins_are_no_origin(origin: str) -> None:
    told = findings_text(POLICY, decide(POLICY, Request("GET", origin)))[0]
    assert told.reason_id == "origin-malformed"


@pytest.mark.parametrize(
    ("longer", "reason"),
    [
        pytest.param(0, "origin-not-allowed", id="the longest"),
        pytest.param(1, "origin-malformed", id="one character longer"),
    ],
)
def test_an_origin_is_malformed_where_it_is_too_long(longer: int, reason: str) -> None:
    origin = "http://" + "a" * (MAX_ORIGIN_LENGTH - 7 + longer)
    assert findings_text(POLICY, decide(POLICY, Request("GET", origin)))[0].reason_id == reason


NAMED = st.sampled_from([*FORBIDDEN_REQUEST_NAMES, *f.RESPONSE_NAMES, "sec-x", "x-b", "x-c"])


@given(
    st.sampled_from(["https://b.test", "null", "https://*.b.test"]) | SENT,
    st.sampled_from(["put", "pAtch", "patch", "DELETE", "TRACE", "query"]) | SENT,
    st.lists(NAMED | SENT, max_size=3).map(",".join),
)
@example("https://b.test", "delete", "cookie")
@example("https://b.test", "PURGE", "access-control-allow-origin,x-b")
def test_a_patch_is_a_policy_that_loads(origin: str, method: str, names: str) -> None:
    for told in findings_text(POLICY, decide(POLICY, Request("OPTIONS", origin, method, names))):
        if told.patch:
            load_text(f"upstream: http://127.0.0.1:9\n{told.patch}".encode(), "p.yaml", {}, {})


@given(SENT, SENT, SENT)
def test_a_patch_adds_what_was_asked_for_and_no_pattern(
    origin: str, method: str, name: str
) -> None:
    request = Request("OPTIONS", origin, method, name)
    listed = {"allow_origins": POLICY.allow_origins.patterns, "allow_methods": ("PUT",)}
    listed["allow_headers"] = POLICY.allow_headers.listed
    for told in findings_text(POLICY, decide(POLICY, request)):
        for setting, values in (yaml.safe_load(told.patch) or {}).get("cors", {}).items():
            added = values[len(listed[setting]) :]
            assert len(added) == 1
            assert added[0] in (origin, method, name, *f.elements(name.lower()))
            assert "*" not in added[0] or (added[0] != "*" and setting != "allow_origins")
