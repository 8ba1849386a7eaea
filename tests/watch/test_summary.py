from dataclasses import replace

import pytest

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.policy import Mode, RefusedRequest
from corsproxy.watch.summary import (
    PolicyVerdict,
    in_words,
    nothing_to_explain,
    refusals,
    stopped,
    unfollowed,
    verdict,
)
from tests.watch.exchanges import (
    OWN_ORIGIN,
    POLICY,
    STRANGER,
    exchange,
    failed,
    preflight,
    refused,
)

WEBSOCKET = [("Upgrade", "websocket")]
FORWARDING = replace(POLICY, refused_request=RefusedRequest.FORWARD)


@pytest.mark.parametrize(
    ("made", "said", "words"),
    [
        pytest.param(exchange(), PolicyVerdict.GRANTED, "granted", id="granted"),
        pytest.param(refused(), PolicyVerdict.REFUSED, "refused", id="refused"),
        pytest.param(preflight(), PolicyVerdict.GRANTED, "preflight granted", id="preflight"),
        pytest.param(
            preflight("PATCH"), PolicyVerdict.REFUSED, "preflight refused", id="no preflight"
        ),
        pytest.param(
            exchange(fields=WEBSOCKET, status=101),
            PolicyVerdict.GRANTED,
            "websocket allowed",
            id="a websocket",
        ),
        pytest.param(
            exchange(fields=WEBSOCKET, status=403),
            PolicyVerdict.GRANTED,
            "websocket allowed, not opened by the upstream",
            id="a websocket that the upstream refused",
        ),
        pytest.param(
            exchange(origin=None), PolicyVerdict.UNJUDGED, "no CORS request", id="no origin"
        ),
        pytest.param(
            exchange("POST", origin=OWN_ORIGIN),
            PolicyVerdict.UNJUDGED,
            "same origin",
            id="same origin",
        ),
        pytest.param(
            exchange("POST", fields=[("Sec-Fetch-Mode", "navigate")], origin=STRANGER),
            PolicyVerdict.UNJUDGED,
            "navigation",
            id="navigation",
        ),
        pytest.param(
            exchange(policy=replace(POLICY, mode=Mode.STRIP)),
            PolicyVerdict.UNJUDGED,
            "not judged",
            id="a mode that does not judge",
        ),
        pytest.param(
            exchange(origin=STRANGER, policy=FORWARDING),
            PolicyVerdict.REFUSED,
            "refused, forwarded",
            id="refused, yet forwarded",
        ),
        pytest.param(
            exchange(origin=STRANGER, policy=replace(POLICY, mode=Mode.VALIDATE)),
            PolicyVerdict.REFUSED,
            "refused (validate: passed on)",
            id="validate",
        ),
        pytest.param(failed(), PolicyVerdict.GRANTED, "granted", id="granted, but no upstream"),
    ],
)
def test_the_verdict_in_a_word_or_two(made: Exchange, said: PolicyVerdict, words: str) -> None:
    assert verdict(made) is said
    assert in_words(made) == words


def test_plain_is_what_needs_no_words() -> None:
    assert nothing_to_explain(exchange())
    assert nothing_to_explain(exchange(origin=None))
    assert nothing_to_explain(exchange()._replace(failure="client-gone"))
    validated = exchange(policy=replace(POLICY, mode=Mode.VALIDATE))
    assert not any(
        nothing_to_explain(one) for one in (refused(), failed(), preflight("PATCH"), validated)
    )


def test_every_check_that_failed_is_told() -> None:
    told = refusals(preflight("PATCH", "x-a,x-b"))
    assert [reason.reason_id for reason in told] == ["method-not-allowed", "names-not-allowed"]


def test_a_preflight_that_nothing_followed_names_its_method() -> None:
    assert "the preflight for PUT was granted" in unfollowed(preflight("PUT")).text


def test_a_response_that_is_ours_and_grants_everything_is_not_stopped() -> None:
    policy = replace(POLICY, allow_credentials=True)
    assert stopped(exchange(fields=[("Cookie", "a=b")], policy=policy)) is None
    location = [("Location", "ftp://a.test/")]
    redirected = stopped(exchange(status=302, upstream=location, policy=policy))
    assert redirected is not None
    assert redirected.id == "redirect-to-other-scheme"
    assert stopped(refused()) is None
