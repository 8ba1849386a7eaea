"""What a browser would do with a response: blocked, or only told to differ."""

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.verdict import Verdict, on_preflight
from corsproxy.cors.explain.outcome import blocked_by, differing

PAGE = "https://app.example"
ALLOWED = (("Access-Control-Allow-Origin", PAGE),)


def preflight(*fields: tuple[str, str]) -> Verdict:
    return on_preflight(
        Attempt(PAGE, headers=(("Authorization", "Bearer x"),)), 204, (*ALLOWED, *fields)
    )


def test_what_only_the_standard_blocks_is_told_and_blocks_nothing() -> None:
    verdict = preflight(("Access-Control-Allow-Headers", "*"))
    assert blocked_by(verdict, preflight=True) is None
    told = differing(verdict, preflight=True)
    assert told is not None
    assert told.id == "authorization-not-covered-by-wildcard"


def test_what_is_blocked_does_not_differ() -> None:
    verdict = preflight()
    assert differing(verdict, preflight=True) is None
    told = blocked_by(verdict, preflight=True)
    assert told is not None
    assert told.id == "allow-headers-lacks-name"
