"""What a test says of a page's call: carried over, or refused before it passes for a refusal."""

import re
from typing import Any

import pytest

from corsproxy.testing.page_call import call_of

PAGE = "https://app.example"
GIVEN: dict[str, Any] = {"headers": (), "credentials": False, "content": b""}


def test_the_cookie_is_the_browsers_and_other_headers_the_pages() -> None:
    headers = {"X-Trace": "1", "Cookie": "a=b"}
    call = call_of("http://h", PAGE, "PUT", "/x?y", headers=headers, credentials=True, content=b"c")
    assert call.url == "http://h/x?y"
    assert call.attempt.headers == (("X-Trace", "1"),)
    assert call.attempt.target == "/x?y"
    assert (call.attempt.method, call.attempt.credentials) == ("PUT", True)
    assert (call.cookie, call.content) == ("a=b", b"c")


@pytest.mark.parametrize(
    ("origin", "method", "path", "given", "message"),
    [
        (f"{PAGE}/", "GET", "/", {}, "no slash, path or query\n  fix: https://app.example"),
        ("https://*.example.com", "GET", "/", {}, "names many origins"),
        (PAGE, "P T", "/", {}, "is not a method"),
        (PAGE, "trace", "/", {}, "no browser lets a page use the method trace"),
        (PAGE, "GET", "users", {}, "is not a path\n  fix: /users"),
        (PAGE, "GET", "/ü?a=b c", {}, "fix: /%C3%BC?a=b%20c"),
        (PAGE, "GET", "/", {"content": b"x"}, "no browser sends content with GET"),
        (PAGE, "GET", "/", {"headers": {"Cookie": "a=b"}}, "fix: credentials=True"),
        (PAGE, "GET", "/", {"headers": [("X A", "1")]}, "X A"),
        (PAGE, "GET", "/", {"headers": [("X-A", "1\n")]}, "X-A has bytes that no page can send"),
    ],
)
def test_what_no_page_can_send_is_refused(
    origin: str, method: str, path: str, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call_of("http://h", origin, method, path, **GIVEN | given)
