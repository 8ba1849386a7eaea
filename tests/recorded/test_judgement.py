"""What became of a recorded call: the browsers' verdicts, held against what was recorded."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.browsers import CHROMIUM, FIREFOX
from corsproxy.cors.browser.verdict import Verdict, on_preflight, on_response
from corsproxy.recorded.calls import calls
from corsproxy.recorded.har import record
from corsproxy.recorded.judgement import Became, Judged, attempt
from tests.recorded.records import ALLOWED, ANY, PAGE, UNSAID, became, entry, har, preflight, unsent

CREDENTIALS = {"Access-Control-Allow-Credentials": "true"}
PUT = {"Access-Control-Allow-Methods": "PUT"}
FAILED = "net::ERR_FAILED"


def told(judged: Judged) -> tuple[str, list[str]]:
    return judged.became.value, [reason.id for reason in judged.reasons]


@pytest.mark.parametrize(
    ("entries", "outcome", "reasons"),
    [
        pytest.param([entry(headers=ANY, error=None)], "readable", [], id="any origin"),
        pytest.param([entry(headers=ANY, status=500, error=None)], "readable", [], id="an error"),
        pytest.param(
            [entry(error=FAILED)], "blocked", ["allow-origin-missing"], id="no Allow-Origin"
        ),
        pytest.param(
            [entry(headers=ANY, error=FAILED)],
            "blocked",
            ["allow-origin-wildcard-with-credentials"],
            id="it failed, so it had credentials",
        ),
        pytest.param(
            [entry(headers=ALLOWED, cookies=True, error=FAILED)],
            "blocked",
            ["allow-credentials-not-true"],
            id="a cookie was sent",
        ),
        pytest.param(
            [entry(headers=ALLOWED | CREDENTIALS, cookies=True, error=None)],
            "readable",
            [],
            id="credentials are allowed",
        ),
        pytest.param(
            [preflight(headers=ALLOWED, status=401), unsent()],
            "blocked",
            ["preflight-status-not-ok"],
            id="the preflight fails",
        ),
        pytest.param(
            [preflight("GET", "x-a", headers=ALLOWED), unsent("GET")],
            "blocked",
            ["allow-headers-lacks-name"],
            id="a name is not allowed",
        ),
        pytest.param(
            [preflight(headers=ANY | PUT), unsent()],
            "blocked",
            ["allow-origin-wildcard-with-credentials"],
            id="it was not sent, so it had credentials",
        ),
        pytest.param(
            [preflight(headers=ANY | PUT), entry("PUT", headers=ANY)],
            "readable",
            [],
            id="it was sent, so it had none",
        ),
        pytest.param(
            [preflight(headers=ALLOWED | PUT), entry("PUT", error=FAILED)],
            "blocked",
            ["allow-origin-missing"],
            id="the preflight is granted, the response not shared",
        ),
        pytest.param(
            [entry(headers=ANY | {"Location": "/y"}, status=302, error=None)],
            "goes on",
            [],
            id="a redirect",
        ),
        pytest.param(
            [preflight(headers=ALLOWED | PUT | CREDENTIALS)], "goes on", [], id="a preflight alone"
        ),
        pytest.param(
            [entry(status=302, headers=ALLOWED | {"Location": "data:,"}, error="net::ERR_UNSAFE")],
            "blocked",
            ["redirect-not-followed"],
            id="another error than that of CORS, with a reason",
        ),
        pytest.param([preflight()], "blocked", ["allow-origin-missing"], id="one that is refused"),
        pytest.param([entry(error=None)], "readable", [], id="the browser has it all the same"),
        pytest.param(
            [entry(headers=ALLOWED | CREDENTIALS, error=FAILED)],
            "blocked",
            ["recorded-failure"],
            id="nothing speaks against it",
        ),
        pytest.param(
            [entry(headers=ALLOWED, error="net::ERR_CONTENT_LENGTH_MISMATCH")],
            "blocked",
            ["recorded-failure"],
            id="cut short",
        ),
        pytest.param(
            [unsent(error="net::ERR_CONNECTION_REFUSED")],
            "blocked",
            ["recorded-failure"],
            id="no connection",
        ),
        pytest.param(
            [preflight(status=0, error="net::ERR_NAME_NOT_RESOLVED"), unsent()],
            "blocked",
            ["recorded-failure"],
            id="no connection for the preflight",
        ),
        pytest.param(
            [unsent(error="net::ERR_ABORTED")], "unknown", ["recorded-failure"], id="given up"
        ),
        pytest.param(
            [entry(headers=ALLOWED | CREDENTIALS, error="net::ERR_ABORTED")],
            "unknown",
            ["recorded-failure"],
            id="given up while it was read",
        ),
        pytest.param(
            [unsent()], "blocked", ["recorded-without-response"], id="it failed, no one knows why"
        ),
        pytest.param(
            [unsent(url="https://localhost/", error="net::ERR_CONNECTION_REFUSED")],
            "blocked",
            ["recorded-failure"],
            id="no connection, which needs no guess",
        ),
        pytest.param(
            [unsent(url="http://api.test/x", error="")],
            "blocked",
            ["mixed-content"],
            id="mixed content, for which it has no word",
        ),
        pytest.param(
            [
                unsent(
                    url="https://localhost/",
                    error="net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS",
                )
            ],
            "blocked",
            ["recorded-failure", "local-network-permission"],
            id="without permission for this machine",
        ),
        pytest.param(
            [entry(status=0)], "unknown", ["recorded-without-response"], id="nothing is known"
        ),
        pytest.param(
            [preflight(status=0)], "unknown", ["recorded-without-response"], id="of a preflight"
        ),
    ],
)
def test_what_chromium_recorded(
    entries: list[dict[str, Any]], outcome: str, reasons: list[str]
) -> None:
    [judged] = became(*entries)
    assert told(judged) == (outcome, reasons)


@pytest.mark.parametrize(
    ("entries", "outcome", "reasons"),
    [
        pytest.param(
            [entry(headers=ANY)],
            "unknown",
            ["recorded-without-credentials-mode", "allow-origin-wildcard-with-credentials"],
            id="it depends on the mode",
        ),
        pytest.param([entry(headers=ALLOWED | CREDENTIALS)], "readable", [], id="in either mode"),
        pytest.param([entry()], "blocked", ["allow-origin-missing"], id="in no mode"),
        pytest.param(
            [entry(headers=ANY, cookies=True)],
            "blocked",
            ["allow-origin-wildcard-with-credentials"],
            id="a cookie was sent",
        ),
        pytest.param(
            [entry("PUT", status=0), preflight(headers=ANY | PUT)],
            "blocked",
            ["allow-origin-wildcard-with-credentials"],
            id="it was not sent, so it had credentials",
        ),
        pytest.param(
            [entry("PUT", headers=ANY), preflight(headers=ANY | PUT)],
            "readable",
            [],
            id="it was sent, so it had none",
        ),
        pytest.param(
            [entry("PUT", status=0), preflight(headers=ALLOWED | PUT | CREDENTIALS)],
            "unknown",
            ["recorded-without-response"],
            id="the preflight does not explain it",
        ),
        pytest.param(
            [entry(status=304)], "unknown", ["recorded-without-response"], id="a stored response"
        ),
        pytest.param(
            [
                preflight(headers=ALLOWED | PUT | CREDENTIALS),
                entry(
                    "PUT",
                    asked={"Origin": "null"},
                    headers=CREDENTIALS | {"Access-Control-Allow-Origin": "null"},
                ),
            ],
            "readable",
            [],
            id="a preflight as the page, a request without its origin",
        ),
        pytest.param([entry(status=407, headers=ALLOWED | CREDENTIALS)], "readable", [], id="407"),
    ],
)
def test_what_firefox_recorded(
    entries: list[dict[str, Any]], outcome: str, reasons: list[str]
) -> None:
    [judged] = became(*entries, creator="Firefox")
    assert told(judged) == (outcome, reasons)


def test_what_may_keep_a_request_from_being_sent_is_named_where_nothing_else_is_known() -> None:
    [found] = became(entry(url="https://localhost/x", status=0), creator="Firefox")
    assert told(found) == ("unknown", ["recorded-without-response", "local-network-permission"])


def test_a_304_whose_stored_response_chromium_read_is_readable() -> None:
    [found] = became(entry(status=304, error=None))
    assert found.became is Became.READABLE


@pytest.mark.parametrize(
    ("made", "mode"),
    [
        pytest.param(entry(headers=ANY, error=None), False, id="readable under the wildcard"),
        pytest.param(entry(headers=ANY, error="net::ERR_FAILED"), True, id="blocked under it"),
        pytest.param(entry(headers=ANY, cookies=True), True, id="by a cookie"),
        pytest.param(entry(headers=ANY, cookies=True, error=None), True, id="whatever it led to"),
        pytest.param(entry(error="net::ERR_FAILED"), None, id="blocked either way"),
    ],
)
def test_the_credentials_mode_is_told_where_the_record_leaves_one(
    made: dict[str, Any], mode: bool | None
) -> None:
    [found] = became(made)
    assert found.credentials is mode


def test_what_only_a_page_sets_is_taken_from_the_request_where_no_preflight_was_saved() -> None:
    asked = {
        "Origin": PAGE,
        "Authorization": "Bearer x",
        "Content-Type": "application/json",
        "X-A": "1",
        "X-Client-Data": "x",
        "Accept": "*/*",
        "Cache-Control": "no-cache",
    }
    [call] = calls(record(har(entry("PUT", asked=asked))).entries).judged
    assert attempt(call, credentials=False).unsafe_names == ("authorization", "content-type", "x-a")


def test_a_safelisted_content_type_needs_no_allowing() -> None:
    asked = {"Origin": PAGE, "Content-Type": "text/plain"}
    [call] = calls(record(har(entry("POST", asked=asked))).entries).judged
    assert attempt(call, credentials=False).unsafe_names == ()


ORIGINS = st.sampled_from([PAGE, "*", "https://b.test", None])
METHODS = st.sampled_from(["PUT", "*", "DELETE", None])
NAMES = st.sampled_from(["x-a", "*", "x-b", None])


@given(
    st.sampled_from([CHROMIUM, FIREFOX]),
    st.booleans(),
    st.tuples(ORIGINS, METHODS, NAMES, st.sampled_from([200, 204, 401])),
    st.tuples(ORIGINS, st.sampled_from(["true", None]), st.sampled_from([200, 500])),
)
def test_what_a_browser_does_is_judged_as_it_did_or_unknown(
    browser: Any, credentials: bool, asked: Any, answered: Any
) -> None:
    """A call is played by the browser's row, saved in its dialect, and judged."""
    granting, final = _headers(asked[0], None, asked[1], asked[2]), _headers(*answered[:2])

    def played(mode: bool) -> tuple[Verdict, Verdict]:
        tried = Attempt(PAGE, "PUT", (("x-a", "1"),), mode, browser=browser)
        return (
            on_preflight(tried, asked[3], tuple(granting.items())),
            on_response(tried, answered[2], tuple(final.items())),
        )

    first, second = played(credentials)
    readable = first.readable and second.readable
    said = UNSAID if browser is FIREFOX else None if readable else "net::ERR_FAILED"
    saved = preflight("PUT", "x-a", status=asked[3], headers=granting)
    if first.readable:
        actual = entry("PUT", status=answered[2], headers=final, error=said)
    else:
        actual = entry("PUT", status=0, error=said, asked={"Referer": f"{PAGE}/", "Origin": PAGE})
    creator = {"Chromium": "WebInspector"}.get(browser.name, browser.name)
    [found] = became(saved, actual, creator=creator)
    if browser is FIREFOX and found.became is Became.UNKNOWN:
        return
    assert found.became is (Became.READABLE if readable else Became.BLOCKED)
    if not readable:
        modes = {credentials, False}  # a reason without credentials is one with them, too
        assert found.reasons[0].id in {v.reason for mode in modes for v in played(mode)}


def _headers(
    origin: str | None,
    credentials: str | None,
    methods: str | None = None,
    names: str | None = None,
) -> dict[str, str]:
    given_ = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": credentials,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": names,
    }
    return {name: value for name, value in given_.items() if value is not None}
