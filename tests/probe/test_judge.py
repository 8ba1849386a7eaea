"""The order in which a browser sends and judges, against a server that answers as told."""

from collections.abc import AsyncIterator

import pytest

from corsproxy.cors.browser.outcomes import InBrowser
from corsproxy.cors.browser.verdict import Attempt
from corsproxy.cors.headers import Fields
from corsproxy.probe import report
from corsproxy.probe.client import ProbeClient, ServerResponse, UnreachableError
from corsproxy.probe.judge import Account, Call, judge, url_without_secrets
from tests.browser.scripted import Asked, Reply, Scripted

PAGE = "http://page.test"
GRANTED = [("Access-Control-Allow-Origin", PAGE), ("Vary", "Origin")]
ALLOWED = [
    *GRANTED,
    ("Access-Control-Allow-Methods", "PUT"),
    ("Access-Control-Allow-Headers", "x-a"),
]


class Played:
    """A server with two origins, and what it was asked."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.server = Scripted(self.answer)
        self.here = self.there = 0

    def answer(self, asked: Asked) -> Reply:
        return self.replies.get(f"{asked.method} {asked.path}", Reply(404, []))

    async def judged(self, attempt: Attempt, path: str = "/", cookie: str = "") -> Account:
        url = f"http://127.0.0.1:{self.here}{path}"
        return await judge(ProbeClient(timeout=5), Call(attempt, url, cookie))

    def saw(self, name: str) -> list[str | None]:
        found = [{key.lower(): v for key, v in asked.fields} for asked in self.server.asked]
        return [fields.get(name) for fields in found]


@pytest.fixture
async def played() -> AsyncIterator[Played]:
    played = Played()
    played.here, played.there = await played.server.listen(), await played.server.listen()
    yield played
    played.server.close()


async def test_a_plain_get_is_sent_without_a_preflight(played: Played) -> None:
    played.replies["GET /"] = Reply(200, GRANTED)
    account = await played.judged(Attempt(PAGE))
    assert (account.outcome, account.preflight) == ("readable", None)
    assert played.saw("origin") == [PAGE]


async def test_a_granted_preflight_is_followed_by_the_request(played: Played) -> None:
    played.replies |= {"OPTIONS /": Reply(204, ALLOWED), "PUT /": Reply(200, GRANTED)}
    account = await played.judged(Attempt(PAGE, "PUT", [("X-A", "secret")]))
    assert account.outcome == "readable"
    assert [asked.method for asked in played.server.asked] == ["OPTIONS", "PUT"]
    assert played.saw("access-control-request-headers") == ["x-a", None]
    assert played.saw("x-a") == [None, "secret"]


async def test_a_refused_preflight_ends_the_scene(played: Played) -> None:
    played.replies["OPTIONS /"] = Reply(204, GRANTED)
    account = await played.judged(Attempt(PAGE, "PUT", [("X-B", "1")]))
    assert (account.outcome, account.actual) == ("blocked", None)
    assert account.verdict.reason == "allow-methods-lacks-method"
    assert [asked.method for asked in played.server.asked] == ["OPTIONS"]


async def test_everything_that_is_wrong_is_found_at_once(played: Played) -> None:
    played.replies["OPTIONS /"] = Reply(405, [])
    account = await played.judged(Attempt(PAGE, "PUT", [("X-B", "1")], credentials=True))
    assert [verdict.reason for verdict in account.steps[-1].failures] == [
        "allow-origin-missing",
        "preflight-status-not-ok",
        "allow-methods-lacks-method",
        "allow-headers-lacks-name",
    ]


async def test_the_case_of_an_unusual_method_is_kept_on_the_wire(played: Played) -> None:
    fields = [*GRANTED, ("Access-Control-Allow-Methods", "patch")]
    played.replies |= {"OPTIONS /": Reply(204, fields), "patch /": Reply(200, GRANTED)}
    account = await played.judged(Attempt(PAGE, "patch"))
    assert account.outcome == "readable"


async def test_a_cookie_goes_with_the_request_and_never_with_the_preflight(played: Played) -> None:
    fields = [*ALLOWED, ("Access-Control-Allow-Credentials", "true")]
    played.replies |= {"OPTIONS /": Reply(204, fields), "PUT /": Reply(200, fields)}
    account = await played.judged(Attempt(PAGE, "PUT", credentials=True), cookie="a=b")
    assert account.outcome == "readable"
    assert played.saw("cookie") == [None, "a=b"]


async def test_a_cookie_stays_at_home_without_credentials(played: Played) -> None:
    played.replies["GET /"] = Reply(200, GRANTED)
    await played.judged(Attempt(PAGE), cookie="a=b")
    assert played.saw("cookie") == [None]


async def test_a_redirect_on_the_same_origin_keeps_the_origin(played: Played) -> None:
    played.replies["GET /"] = Reply(302, [*GRANTED, ("Location", "/next")])
    played.replies["GET /next"] = Reply(200, GRANTED)
    account = await played.judged(Attempt(PAGE))
    assert (account.outcome, len(account.steps)) == ("readable", 2)
    assert played.saw("origin") == [PAGE, PAGE]


async def test_a_redirect_to_a_third_origin_makes_the_origin_null(played: Played) -> None:
    there = f"http://127.0.0.1:{played.there}/there"
    played.replies["GET /"] = Reply(302, [*GRANTED, ("Location", there)])
    played.replies["GET /there"] = Reply(200, GRANTED)
    account = await played.judged(Attempt(PAGE, credentials=False), cookie="a=b")
    assert (account.outcome, account.verdict.reason) == ("blocked", "allow-origin-differs")
    assert played.saw("origin") == [PAGE, "null"]


async def test_the_cookie_does_not_follow_to_another_origin(played: Played) -> None:
    credentials = ("Access-Control-Allow-Credentials", "true")
    there = f"http://127.0.0.1:{played.there}/there"
    played.replies["GET /"] = Reply(307, [*GRANTED, credentials, ("Location", there)])
    nobody = [("Access-Control-Allow-Origin", "null"), credentials]
    played.replies["GET /there"] = Reply(200, nobody)
    account = await played.judged(Attempt(PAGE, credentials=True), cookie="a=b")
    assert account.outcome == "readable"
    assert played.saw("cookie") == ["a=b", None]


async def test_a_redirect_that_is_not_shared_is_not_followed(played: Played) -> None:
    played.replies["GET /"] = Reply(302, [("Location", "/next")])
    account = await played.judged(Attempt(PAGE))
    assert (account.verdict.reason, len(account.steps)) == ("allow-origin-missing", 1)


async def test_a_preflight_is_due_again_after_a_redirect(played: Played) -> None:
    played.replies |= {
        "OPTIONS /": Reply(204, ALLOWED),
        "PUT /": Reply(307, [*GRANTED, ("Location", "/next")]),
        "OPTIONS /next": Reply(204, GRANTED),
    }
    account = await played.judged(Attempt(PAGE, "PUT"))
    assert [step.method for step in account.steps] == ["OPTIONS", "PUT", "OPTIONS"]
    assert account.verdict.reason == "allow-methods-lacks-method"


async def test_a_circle_of_redirects_is_left_after_twenty(played: Played) -> None:
    played.replies["GET /"] = Reply(302, [*GRANTED, ("Location", "/")])
    account = await played.judged(Attempt(PAGE))
    assert account.verdict.reason == "redirects-too-many"
    assert len(played.server.asked) == 21


async def test_the_same_origin_is_read_without_any_cors(played: Played) -> None:
    played.replies["PUT /"] = Reply(200, [])
    account = await played.judged(Attempt(f"http://127.0.0.1:{played.here}", "PUT"))
    assert (account.outcome, account.preflight) == ("readable", None)


async def test_a_page_may_set_its_own_accept(played: Played) -> None:
    played.replies["GET /"] = Reply(200, GRANTED)
    await played.judged(Attempt(PAGE, headers=[("Accept", "text/csv")]))
    assert played.saw("accept") == ["text/csv"]


async def test_what_no_browser_blocks_is_readable_though_the_standard_blocks_it(
    played: Played,
) -> None:
    any_name = [*GRANTED, ("Access-Control-Allow-Headers", "*")]
    played.replies |= {"OPTIONS /": Reply(204, any_name), "GET /": Reply(200, GRANTED)}
    account = await played.judged(Attempt(PAGE, headers=[("Authorization", "x")]))
    assert account.outcome == "readable"
    assert account.outcomes.sentence == "blocked by the standard; no current browser blocks"
    assert report.account_warnings(account)[0].id == "authorization-not-covered-by-wildcard"


async def test_a_preflight_that_only_some_browsers_repeat_is_sent_and_warned_of(
    played: Played,
) -> None:
    played.replies |= {
        "OPTIONS /": Reply(204, ALLOWED),
        "PUT /": Reply(303, [*GRANTED, ("Location", "/next")]),
        "GET /next": Reply(200, GRANTED),
    }
    account = await played.judged(Attempt(PAGE, "PUT"))
    assert [asked.method for asked in played.server.asked] == ["OPTIONS", "PUT", "GET", "OPTIONS"]
    assert account.outcome == "readable"
    assert account.outcomes.sentence == (
        "allowed by the standard and in Chromium; blocked in Firefox and WebKit"
    )
    warning = report.account_warnings(account)[0]
    assert warning.id == "preflight-repeated"
    assert warning.firefox == "CORSMissingAllowOrigin"


async def test_firefox_repeats_a_preflight_with_the_origin_of_the_page(played: Played) -> None:
    there = f"http://127.0.0.1:{played.there}/there"
    nobody = [("Access-Control-Allow-Origin", "null"), ("Access-Control-Allow-Methods", "PUT")]
    played.replies |= {
        "OPTIONS /": Reply(204, ALLOWED),
        "PUT /": Reply(307, [*GRANTED, ("Location", there)]),
        "OPTIONS /there": Reply(204, nobody),
        "PUT /there": Reply(200, nobody),
    }
    account = await played.judged(Attempt(PAGE, "PUT"))
    assert played.saw("origin") == [PAGE, PAGE, "null", "null", PAGE]
    assert account.outcomes.firefox.key == "CORSAllowOriginNotMatchingOrigin"
    assert account.outcomes.webkit.readable


async def test_a_repeated_preflight_without_a_response_blocks_in_that_browser(
    played: Played,
) -> None:
    class Sender:
        async def send(
            self, method: str, url: str, fields: Fields, content: bytes = b""
        ) -> ServerResponse:
            if method == "OPTIONS" and url.endswith("/next"):
                raise UnreachableError("the connection is closed")
            return await ProbeClient(timeout=5).send(method, url, fields, content)

    played.replies |= {
        "OPTIONS /": Reply(204, ALLOWED),
        "PUT /": Reply(303, [*GRANTED, ("Location", "/next")]),
        "GET /next": Reply(200, GRANTED),
    }
    url = f"http://127.0.0.1:{played.here}/"
    account = await judge(Sender(), Call(Attempt(PAGE, "PUT"), url))
    assert account.outcome == "readable"
    assert account.outcomes.firefox == InBrowser(
        False, "CORSDidNotSucceed", "response-cut-short", {"failure": "the connection is closed"}
    )


async def test_a_407_is_blocked_and_it_is_told_where(played: Played) -> None:
    played.replies["GET /"] = Reply(407, GRANTED)
    account = await played.judged(Attempt(PAGE))
    assert account.outcome == "blocked"
    [reason] = report.blocking_reasons(account)
    assert reason.sentence.endswith(
        "(blocked by the standard and in Chromium; readable in Firefox and WebKit)"
    )
    assert dict(reason.browsers)["webkit"] == "readable"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        pytest.param("http://me@other.test/", "redirect-with-userinfo", id="user name"),
        pytest.param("myapp://open", "redirect-to-other-scheme", id="a scheme of its own"),
    ],
)
async def test_a_redirect_of_the_pages_own_origin_is_judged_too(
    played: Played, location: str, reason: str
) -> None:
    played.replies["GET /"] = Reply(302, [("Location", location)])
    account = await played.judged(Attempt(f"http://127.0.0.1:{played.here}"))
    assert (account.outcome, account.verdict.reason) == ("blocked", reason)


def test_a_url_is_shown_without_what_may_be_secret() -> None:
    assert url_without_secrets("http://me:secret@a.test/x?token=secret#secret") == "http://a.test/x"
