"""A message from a console is recognised, with what it quotes; nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.reasons import CATALOGUE
from corsproxy.cors.reasons.consoles import CHROME_WORDS, FIREFOX_WORDS, NEVER_SAYS_WHY
from corsproxy.cors.reasons.pasted import MAX_LENGTH, recognise

ACCESS = (
    "Access to fetch at 'http://a.test/x?y' from origin 'http://b.test' has been blocked by CORS"
    " policy: "
)
PREFLIGHT = ACCESS + "Response to preflight request doesn't pass access control check: "
FIREFOX = (
    "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at"
    " http://a.test/x?y. (Reason: "
)
CALLED = {"url": "http://a.test/x?y", "origin": "http://b.test"}
NAME = (
    "Request header field {} is not allowed by Access-Control-Allow-Headers in preflight response"
)
METHOD = "Method {} is not allowed by Access-Control-Allow-Methods in preflight response"


@pytest.mark.parametrize(
    ("text", "browser", "likeliest", "quoted"),
    [
        pytest.param(
            f"{PREFLIGHT}No 'Access-Control-Allow-Origin' header is present on the resource.",
            "Chromium",
            "allow-origin-missing",
            CALLED,
            id="Chromium, missing",
        ),
        pytest.param(
            f"{ACCESS}The 'Access-Control-Allow-Origin' header has a value 'http://c.test' that is"
            " not equal to the supplied origin.",
            "Chromium",
            "allow-origin-differs",
            {**CALLED, "got": "http://c.test"},
            id="Chromium, another",
        ),
        pytest.param(
            ACCESS + NAME.format("X-A"),
            "Chromium",
            "allow-headers-lacks-name",
            {**CALLED, "names": "X-A"},
            id="Chromium, a name",
        ),
        pytest.param(
            ACCESS + METHOD.format("patch"),
            "Chromium",
            "allow-methods-lacks-method",
            {**CALLED, "method": "patch"},
            id="Chromium, a method",
        ),
        pytest.param(
            f"{FIREFOX}header \u2018x-a\u2019 is not allowed according to header"
            " \u2018Access-Control-Allow-Headers\u2019 from CORS preflight response).",
            "Firefox",
            "allow-headers-lacks-name",
            {"url": "http://a.test/x?y", "names": "x-a"},
            id="Firefox, a name",
        ),
        pytest.param(
            f"{FIREFOX}CORS header \u2018Access-Control-Allow-Origin\u2019 does not match"
            " \u2018http://c.test\u2019).",
            "Firefox",
            "allow-origin-differs",
            {"url": "http://a.test/x?y", "got": "http://c.test"},
            id="Firefox, another",
        ),
        pytest.param(
            "[Error] Origin null is not allowed by Access-Control-Allow-Origin. Status code: 404",
            "WebKit",
            "opaque-origin-unanswered",
            {"origin": "null", "status": "404"},
            id="WebKit, missing",
        ),
        pytest.param(
            "Preflight response is not successful. Status code: 401",
            "WebKit",
            "preflight-status-not-ok",
            {"status": "401"},
            id="WebKit, a status",
        ),
    ],
)
def test_a_message_is_recognised_with_what_it_quotes(
    text: str, browser: str, likeliest: str, quoted: dict[str, str]
) -> None:
    found = recognise(f"12:00:00 {text} index.js:7")
    assert found is not None
    assert (found.browser, found.reasons[0].id, found.values) == (browser, likeliest, quoted)


@pytest.mark.parametrize(
    ("text", "id_", "proposed"),
    [
        (METHOD.format("PATCH"), "method-in-other-case", False),
        (METHOD.format("patch"), "method-in-other-case", True),
        (NAME.format("X-A"), "authorization-not-covered-by-wildcard", False),
        (NAME.format("Authorization"), "authorization-not-covered-by-wildcard", True),
    ],
)
def test_what_does_not_fit_is_not_proposed(text: str, id_: str, proposed: bool) -> None:
    found = recognise(ACCESS + text)
    assert found is not None
    assert (id_ in [reason.id for reason in found.reasons]) is proposed


@pytest.mark.parametrize("browser", ["chrome", "firefox", "webkit"])
def test_every_name_and_word_of_the_catalogue_leads_back_to_its_entry(browser: str) -> None:
    words = {"chrome": CHROME_WORDS, "firefox": FIREFOX_WORDS}.get(browser, {})
    keys = {entry.key(browser) for entry in CATALOGUE.values()} - {""}
    for key in keys:
        found = recognise(words.get(key, key))
        assert found is not None, key
        assert found.key == key


@pytest.mark.parametrize("text", ["", "hello", "x" * MAX_LENGTH, *NEVER_SAYS_WHY])
def test_what_no_console_says_of_cors_is_not(text: str) -> None:
    assert recognise(text) is None


@given(st.sampled_from([*CHROME_WORDS.values()]), st.text(max_size=60), st.text(max_size=60))
def test_whatever_stands_around_it_it_is_told(words: str, before: str, after: str) -> None:
    found = recognise(f"{before}{words}{after}")
    assert found is not None
    assert all(reason.text and reason.fix for reason in found.reasons)
