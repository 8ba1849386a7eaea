"""Credentials are known from what is sent with them only, and from its absence where it is sure."""

import pytest

from corsproxy.cors.headers import Fields
from corsproxy.learn.credentials import FIRST_CHROMIUM, FIRST_FIREFOX, Credentials
from corsproxy.learn.sightings import Sighting

ELSEWHERE = ("Sec-Fetch-Site", "cross-site")
NEARBY = ("Sec-Fetch-Site", "same-site")
CHROMIUM = ("Sec-CH-UA", '"Not:A-Brand";v="8", "Chromium";v="156"')
OLD_CHROMIUM = ("Sec-CH-UA", f'"Chromium";v="{FIRST_CHROMIUM - 1}"')
FIRST = ("Sec-CH-UA", f'"Chromium";v="{FIRST_CHROMIUM}", "Not:A-Brand";v="8"')
FIREFOX = ("User-Agent", f"Mozilla/5.0 (X11; rv:{FIRST_FIREFOX}.0) Gecko Firefox/{FIRST_FIREFOX}.0")
OLD_FIREFOX = ("User-Agent", f"Mozilla/5.0 (X11) Gecko Firefox/{FIRST_FIREFOX - 1}.0")
SAFARI = ("User-Agent", "Mozilla/5.0 (Macintosh) AppleWebKit/605.1 Version/26.0 Safari/605.1")
STORAGE_ACCESS = ("Sec-Fetch-Storage-Access", "none")
PASSWORD = ("Authorization", "Basic YTpi")
PLACE = "GET /me"


def seen(*requests: Fields, authorization: Sighting | None = None) -> Credentials:
    credentials = Credentials()
    for request in requests:
        credentials.note(request, [], PLACE, authorization=authorization)
    return credentials


@pytest.mark.parametrize(
    ("request_", "needed"),
    [
        pytest.param([("Cookie", "a=b")], True, id="a cookie was sent"),
        pytest.param([STORAGE_ACCESS, CHROMIUM, ELSEWHERE], True, id="a cookie might have been"),
        pytest.param([PASSWORD], True, id="a password that the browser keeps was sent"),
        pytest.param([CHROMIUM, ELSEWHERE], False, id="Chromium would have told"),
        pytest.param([FIRST, ELSEWHERE], False, id="the first Chromium that tells"),
        pytest.param([OLD_CHROMIUM, ELSEWHERE], None, id="a Chromium that never told"),
        pytest.param([CHROMIUM, NEARBY], None, id="within one site nothing is told"),
        pytest.param([FIREFOX, ELSEWHERE], False, id="the first Firefox that tells"),
        pytest.param([OLD_FIREFOX, ELSEWHERE], None, id="a Firefox that never told"),
        pytest.param([FIREFOX, NEARBY], None, id="within one site Firefox tells nothing"),
        pytest.param([SAFARI, ELSEWHERE], None, id="Safari tells nothing"),
        pytest.param([CHROMIUM], None, id="a proxy that is not trustworthy is told nothing"),
        pytest.param([], None, id="a bare request"),
    ],
)
def test_one_request_shows_what_it_can(request_: Fields, needed: bool | None) -> None:
    assert seen(request_).needed is needed


def test_a_token_that_the_page_has_set_is_none_of_the_browsers() -> None:
    asked = Sighting()
    asked.note(PLACE)
    assert seen([PASSWORD], authorization=asked).needed is None
    asked = Sighting()
    asked.note("GET /elsewhere")
    assert seen([PASSWORD], authorization=asked).needed is True


def test_one_request_with_them_suffices_and_one_that_is_not_known_leaves_it_open() -> None:
    without, unknown, with_them = [CHROMIUM, ELSEWHERE], [NEARBY], [("Cookie", "a=b")]
    assert seen(without, without).needed is False
    assert seen(without, unknown).needed is None
    assert seen(without, unknown, with_them).needed is True


def test_a_preflight_leaves_it_open_until_its_request_has_come() -> None:
    credentials = Credentials()
    assert credentials.needed is False  # nobody called
    credentials.note_preflight(PLACE)
    assert credentials.needed is None
    credentials.note([CHROMIUM, ELSEWHERE], [], PLACE, authorization=None)
    assert credentials.needed is False
    credentials.note_preflight(PLACE)  # another of the same request
    assert credentials.needed is False


def test_cookies_that_were_set_and_never_came_back_are_counted() -> None:
    credentials = Credentials()
    credentials.note([], [("set-cookie", "a=b")], PLACE, authorization=None)
    assert (credentials.needed, credentials.cookies_set.times) == (None, 1)


def test_what_was_seen_under_two_policies_is_added_up() -> None:
    both = seen([("Cookie", "a=b")], [CHROMIUM, ELSEWHERE])
    both.add(seen([("Cookie", "a=b")], [], [CHROMIUM, ELSEWHERE]))
    assert (both.used.times, both.unused.times, both.unknown.times) == (2, 2, 1)
