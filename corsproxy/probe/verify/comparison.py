"""Where a response says something else than the policy, and what that means.

First what a browser makes of both: whether the page reads on, without credentials and with them.
Only where they agree on that are the headers compared, by what they tell a browser. A status, the
order of a list or a refusal in other words make no difference, and so does Vary on a preflight,
which no cache keeps (RFC 9110, 9.3.7).
"""

from collections.abc import Iterator

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.cors_check import get
from corsproxy.cors.browser.verdict import (
    Verdict,
    exposed,
    list_elements,
    on_preflight,
    on_response,
    preflight_cached_for,
    stopped_everywhere,
)
from corsproxy.cors.decision import Decision, decide
from corsproxy.cors.escape import printable
from corsproxy.cors.explain import explained_verdict
from corsproxy.cors.fetch_standard import FORBIDDEN_METHODS, SAFELISTED_METHODS
from corsproxy.cors.finding import Check
from corsproxy.cors.names import NameRejected, check_request_name
from corsproxy.cors.response_headers import policy_headers
from corsproxy.cors.upstream_differences import beyond, names_for_pages
from corsproxy.probe.client import ServerResponse
from corsproxy.probe.verify.difference import Difference, Risk
from corsproxy.probe.verify.questions import Question, Topic
from corsproxy.probe.verify.samples import ANY

_OTHER_NAME = "x-corsproxy-verify"
"""A response header that no list names: it is readable where all of them are."""


def differences(question: Question, response: ServerResponse) -> Iterator[Difference]:
    """Where the response differs from what the policy says of that request."""
    if not question.attempt.origin:
        return
    decision = decide(question.policy, question.request)
    anonymous, credentialed = (
        _Compared(question, decision, response, question.attempt._replace(credentials=credentials))
        for credentials in (False, True)
    )
    if anonymous.differ:
        yield anonymous.outcome(question.topic)
        return
    if credentialed.differ:
        yield credentialed.outcome(Topic.CREDENTIALS)
    if anonymous.met.outcomes.blocked:
        return
    if question.preflight:
        yield from _lists(question, response)
        yield from _max_age(question, decision, response)
    else:
        modes = (False, True) if question.policy.allow_credentials else (False,)
        for credentials in modes:
            yield from _exposed(question, decision, response, credentials=credentials)


def still_blocked(question: Question, response: ServerResponse) -> bool:
    """Whether a page without credentials gets no further with this response."""
    return _verdict(question, question.attempt, response).outcomes.blocked


class _Compared:
    """The browser's verdict on what the policy says, and on what the server answered."""

    def __init__(
        self, question: Question, decision: Decision, response: ServerResponse, attempt: Attempt
    ) -> None:
        self._question = question
        self._response = response
        said = ServerResponse(decision.status or 204, "", decision.headers)
        self.said = _verdict(question, attempt, said)
        self.met = _verdict(question, attempt, response)

    @property
    def differ(self) -> bool:
        """Whether the page gets further with the one than with the other."""
        return self.said.outcomes.blocked != self.met.outcomes.blocked

    def outcome(self, topic: Topic) -> Difference:
        """The difference of both verdicts; `topic` is what it is about if nothing else is wrong."""
        if self.said.outcomes.blocked:
            return self._too_open(topic)
        question, status = self._question, self._response.status
        why = explained_verdict(self.met, preflight=question.preflight).text
        text = f"{what_is_allowed(question)} by the policy, and blocked: {why}"
        if topic is Topic.ORIGIN:
            if question.preflight and not self._response.ok:
                text = f"preflights are answered with status {status}, and only 200 to 299 grants"
                return self._too_closed(Topic.PREFLIGHT, str(status), text)
            named = question.policy.allow_origins.match(question.attempt.origin)
            return self._too_closed(topic, str(named or question.subject), text)
        if topic is Topic.CREDENTIALS and self.met.stopped_at is Check.ORIGIN:
            return self._too_closed(topic, "", f"requests with credentials: {text}")
        return self._too_closed(question.topic, question.subject, text)

    def _too_closed(self, topic: Topic, subject: str, text: str) -> Difference:
        status = self._response.status
        return Difference(Risk.TOO_CLOSED, topic, subject, text, self._question, status)

    def _too_open(self, topic: Topic) -> Difference:
        question, status = self._question, self._response.status
        if topic is Topic.CREDENTIALS:
            text = f"credentials of {question.attempt.origin} are allowed, and not by the policy"
            return Difference(Risk.TOO_OPEN, topic, "", text, question, status)
        risk = Risk.TOO_OPEN if question.sent else Risk.HARMLESS
        text = question.about or f"{what_is_allowed(question)}"
        return Difference(
            risk, topic, question.subject, f"{text}, and not by the policy", question, status
        )


