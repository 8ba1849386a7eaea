"""What a page tries, and what of it a browser lets through unasked."""

import pytest

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.browsers import CHROMIUM, FETCH, Browser

PAGE = "http://localhost:5173"


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        pytest.param("put", "PUT", id="put is put in capitals"),
        pytest.param("Delete", "DELETE", id="delete too"),
        pytest.param("patch", "patch", id="patch is not"),
        pytest.param("PURGE", "PURGE", id="an own method stays"),
    ],
)
def test_a_browser_normalises_six_methods(method: str, sent: str) -> None:
    assert Attempt(PAGE, method).sent_method == sent


@pytest.mark.parametrize(
    ("method", "possible"),
    [
        pytest.param("GET", True, id="safelisted"),
        pytest.param("PURGE", True, id="own"),
        pytest.param("trace", False, id="forbidden, in any case"),
        pytest.param("A B", False, id="no token"),
        pytest.param("", False, id="empty"),
    ],
)
def test_fetch_throws_for_a_method_that_no_page_may_use(method: str, possible: bool) -> None:
    assert Attempt(PAGE, method).possible is possible


FIELDS = [
    pytest.param("Accept", "text/html, */*;q=0.5", True, id="accept"),
    pytest.param("Accept", "a:b", False, id="accept with an unsafe byte"),
    pytest.param("Accept", "a\tb", True, id="accept with a tab"),
    pytest.param("Accept", "a\x01b", False, id="accept with a control"),
    pytest.param("Accept", "a" * 128, True, id="accept of 128"),
    pytest.param("Accept", "a" * 129, False, id="accept of 129"),
    pytest.param("Accept-Language", "de-CH, *;q=0.5", True, id="language"),
    pytest.param("Content-Language", "de_CH", False, id="language with an underscore"),
    pytest.param("Content-Type", "text/plain", True, id="plain"),
    pytest.param("Content-Type", "Text/PLAIN ; a=b", True, id="plain with a parameter"),
    pytest.param("Content-Type", 'text/plain; a="b"', False, id="plain with quotes"),
    pytest.param("Content-Type", "multipart/form-data;boundary=x", True, id="multipart"),
    pytest.param("Content-Type", "application/json", False, id="json"),
    pytest.param("Content-Type", "plain", False, id="no media type"),
    pytest.param("Content-Type", "", False, id="empty media type"),
    pytest.param("Range", "bytes=0-255", True, id="range"),
    pytest.param("Range", "bytes=256-", True, id="open range"),
    pytest.param("Range", "bytes=-256", False, id="range from the end"),
    pytest.param("Range", "bytes=9-2", False, id="range backwards"),
    pytest.param("Range", "bytes=1-2, 3-4", False, id="two ranges"),
    pytest.param("X-A", "1", False, id="own name"),
    pytest.param("Authorization", "Bearer t", False, id="authorization"),
    pytest.param("Save-Data", "on", False, id="a client hint"),
]


@pytest.mark.parametrize(("name", "value", "safe"), FIELDS)
def test_a_safelisted_field_needs_no_preflight(name: str, value: str, safe: bool) -> None:
    attempt = Attempt(PAGE, headers=[(name, value)])
    assert attempt.preflight_due is not safe
    assert attempt.unsafe_names == (() if safe else (name.lower(),))


def test_unsafe_names_are_lower_case_sorted_and_each_once() -> None:
    attempt = Attempt(PAGE, headers=[("X-B", "1"), ("x-a", "2"), ("x-b", "3"), ("Accept", "*/*")])
    assert attempt.unsafe_names == ("x-a", "x-b")
    assert attempt.preflight().requested_names == "x-a,x-b"


def test_too_many_safelisted_bytes_are_unsafe_together() -> None:
    fields = [("Accept", "a" * 128)] * 8
    assert Attempt(PAGE, headers=fields).unsafe_names == ()
    assert Attempt(PAGE, headers=[*fields, ("Range", "bytes=0-")]).unsafe_names == (
        "accept",
        "range",
    )


@pytest.mark.parametrize(
    ("name", "value", "dropped"),
    [
        pytest.param("Cookie", "a=b", True, id="forbidden"),
        pytest.param("Sec-Fetch-Mode", "cors", True, id="sec- prefix"),
        pytest.param("Proxy-Authorization", "x", True, id="proxy- prefix"),
        pytest.param("X-HTTP-Method-Override", "get, trace", True, id="override to forbidden"),
        pytest.param("X-HTTP-Method-Override", "PUT", False, id="override to allowed"),
        pytest.param("X-Secure", "1", False, id="no prefix"),
    ],
)
def test_forbidden_fields_are_dropped_in_silence(name: str, value: str, dropped: bool) -> None:
    assert (Attempt(PAGE, headers=[(name, value)]).sent_headers == []) is dropped


CHROMIUM_ALONE = [
    pytest.param(("Save-Data", "on"), (), id="save-data"),
    pytest.param(("Save-Data", "off"), ("save-data",), id="save-data with another value"),
    pytest.param(("User-Agent", "x"), (), id="user-agent is dropped"),
]


@pytest.mark.parametrize(("field", "unsafe"), CHROMIUM_ALONE)
def test_where_chromium_departs_the_table_says_so(
    field: tuple[str, str], unsafe: tuple[str, ...]
) -> None:
    assert Attempt(PAGE, headers=[field], browser=CHROMIUM).unsafe_names == unsafe
    assert Attempt(PAGE, headers=[field], browser=FETCH).unsafe_names == (field[0].lower(),)


@pytest.mark.parametrize(
    ("browser", "unsafe"),
    [
        pytest.param(FETCH, (), id="the standard judges each line"),
        pytest.param(CHROMIUM, ("accept",), id="Chromium joins them"),
    ],
)
def test_several_lines_of_a_field(browser: Browser, unsafe: tuple[str, ...]) -> None:
    fields = [("Accept", "a" * 80), ("accept", "b" * 80)]
    assert Attempt(PAGE, headers=fields, browser=browser).unsafe_names == unsafe


def test_the_requests_that_follow() -> None:
    attempt = Attempt(PAGE, "put", [("X-A", "1")], credentials=True)
    assert attempt.preflight() == ("OPTIONS", PAGE, "PUT", "x-a", None, "", False, False, False)
    assert attempt.actual() == ("PUT", PAGE, None, None, None, "", False, False, False)
    assert Attempt(PAGE, "PUT").preflight().requested_names is None
