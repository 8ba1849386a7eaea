"""Two independent readings of the Fetch standard, the server's and the browser's, agree."""

from collections import Counter

from hypothesis import assume, event, given, settings

from corsproxy.cors import response_headers
from corsproxy.cors.browser.verdict import Attempt, exposed, on_preflight, on_response
from corsproxy.cors.decision import Action, decide
from corsproxy.cors.policy import Mode, Policy, RefusedPreflight
from tests.cors.strategies import attempts, policies

JUDGED = (Mode.ENFORCE, Mode.ADD)


def test_a_browser_stops_where_we_refuse_and_nowhere_else() -> None:
    met: Counter[str] = Counter()

    @settings(max_examples=600)
    @given(policies(tone=RefusedPreflight.TELLING, modes=JUDGED), attempts())
    def agree(policy: Policy, attempt: Attempt) -> None:
        # The server cannot see the credentials mode: no preflight carries credentials.
        assume(policy.allow_credentials or not attempt.credentials)
        decision = decide(policy, attempt.preflight())
        verdict = on_preflight(attempt, decision.status, decision.headers)
        event(outcome := str(decision.refused_at or "granted"))
        met[outcome] += 1
        assert verdict.stopped_at == decision.refused_at
        assert verdict.readable == decision.granted

    agree()
    assert min(met[outcome] for outcome in ("granted", "origin", "method", "names")) > 3, met


def test_credentials_beyond_the_policy_stop_at_the_origin() -> None:
    met: Counter[bool] = Counter()

    @settings(max_examples=150)
    @given(policies(tone=RefusedPreflight.TELLING, modes=JUDGED), attempts())
    def stop(policy: Policy, attempt: Attempt) -> None:
        assume(not policy.allow_credentials)
        attempt = attempt._replace(credentials=True)
        decision = decide(policy, attempt.preflight())
        verdict = on_preflight(attempt, decision.status, decision.headers)
        met[decision.granted] += 1
        assert verdict.stopped_at == "origin"

    stop()
    assert met[True], met


def test_a_terse_refusal_is_never_passed_over() -> None:
    met: Counter[bool] = Counter()

    @settings(max_examples=150)
    @given(policies(tone=RefusedPreflight.TERSE, modes=JUDGED), attempts())
    def stop(policy: Policy, attempt: Attempt) -> None:
        assume(policy.allow_credentials or not attempt.credentials)
        decision = decide(policy, attempt.preflight())
        met[decision.granted] += 1
        verdict = on_preflight(attempt, decision.status, decision.headers)
        assert verdict.readable == decision.granted

    stop()
    assert met[True] > 3, met
    assert met[False] > 3, met


def test_a_page_reads_an_actual_response_exactly_where_its_origin_is_granted() -> None:
    met: Counter[bool] = Counter()

    @settings(max_examples=200)
    @given(policies(modes=(Mode.ENFORCE,)), attempts())
    def agree(policy: Policy, attempt: Attempt) -> None:
        assume(policy.allow_credentials or not attempt.credentials)
        decision = decide(policy, attempt.actual())
        fields = response_headers.apply_policy(policy, decision, [])
        status = decision.status if decision.action is Action.REJECT else 200
        met[decision.origin_granted] += 1
        assert on_response(attempt, status, fields).readable == decision.origin_granted

    agree()
    assert met[True] > 3, met
    assert met[False] > 3, met


def test_exposed_names_are_readable_under_credentials_as_without() -> None:
    upstream = [("ETag", '"1"'), ("X-Total-Count", "3"), ("Set-Cookie", "a=1")]

    @settings(max_examples=100)
    @given(policies(modes=(Mode.ENFORCE,)), attempts())
    def readable(policy: Policy, attempt: Attempt) -> None:
        assume(policy.allow_credentials or not attempt.credentials)
        decision = decide(policy, attempt.actual())
        assume(decision.origin_granted)
        fields = response_headers.apply_policy(policy, decision, upstream)
        known = set(exposed(attempt, fields).readable)
        listed = {name.lower() for name in policy.expose_headers.listed}
        for name in ("etag", "x-total-count"):
            assert (name in known) == (policy.expose_headers.any or name in listed)
        assert "set-cookie" not in known

    readable()