def what_is_allowed(question: Question) -> str:
    """What it means that the answer lets the page go on."""
    asked, origin = question.request, question.attempt.origin
    match question.topic:
        case Topic.METHOD if question.subject == ANY:
            return "any method is allowed"
        case Topic.METHOD:
            return f"the method {asked.requested_method} is allowed"
        case Topic.NAME if question.subject == ANY:
            return "any request header is allowed"
        case Topic.NAME:
            return f"the request header {asked.requested_names} is allowed"
    return f"{origin} is allowed"


def _verdict(question: Question, attempt: Attempt, response: ServerResponse) -> Verdict:
    if response.malformed:
        return stopped_everywhere("response-malformed")
    if question.preflight:
        return on_preflight(attempt, response.status, response.headers)
    return on_response(attempt, 200, response.headers)  # an error, too, is shared or not


def _lists(question: Question, response: ServerResponse) -> Iterator[Difference]:
    """What the lists of a preflight's response grant beyond what was asked for."""
    policy, status = question.policy, response.status
    methods = list_elements(get(response.headers, f.ALLOW_METHODS)) or []
    unsafe = [one for one in methods if one not in SAFELISTED_METHODS | FORBIDDEN_METHODS]
    for method in beyond(policy.allow_methods, unsafe):
        # Many a server lists it, and what a page gets by a bare OPTIONS is seldom worth having.
        risk = Risk.HARMLESS if method == "OPTIONS" else Risk.TOO_OPEN
        what = "any method" if method == "*" else f"the method {method}"
        subject = ANY if method == "*" else method
        text = f"{what} is allowed, and not by the policy"
        yield Difference(risk, Topic.METHOD, subject, printable(text), question, status)
    names = list_elements(get(response.headers, f.ALLOW_HEADERS)) or []
    for name in beyond(policy.allow_headers, [one.lower() for one in names if _sendable(one)]):
        what = "any request header" if name == "*" else f"the request header {name}"
        subject = ANY if name == "*" else name
        text = f"{what} is allowed, and not by the policy"
        yield Difference(Risk.TOO_OPEN, Topic.NAME, subject, printable(text), question, status)


def _sendable(name: str) -> bool:
    try:
        check_request_name(name)
    except NameRejected:
        return False
    return True


def _max_age(
    question: Question, decision: Decision, response: ServerResponse
) -> Iterator[Difference]:
    said = preflight_cached_for(question.attempt, decision.headers)
    met = preflight_cached_for(question.attempt, response.headers)
    if said != met:
        text = f"browsers keep the response to a preflight for {met} s; by the policy {said} s"
        yield Difference(
            Risk.HARMLESS, Topic.MAX_AGE, "", text, question=question, status=response.status
        )


def _exposed(
    question: Question, decision: Decision, response: ServerResponse, *, credentials: bool
) -> Iterator[Difference]:
    """The names that only one side lets the page read, were they all there."""
    policy, status = question.policy, response.status
    said = policy_headers(policy, decision, response.headers, status)
    values = [get(headers, f.EXPOSE_HEADERS) for headers in (said, response.headers)]
    listed = [name for value in values for name in list_elements(value) or []]
    present = [name for name, _ in response.headers]
    names = [(name, "") for name in (*present, *listed, _OTHER_NAME) if name != "*"]
    attempt = question.attempt._replace(credentials=credentials)
    by_policy, by_server = (
        set(names_for_pages(exposed(attempt, [(f.EXPOSE_HEADERS, value or ""), *names]).readable))
        for value in values
    )
    more = set() if policy.expose_headers.any else by_server - by_policy
    for name in [_OTHER_NAME] if _OTHER_NAME in more else sorted(more):
        what = "every response header" if name == _OTHER_NAME else f"the response header {name}"
        subject = ANY if name == _OTHER_NAME else name
        text = f"pages can read {what}, and not by the policy"
        yield Difference(Risk.TOO_OPEN, Topic.EXPOSED, subject, printable(text), question, status)
    for name in sorted(by_policy - by_server - {_OTHER_NAME}):
        text = f"pages cannot read the response header {name}; by the policy they can"
        yield Difference(Risk.TOO_CLOSED, Topic.EXPOSED, name, printable(text), question, status)
