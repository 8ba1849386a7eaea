"""Numbers from the network: read as int() reads them, as far as they can matter."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.browsers import CHROMIUM
from corsproxy.cors.browser.redirect import follow
from corsproxy.cors.browser.verdict import on_preflight, on_response, preflight_cached_for
from corsproxy.cors.numbers import number

PACKAGE = Path(__file__).parents[2] / "corsproxy"
MANY = "9" * 5000


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 5))
def test_a_number_in_digits_is_what_int_says(value: int, most: int, zeros: int) -> None:
    assert number("0" * zeros + str(value), most) == (value if value <= most else None)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("+1", id="a sign"),
        pytest.param(" 1", id="a blank"),
        pytest.param("1_0", id="an underscore"),
        pytest.param("\u0661", id="a digit of another script"),
        pytest.param("\xb2", id="a superscript"),
        pytest.param("1\n", id="a line end"),
        pytest.param(MANY, id="more digits than int takes"),
        pytest.param("1" + "0" * 5000, id="a power of ten"),
    ],
)
def test_what_is_no_number_or_too_large_is_none(text: str) -> None:
    assert number(text, 65535) is None


def test_zeros_before_a_number_count_for_nothing_however_many() -> None:
    assert number("0" * 5000 + "80", 65535) == 80
    assert number("0" * 5000, 65535) == 0


ATTEMPT = Attempt("http://a.test", "PUT")


@pytest.mark.parametrize("port", [MANY, "0" * 5000 + "80", "65535", "65536"])
def test_no_port_in_a_response_is_too_long_to_judge(port: str) -> None:
    fields = [(f.ALLOW_ORIGIN, f"http://a.test:{port}")]
    assert not on_response(ATTEMPT, 200, fields).readable
    assert not on_preflight(ATTEMPT, 204, fields).readable


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param(MANY, 7200, id="more digits than int takes"),
        pytest.param("0" * 5000 + "9", 9, id="leading zeros"),
        pytest.param("-" + MANY, 0, id="far below zero"),
        pytest.param("+" + MANY, 7200, id="a plus"),
        pytest.param("+-1", 5, id="no number"),
    ],
)
def test_no_max_age_is_too_long_to_read(text: str, seconds: int) -> None:
    attempt = ATTEMPT._replace(browser=CHROMIUM)
    assert preflight_cached_for(attempt, [(f.MAX_AGE, text)]) == seconds


def test_no_port_in_a_redirect_is_too_long_to_follow() -> None:
    fields = [("Location", f"http://b.test:{MANY}/"), (f.ALLOW_ORIGIN, "*")]
    assert on_response(ATTEMPT, 307, fields).reason == "redirect-not-followed"
    assert follow(ATTEMPT, "http://a.test/", 307, fields) is None


READ_BY_INT = {
    "config/kinds/numbers.py": "as many digits as the highest number has, or seven",
    "cors/browser/attempt.py": "128 bytes, the longest value that is safelisted",
    "cors/browser/url.py": "sixteen digits of an address",
    "cors/tally.py": "a count",
    "cors/numbers.py": "here it is bounded",
    "cors/origin.py": "five digits, by its pattern",
    "cors/origin_spelling.py": "five digits of a port; a host's ValueError is caught",
    "proxy/http1/chunked.py": "fifteen digits, by its pattern",
    "proxy/http1/forwarding.py": "nine digits",
    "proxy/fast/lane.py": "a clock",
    "proxy/http1/head_pieces.py": "eighteen digits, by its pattern",
    "gateways/conversion/durations.py": "nine digits of each part, by its pattern",
    "proxy/path_readings.py": "four hexadecimal digits, by its pattern",
    "proxy/http1/request_head.py": "as many digits as its pattern takes",
    "proxy/http1/response_head.py": "three digits, and nine, by their patterns",
    "watch/log/flood.py": "a clock",
    "watch/recent_exchanges.py": "a clock",
    "proxy/http1/own_responses.py": "a clock",
}
"""The modules that call int() or float() themselves, and what bounds the text there."""


def test_whoever_reads_a_number_bounds_it() -> None:
    found = set()
    for module in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in ("int", "float"):
                found.add(module.relative_to(PACKAGE).as_posix())
    assert found == READ_BY_INT.keys()
