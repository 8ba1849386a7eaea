"""What a response means beside the policy: the outcome first, the headers then."""

import pytest
from hypothesis import given, settings

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.policy import Mode, Policy
from corsproxy.probe.client import ServerResponse
from corsproxy.probe.verify.comparison import differences, still_blocked
from corsproxy.probe.verify.difference import Risk
from corsproxy.probe.verify.questions import Plan, Question, Subject, Topic
from tests.browser.scripted import Asked
from tests.cors.strategies import policies
from tests.probe.verify.deployed import URL, Deployed

APP = "https://app.example"
PUBLIC = Policy.from_lists(origins=["*"], expose_headers=["*"])
LISTED = Policy.from_lists(origins=[APP], methods=["PUT"], headers=["x-a"])
CREDENTIALED = Policy.from_lists(origins=[APP], expose_headers=["*"], credentials=True)


def compared(
    policy: Policy, *lines: tuple[str, str], preflight: bool = False, status: int = 200
) -> list[tuple[str, str, str]]:
    question = Question(Topic.ORIGIN, URL, policy, Attempt(APP), preflight)
    found = differences(question, ServerResponse(status, "", lines))
    return [(one.risk.value, one.topic.value, one.subject) for one in found]


@settings(max_examples=40)
@given(policies(modes=(Mode.ENFORCE,)))
def test_a_server_that_keeps_to_the_policy_has_no_difference(policy: Policy) -> None:
    server = Deployed(policy)
    for question in Plan(Subject(URL, policy)).questions():
        asked = Asked(0, question.request.method, "/", question.headers)
        reply = server.reply(asked)
        response = ServerResponse(reply.status, "", reply.fields)
        assert [*differences(question, response)] == []


@pytest.mark.parametrize("status", [200, 401, 404, 500])
def test_an_error_is_as_readable_as_anything_else(status: int) -> None:
    granted = (f.ALLOW_ORIGIN, APP)
    assert compared(LISTED, granted, status=status) == []
    assert compared(LISTED, status=status) == [("too closed", "origin", APP)]


def test_a_star_for_an_origin_that_was_meant_alone_reads_the_same() -> None:
    assert compared(LISTED, (f.ALLOW_ORIGIN, "*")) == []


def test_a_star_loses_the_credentials_that_the_policy_allows() -> None:
    found = compared(CREDENTIALED, (f.ALLOW_ORIGIN, "*"), (f.ALLOW_CREDENTIALS, "true"))
    assert found == [("too closed", "credentials", "")]


def test_credentials_that_the_policy_does_not_allow_are_too_open() -> None:
    lines = ((f.ALLOW_ORIGIN, APP), (f.ALLOW_CREDENTIALS, "true"))
    assert compared(LISTED, *lines) == [("too open", "credentials", "")]


def test_a_star_among_the_exposed_names_is_a_name_to_requests_with_credentials() -> None:
    lines = [(f.ALLOW_ORIGIN, APP), (f.ALLOW_CREDENTIALS, "true"), (f.EXPOSE_HEADERS, "*")]
    assert compared(CREDENTIALED, *lines) == []
    found = compared(CREDENTIALED, *lines, ("X-Total", "3"))
    assert found == [("too closed", "exposed-name", "x-total")]


def test_every_name_is_exposed_by_a_star_where_the_policy_lists_some() -> None:
    lines = [(f.ALLOW_ORIGIN, APP), (f.EXPOSE_HEADERS, "*"), ("X-Total", "3")]
    assert compared(LISTED, *lines) == [("too open", "exposed-name", "any")]


def test_what_is_exposed_by_name_is_enough_for_a_policy_that_exposes_all() -> None:
    lines = [(f.ALLOW_ORIGIN, "*"), (f.EXPOSE_HEADERS, "X-Total"), ("X-Total", "3")]
    assert compared(PUBLIC, *lines) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param((f.ALLOW_METHODS, "GET, HEAD, POST, PUT"), [], id="methods that need none"),
        pytest.param((f.ALLOW_METHODS, "PUT, TRACE"), [], id="a method that no page can send"),
        pytest.param(
            (f.ALLOW_METHODS, "PUT, PATCH"), [("too open", "method", "PATCH")], id="a method more"
        ),
        pytest.param((f.ALLOW_METHODS, "*"), [("too open", "method", "any")], id="any method"),
        pytest.param((f.ALLOW_HEADERS, "X-A, Origin"), [], id="a name that no page can send"),
        pytest.param(
            (f.ALLOW_HEADERS, "X-B"), [("too open", "header-name", "x-b")], id="a name more"
        ),
        pytest.param((f.MAX_AGE, "5"), [], id="the default said"),
        pytest.param(
            (f.MAX_AGE, "7200"), [("different, harmless", "max-age", "")], id="another max age"
        ),
    ],
)
def test_the_lists_of_a_preflight_are_compared_beyond_what_was_asked(
    line: tuple[str, str], expected: list[tuple[str, str, str]]
) -> None:
    assert compared(LISTED, (f.ALLOW_ORIGIN, APP), line, preflight=True) == expected


def test_a_star_among_the_methods_is_a_name_to_requests_with_credentials() -> None:
    policy = Policy.from_lists(origins=[APP], methods=["PUT"], credentials=True)
    question = Question(Topic.METHOD, URL, policy, Attempt(APP, "PUT"), True, "PUT")
    lines = [(f.ALLOW_ORIGIN, APP), (f.ALLOW_CREDENTIALS, "true"), (f.ALLOW_METHODS, "*")]
    found = [*differences(question, ServerResponse(204, "", lines))]
    assert [(one.risk.value, one.topic.value, one.subject) for one in found] == [
        ("too closed", "method", "PUT"),
        ("too open", "method", "any"),
    ]


def test_the_status_of_a_preflight_counts_and_a_redirect_is_no_grant() -> None:
    granted = (f.ALLOW_ORIGIN, APP)
    assert compared(LISTED, granted, preflight=True, status=204) == []
    found = compared(LISTED, granted, preflight=True, status=401)
    assert found == [("too closed", "preflight", "401")]


def test_a_response_that_no_browser_reads_is_no_grant() -> None:
    question = Question(Topic.ORIGIN, URL, LISTED, Attempt(APP), preflight=False)
    broken = ServerResponse(0, "", (), malformed=True)
    [found] = differences(question, broken)
    assert found.risk is Risk.TOO_CLOSED
    assert still_blocked(question, broken)


def test_what_the_server_says_is_quoted_without_its_control_bytes() -> None:
    question = Question(Topic.ORIGIN, URL, LISTED, Attempt(APP), preflight=False)
    evil = ServerResponse(200, "", [(f.ALLOW_ORIGIN, "https://\x1b[2Jevil")])
    [found] = differences(question, evil)
    assert found.text.isprintable()
