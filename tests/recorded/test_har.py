"""HAR files: what of them is read, in each browser's dialect, and what is no HAR."""

import contextlib
import json
import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corsproxy.cors.browser.browsers import CHROMIUM, FETCH, FIREFOX, WEBKIT, Browser
from corsproxy.limits import RECORD_MAX_ENTRIES
from corsproxy.recorded.calls import calls
from corsproxy.recorded.har import Record, record
from corsproxy.recorded.json_tree import RecordError
from corsproxy.recorded.judgement import judged
from corsproxy.recorded.report import Told, report_json, report_text
from tests.recorded.records import API, entry, har, preflight, unsent


@pytest.mark.parametrize(
    ("creator", "browser"),
    [
        ("WebInspector", CHROMIUM),
        ("Firefox", FIREFOX),
        ("WebKit Web Inspector", WEBKIT),
        ("corsproxy", FETCH),
        ("", FETCH),
    ],
)
def test_each_saver_is_judged_by_its_own_row(creator: str, browser: Browser) -> None:
    found = record(har(creator=creator))
    assert (found.creator, found.browser) == (creator, browser)


def test_a_tool_that_drove_a_browser_names_it() -> None:
    log = {"creator": {"name": "Playwright"}, "browser": {"name": "firefox"}, "entries": []}
    assert record(json.dumps({"log": log}).encode()).browser is FIREFOX


def test_a_request_and_what_is_known_of_its_response() -> None:
    made = entry("PUT", f"{API}#part", cookies=True, status=200, headers={"X": "1"}, error=None)
    [found] = record(har(made)).entries
    assert (found.method, found.url, found.cookies) == ("PUT", API, True)
    assert (found.status, found.headers, found.error) == (200, (("X", "1"),), "")
    assert (found.header("origin"), found.page) == (
        "https://app.test",
        "https://app.test/index.html",
    )


def test_a_cookie_is_known_by_its_header_too() -> None:
    without, with_ = record(har(entry(), entry(asked={"Cookie": "a=***"}))).entries
    assert (without.cookies, with_.cookies) == (False, True)


def test_a_header_is_a_character_for_each_byte() -> None:
    [found] = record(har(entry(headers={"X": "\u20ac", "Y": "\ud800"}))).entries
    assert dict(found.headers) == {"X": "\xe2\x82\xac", "Y": "\\ud800"}


@pytest.mark.parametrize(
    ("made", "stopped"),
    [
        pytest.param(entry(error=None), False, id="Chromium got it"),
        pytest.param(entry(error="net::ERR_FAILED"), True, id="Chromium kept it from the page"),
        pytest.param(entry(error="net::ERR_ABORTED"), False, id="something else went wrong"),
        pytest.param(entry(error=""), True, id="Chromium blocked it without a word"),
        pytest.param(entry(), None, id="Firefox does not say"),
    ],
)
def test_whether_the_browser_stopped_is_its_own_word(
    made: dict[str, Any], stopped: bool | None
) -> None:
    assert record(har(made)).entries[0].stopped is stopped


def test_playwright_has_its_word_for_failures_alone() -> None:
    failed = entry(status=-1)
    failed["response"]["_failureText"] = "net::ERR_FAILED"
    found = record(har(failed, entry(), creator="Playwright")).entries
    assert [(one.status, one.error) for one in found] == [(0, "net::ERR_FAILED"), (200, "")]


def test_a_bare_options_is_no_preflight() -> None:
    found = record(har(preflight(), entry("OPTIONS"), entry("GET"))).entries
    assert [one.preflight for one in found] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[]", "this is JSON, but no HAR: it has no `log`", id="a list"),
        pytest.param('{"log": null}', "this is JSON, but no HAR", id="no log"),
        pytest.param('{"log": []}', "log: expected an object, not a list", id="another log"),
        pytest.param('{"log": {}}', "log.entries: expected something", id="no entries"),
        pytest.param(
            '{"log": {"entries": [{"request": {"method": "GET", "url": 7}}]}}',
            "log.entries[0].request.url: expected text, not a number",
            id="a number for a URL",
        ),
        pytest.param(
            '{"log": {"entries": [{"request": {"method": "GET", "url": ""}, "response": '
            '{"status": "200"}}]}}',
            "log.entries[0].response.status: expected a number, not text",
            id="text for a status",
        ),
        pytest.param(
            '{"log": {"entries": [{"request": {"method": "GET"}}]}}',
            "log.entries[0].request.url: expected something",
            id="no URL",
        ),
    ],
)
def test_what_is_no_har_says_where(text: str, words: str) -> None:
    with pytest.raises(RecordError, match=re.escape(words)):
        record(text.encode())


def test_the_number_of_requests_is_bounded() -> None:
    one = json.dumps(entry())
    text = f'{{"log": {{"entries": [{",".join([one] * (RECORD_MAX_ENTRIES + 1))}]}}}}'
    with pytest.raises(RecordError, match=f"more than {RECORD_MAX_ENTRIES} requests"):
        record(text.encode())


WHOLE = json.loads(
    har(
        entry(cookies=True, error=None, _resourceType="fetch"),
        preflight("PUT", "x-a", headers={"Access-Control-Allow-Origin": "*"}),
        unsent(),
        entry(status=302, headers={"Location": "https://b.test/"}),
        entry(_corsproxy={"reasons": [{"reason": "origin-not-allowed", "text": "x"}]}),
    )
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a tree."""
    inner: Any = ()
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = [way]
    for key, below in inner:
        found += places(below, (*way, key))
    return found


PLACES = places(WHOLE)[1:]


@settings(max_examples=300)
@given(st.sampled_from(PLACES), ANYTHING)
def test_whatever_stands_in_whatever_place_is_judged_or_an_error_of_ours(
    way: tuple[Any, ...], value: object
) -> None:
    whole = deepcopy(WHOLE)
    parent = whole
    for key in way[:-1]:
        parent = parent[key]
    parent[way[-1]] = value
    with contextlib.suppress(RecordError):
        _told(record(json.dumps(whole).encode()))


def _told(found: Record) -> None:
    """All that can be said of a record is said, and fit to be shown."""
    to_judge, beside = calls(found.entries)
    told = [Told(judged(call, found.browser)) for call in to_judge]
    text = report_text(found, told, beside)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    json.dumps(report_json(found, told, beside))
