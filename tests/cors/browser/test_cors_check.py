"""The CORS check, and why it fails; Chromium judges the same spellings in tests/browser."""

import pytest

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.cors_check import cors_check, get
from corsproxy.cors.headers import Fields

PAGE = "http://localhost:5173"
DIFFERS = "allow-origin-differs"
INVALID = "allow-origin-invalid"
LIST = "allow-origin-list"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param(PAGE, None, id="the origin"),
        pytest.param(f" {PAGE}\t", None, id="blanks around"),
        pytest.param("*", None, id="wildcard"),
        pytest.param("null", DIFFERS, id="null"),
        pytest.param(f"{PAGE}/", DIFFERS, id="slash"),
        pytest.param("localhost:5173", DIFFERS, id="host and port reads as a scheme"),
        pytest.param("http://[::1]:80", DIFFERS, id="IPv6"),
        pytest.param("http:localhost", DIFFERS, id="scheme without slashes"),
        pytest.param("http://user@h", DIFFERS, id="user"),
        pytest.param("http://h:", DIFFERS, id="colon without a port"),
        pytest.param("", INVALID, id="empty"),
        pytest.param("**", INVALID, id="two wildcards"),
        pytest.param("localhost", INVALID, id="no scheme"),
        pytest.param("http://", INVALID, id="no host"),
        pytest.param("http://h:*", INVALID, id="any port"),
        pytest.param("http://h:65536", INVALID, id="port too high"),
        pytest.param("http://[::1", INVALID, id="unfinished IPv6"),
        pytest.param("http://1.2.3.256", INVALID, id="address too high"),
        pytest.param("http://1.2.3.4.5", INVALID, id="five numbers"),
        pytest.param("http://page.08", INVALID, id="number at the end"),
        pytest.param("http://09", INVALID, id="no octal number"),
        pytest.param("http://0x7f.1", DIFFERS, id="address in hexadecimal"),
        pytest.param(f"http://{'1' * 40}", INVALID, id="address of many digits"),
        pytest.param("http://[x]", INVALID, id="no IPv6"),
        pytest.param("http://%61.test", DIFFERS, id="percent signs decoded"),
        pytest.param("http://%00.test", INVALID, id="a byte that no host has"),
        pytest.param("http://b\xfccher.test", INVALID, id="no UTF-8"),
        pytest.param(f"{PAGE}, {PAGE}", LIST, id="comma"),
        pytest.param(f"{PAGE} x", LIST, id="blank"),
    ],
)
def test_allow_origin(said: str, reason: str | None) -> None:
    failure = cors_check(Attempt(PAGE), [("access-control-allow-origin", said)])
    assert (failure and failure.reason) == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param([("Access-Control-Allow-Credentials", "true")], None, id="true"),
        pytest.param([], "allow-credentials-not-true", id="absent"),
        pytest.param(
            [("Access-Control-Allow-Credentials", "TRUE")],
            "allow-credentials-not-true",
            id="capitals",
        ),
        pytest.param(
            [("Access-Control-Allow-Credentials", "true")] * 2,
            "allow-credentials-not-true",
            id="twice",
        ),
    ],
)
def test_allow_credentials(fields: Fields, reason: str | None) -> None:
    attempt = Attempt(PAGE, credentials=True)
    failure = cors_check(attempt, [("Access-Control-Allow-Origin", PAGE), *fields])
    assert (failure and failure.reason) == reason
    anonymous = attempt._replace(credentials=False)
    assert cors_check(anonymous, [("Access-Control-Allow-Origin", PAGE), *fields]) is None


def test_no_wildcard_for_credentials() -> None:
    fields = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Credentials", "true")]
    failure = cors_check(Attempt(PAGE, credentials=True), fields)
    assert failure is not None
    assert failure.reason == "allow-origin-wildcard-with-credentials"


def test_a_field_is_got_as_one_value() -> None:
    assert get([("A", " 1 "), ("b", "2"), ("a", "")], "a") == "1, "
    assert get([], "a") is None


def test_two_lines_are_told_from_a_list_in_one() -> None:
    line = ("Access-Control-Allow-Origin", PAGE)
    failure = cors_check(Attempt(PAGE), [line, line])
    assert failure is not None
    assert failure.reason == "allow-origin-repeated"
