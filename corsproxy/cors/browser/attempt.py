"""Attempt: what a page tries, and how a browser turns it into requests.

Read from the Fetch standard's side of the browser, apart from `decision`: the two must agree,
and a test demands it. Where a browser departs from the standard, its row in `browsers` says so.
"""

import re
from typing import NamedTuple

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors.browser.browsers import FETCH, Browser, Dropped
from corsproxy.cors.headers import Fields
from corsproxy.cors.request import Request

SAFELISTED_CONTENT_TYPES = frozenset(
    {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
)
MAX_SAFELISTED_VALUE_BYTES = 128
MAX_SAFELISTED_BYTES = 1024

_UNSAFE_BYTE = re.compile(r'[\x00-\x08\x0a-\x1f"():<>?@\[\\\]{}\x7f]')
"""Fetch, "CORS-unsafe request-header byte".
https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte"""
_LANGUAGE = re.compile(r"[0-9A-Za-z *,\-.;=]*")
_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]*)")
_MEDIA_TYPE = re.compile(rf"({fetch.TOKEN.pattern}/{fetch.TOKEN.pattern})[\t ]*(?:;.*)?", re.DOTALL)


class Attempt(NamedTuple):
    """A page's call of `fetch` to another origin, in mode "cors".

    `headers` are those that the page sets. `credentials` is whether the credentials mode is
    "include"; "same-origin" and "omit" are the same to another origin. `target` is the path that
    is asked for, `browser` the one whose departures from the standard count.
    https://fetch.spec.whatwg.org/#concept-request

    >>> attempt = Attempt("https://app.example", "PUT", (("X-Trace", "1"),))
    >>> attempt.preflight_due, attempt.unsafe_names
    (True, ('x-trace',))

    The last four are what redirects leave behind: whether a preflight was due before one, the
    origin of the page where `origin` is no longer that, the names that were not safelisted and are
    not sent any more, and the names that the last redirect would drop.
    """

    origin: str
    method: str = "GET"
    headers: Fields = ()
    credentials: bool = False
    target: str = "/"
    browser: Browser = FETCH
    preflighted: bool = False
    page_origin: str = ""
    dropped: frozenset[str] = frozenset()
    just_dropped: frozenset[str] = frozenset()

    @property
    def sent_method(self) -> str:
        """Fetch, "normalize a method": six methods are put in capitals; `patch` stays as it is.

        https://fetch.spec.whatwg.org/#concept-method-normalize
        """
        capitals = self.method.upper()
        return capitals if capitals in fetch.NORMALISED_METHODS else self.method

    @property
    def possible(self) -> bool:
        """Whether a browser accepts the method at all; else `fetch` throws, and nothing is sent.

        Fetch, "Request" constructor: https://fetch.spec.whatwg.org/#dom-request
        """
        known = fetch.TOKEN.fullmatch(self.method) is not None
        return known and self.method.upper() not in fetch.FORBIDDEN_METHODS

    @property
    def sent_headers(self) -> list[tuple[str, str]]:
        """The page's headers without those that the browser drops in silence.

        Fetch, "forbidden request-header": https://fetch.spec.whatwg.org/#forbidden-request-header
        """
        return [
            (name, value.strip(" \t\r\n"))
            for name, value in self.headers
            if not _forbidden(name.lower(), value)
            and name.lower() not in self.browser.dropped_names
        ]

    @property
    def unsafe_names(self) -> tuple[str, ...]:
        """Fetch, "CORS-unsafe request-header names": lower case, each once, sorted.

        https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
        """
        unsafe, potentially, size = set(), set(), 0
        for name, value in self._judged_headers():
            if not self._safelisted(name, value):
                unsafe.add(name)
            else:
                potentially.add(name)
                size += len(value)
        if size > MAX_SAFELISTED_BYTES and self.browser.limits_safelist:
            unsafe |= potentially
        return tuple(sorted(unsafe))

    @property
    def asked_names(self) -> tuple[str, ...]:
        """The names that a preflight asks for.

        The unsafe ones (Fetch, "CORS-preflight fetch", steps 4 and 5); and what redirects dropped,
        in browsers that still name it. https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
        """
        dropped = self.dropped
        match self.browser.asks_for:
            case Dropped.NOTHING:
                dropped = frozenset()
            case Dropped.EARLIER:
                dropped -= self.just_dropped
        return tuple(sorted({*self.unsafe_names, *dropped}))

    @property
    def asking_origin(self) -> str:
        """The origin that a preflight carries.

        Fetch, "CORS-preflight fetch", step 1, has the request's own; Firefox the page's, even where
        a redirect has made that of the request opaque.
        https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
        """
        return (self.browser.asks_as_page and self.page_origin) or self.origin

    @property
    def preflight_due(self) -> bool:
        """Whether the browser asks first; Fetch, "main fetch".

        https://fetch.spec.whatwg.org/#concept-main-fetch
        """
        if self.sent_method not in fetch.SAFELISTED_METHODS or self.unsafe_names:
            return True
        return self.preflighted and self.browser.asks_again

    def preflight(self) -> Request:
        """The preflight as the server sees it: never any credentials.

        Fetch, "CORS-preflight fetch", steps 1 to 5:
        https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
        """
        names = ",".join(self.asked_names) or None
        return Request("OPTIONS", self.asking_origin, self.sent_method, names)

    def actual(self) -> Request:
        """The actual request as the server sees it."""
        return Request(self.sent_method, self.origin)

    def _judged_headers(self) -> list[tuple[str, str]]:
        headers = [(name.lower(), value) for name, value in self.sent_headers]
        if not self.browser.joins_lines:
            return headers
        together: dict[str, str] = {}
        for name, value in headers:
            together[name] = f"{together[name]}, {value}" if name in together else value
        return list(together.items())

    def _safelisted(self, name: str, value: str) -> bool:
        if len(value) > MAX_SAFELISTED_VALUE_BYTES:
            return False
        extra = self.browser.safelisted_values.get(name)
        if extra is not None and extra.fullmatch(value):
            return True
        return safelisted(name, value) and not self.browser.unsafe_bytes.search(value)


def safelisted(name: str, value: str) -> bool:
    """Fetch, "CORS-safelisted request-header", its length excepted; `name` in lower case.

    https://fetch.spec.whatwg.org/#cors-safelisted-request-header
    """
    match name:
        case "accept":
            return _UNSAFE_BYTE.search(value) is None
        case "accept-language" | "content-language":
            return _LANGUAGE.fullmatch(value) is not None
        case "content-type":
            kind = _MEDIA_TYPE.fullmatch(value)
            known = kind is not None and kind[1].lower() in SAFELISTED_CONTENT_TYPES
            return known and _UNSAFE_BYTE.search(value) is None
        case "range":
            # Fetch, "parse a single range header value", and a start that is given:
            # https://fetch.spec.whatwg.org/#simple-range-header-value
            ends = _RANGE.fullmatch(value)
            return ends is not None and (not ends[2] or int(ends[1]) <= int(ends[2]))
    return False


def _forbidden(name: str, value: str) -> bool:
    """Fetch, "forbidden request-header"; `name` in lower case.

    https://fetch.spec.whatwg.org/#forbidden-request-header
    """
    if name in fetch.METHOD_OVERRIDE_NAMES:
        methods = {element.strip().upper() for element in value.split(",")}
        return not methods.isdisjoint(fetch.FORBIDDEN_METHODS)
    return name in fetch.FORBIDDEN_REQUEST_NAMES or name.startswith(
        fetch.FORBIDDEN_REQUEST_PREFIXES
    )
