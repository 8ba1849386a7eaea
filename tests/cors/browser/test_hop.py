"""The order in which a browser sends and judges."""

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.hop import Hop, first_hop
from corsproxy.cors.browser.redirect import MAX_REDIRECTS

PAGE, API = "http://page.test", "http://api.test/"
GRANTED = [("Access-Control-Allow-Origin", PAGE)]
PUT = [*GRANTED, ("Access-Control-Allow-Methods", "PUT")]
AGAIN = [*GRANTED, ("Location", "/")]


def after(hop: Hop | None, status: int, headers: list[tuple[str, str]]) -> Hop:
    assert hop is not None
    onward = hop.after(hop.verdict(status, headers), status, headers)
    assert onward is not None
    return onward


def test_a_granted_preflight_is_followed_by_the_request_and_each_redirect_by_a_preflight() -> None:
    first = first_hop(Attempt(PAGE, "PUT"), API)
    second = after(first, 204, PUT)
    third = after(second, 307, [*GRANTED, ("Location", "/b")])
    assert [hop.preflight for hop in (first, second, third)] == [True, False, True]
    assert (third.url, third.redirects) == ("http://api.test/b", 1)


def test_nothing_follows_what_is_refused_or_read() -> None:
    refused, read = first_hop(Attempt(PAGE, "PUT"), API), first_hop(Attempt(PAGE), API)
    assert refused.after(refused.verdict(404, PUT), 404, PUT) is None
    assert read.after(read.verdict(200, GRANTED), 200, GRANTED) is None


def test_within_the_pages_own_origin_nothing_is_asked_first() -> None:
    hop = first_hop(Attempt(PAGE, "PUT"), f"{PAGE}/")
    assert (hop.crossing, hop.preflight) == (False, False)
    assert hop.verdict(200, []).readable


def test_after_twenty_redirects_no_browser_follows() -> None:
    assert first_hop(Attempt(PAGE), API, MAX_REDIRECTS - 1).verdict(302, AGAIN).readable
    last = first_hop(Attempt(PAGE), API, MAX_REDIRECTS)
    assert last.verdict(302, AGAIN).reason == "redirects-too-many"
    assert last.verdict(302, AGAIN).firefox == "CORSDidNotSucceed"
    assert last.verdict(200, GRANTED).readable


def test_firefox_does_not_blame_cors_for_a_circle_within_the_pages_own_origin() -> None:
    verdict = first_hop(Attempt(PAGE), f"{PAGE}/", MAX_REDIRECTS).verdict(302, AGAIN)
    assert (verdict.readable, verdict.firefox) == (False, "")
