"""What a test says of a page's call, checked: a slip in it must not pass for a refusal."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.fetch_standard import FORBIDDEN_METHODS, TOKEN
from corsproxy.cors.names import check_request_name
from corsproxy.cors.origin import OriginPattern, PatternError
from corsproxy.probe.judge import Call

_URL = "/?&=%+,;:@!$'()*~"
"""What stays as it is in a path and its query."""

Headers = Mapping[str, str] | Iterable[tuple[str, str]]


def call_of(
    base: str,
    origin: str,
    method: str,
    path: str,
    *,
    headers: Headers,
    credentials: bool,
    content: bytes,
) -> Call:
    """A page's call of `path` at `base`; ValueError for what no page can send.

    A header `Cookie` is what the browser adds of its own, and goes with credentials only.
    """
    _check_origin(origin)
    if not TOKEN.fullmatch(method):
        raise ValueError(f"{method!r} is not a method: expected a token, such as PUT")
    if method.upper() in FORBIDDEN_METHODS:
        raise ValueError(f"no browser lets a page use the method {method}")
    if not path.startswith("/"):
        raise ValueError(f"{path!r} is not a path\n  fix: /{path}")
    if not path.isascii() or not path.isprintable() or " " in path:
        raise ValueError(f"{path!r} is not as a browser sends it\n  fix: {quote(path, safe=_URL)}")
    if content and method.upper() in ("GET", "HEAD"):
        raise ValueError(f"no browser sends content with {method}\n  fix: POST, or no content")
    own, cookie = _split(headers)
    if cookie and not credentials:
        raise ValueError("cookies go with credentials only\n  fix: credentials=True")
    attempt = Attempt(origin, method, own, credentials, path)
    return Call(attempt, f"{base}{path}", cookie, content)


def _check_origin(origin: str) -> None:
    try:
        pattern = OriginPattern.parse(origin)
    except PatternError as error:
        fix = f"\n  fix: {error.fix}" if error.fix else ""
        raise ValueError(f"{origin!r}: {error.message}{fix}") from None
    if not pattern.exact:
        raise ValueError(f"{origin!r} names many origins: expected the one of the page")


def _split(headers: Headers) -> tuple[tuple[tuple[str, str], ...], str]:
    """The page's own headers, and the cookie, which only a browser sends."""
    pairs = tuple(headers.items() if isinstance(headers, Mapping) else headers)
    own = tuple(pair for pair in pairs if pair[0].lower() != "cookie")
    for name, value in own:
        check_request_name(name)
        if not value.isprintable() or not value.isascii():
            raise ValueError(f"the value of {name} has bytes that no page can send")
    return own, "; ".join(value for name, value in pairs if name.lower() == "cookie")
