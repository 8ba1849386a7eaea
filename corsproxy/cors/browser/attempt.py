"""Attempt: what a page tries, and how a browser turns it into requests.

Read from the Fetch standard's side of the browser, apart from `decision`: the two must agree,
and a test demands it. Where a browser departs from the standard, `Browser` says so, and only there.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors.fields import Fields
from corsproxy.cors.request import Request

SAFELISTED_NAMES = frozenset(
    {"accept", "accept-language", "content-language", "content-type", "range"}
)
"""Fetch, "CORS-safelisted request-header": safe as long as the value is, too.
https://fetch.spec.whatwg.org/#cors-safelisted-request-header"""

SAFELISTED_CONTENT_TYPES = frozenset(
    {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
)
LONGEST_SAFELISTED_VALUE = 128
MAX_SAFELISTED_BYTES = 1024

_UNSAFE_BYTE = re.compile(r'[\x00-\x08\x0a-\x1f"():<>?@\[\\\]{}\x7f]')
"""Fetch, "CORS-unsafe request-header byte".
https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte"""
_LANGUAGE = re.compile(r"[0-9A-Za-z *,\-.;=]*")
_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]*)")
_MEDIA_TYPE = re.compile(rf"({fetch.TOKEN.pattern}/{fetch.TOKEN.pattern})[\t ]*(?:;.*)?", re.DOTALL)

_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_INTEGER = re.compile(r"[0-9]+")


class Browser(NamedTuple):
    """Where browsers part ways with the standard, or fill in what it leaves to them."""

    name: str
    max_age_limit: int
    """Seconds beyond which Access-Control-Max-Age is cut ("imposed limit on max-age")."""
    wildcard_covers_authorization: bool = False
    """`*` in Access-Control-Allow-Headers covers Authorization when credentials are left out."""
    signed_max_age: bool = False
    """`+10` is read as 10 and `-1` as 0, where the standard reads neither and takes 5."""
    safelisted_values: Mapping[str, re.Pattern[str]] = MappingProxyType({})
    """By name: values that need no allowing, beside those of the standard."""
    dropped_names: frozenset[str] = frozenset()
    """Names that a page may set but that never leave as the page set them."""
    joins_lines: bool = False
    """Several lines of one name are joined before the value is judged."""


FETCH = Browser("the Fetch standard", fetch.MAX_AGE_FIREFOX)
"""What every browser accepts: the reading that a policy should satisfy."""

CHROMIUM = Browser(
    "Chromium",
    fetch.MAX_AGE_CHROMIUM,
    wildcard_covers_authorization=True,
    signed_max_age=True,
    safelisted_values=MappingProxyType(
        {
            "device-memory": _DECIMAL,
            "downlink": _DECIMAL,
            "dpr": _DECIMAL,
            "ect": re.compile("slow-2g|2g|3g|4g"),
            "rtt": _INTEGER,
            "save-data": re.compile("on", re.IGNORECASE),
            "viewport-width": _INTEGER,
            "width": _INTEGER,
        }
    ),
    dropped_names=frozenset({"user-agent"}),
    joins_lines=True,
)
"""As observed in Chromium 156; tests/browser/test_verdict.py holds it to that."""


class Attempt(NamedTuple):
    """A page's call of `fetch` to another origin, in mode "cors".

    `fields` are those that the page sets. `credentials` is whether the credentials mode is
    "include"; "same-origin" and "omit" are the same to another origin. `target` is the path that
    is asked for, `browser` the one whose departures from the standard count.
    https://fetch.spec.whatwg.org/#concept-request

    >>> attempt = Attempt("https://app.example", "PUT", (("X-Trace", "1"),))
    >>> attempt.preflight_due, attempt.unsafe_names
    (True, ('x-trace',))
    """

    origin: str
    method: str = "GET"
    fields: Fields = ()
    credentials: bool = False
    target: str = "/"
    browser: Browser = FETCH

    @property
    def sent_method(self) -> str:
        """Fetch, "normalize a method": six methods are put in capitals; `patch` stays as it is.

        https://fetch.spec.whatwg.org/#concept-method-normalize
        """
        capitals = self.method.upper()
        return capitals if capitals in fetch.NORMALISED_METHODS else self.method

    @property
    def possible(self) -> bool:
        """Whether a browser accepts the method at all; else `fetch` throws, and nothing is sent."""
        known = fetch.TOKEN.fullmatch(self.method) is not None
        return known and self.method.upper() not in fetch.FORBIDDEN_METHODS

    @property
    def sent_fields(self) -> list[tuple[str, str]]:
        """The page's headers without those that the browser drops in silence."""
        return [
            (name, value.strip(" \t\r\n"))
            for name, value in self.fields
            if not _forbidden(name.lower(), value)
            and name.lower() not in self.browser.dropped_names
        ]

    @property
    def unsafe_names(self) -> tuple[str, ...]:
        """Fetch, "CORS-unsafe request-header names": lower case, each once, sorted.

        https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
        """
        unsafe, potentially, size = set(), set(), 0
        for name, value in self._judged_fields():
            if not self._safelisted(name, value):
                unsafe.add(name)
            else:
                potentially.add(name)
                size += len(value)
        if size > MAX_SAFELISTED_BYTES:
            unsafe |= potentially
        return tuple(sorted(unsafe))

    @property
    def preflight_due(self) -> bool:
        """Whether the browser asks first; Fetch, "main fetch".

        https://fetch.spec.whatwg.org/#concept-main-fetch
        """
        return self.sent_method not in fetch.SAFELISTED_METHODS or bool(self.unsafe_names)

    def preflight(self) -> Request:
        """The preflight as the server sees it: never any credentials."""
        names = ",".join(self.unsafe_names) or None
        return Request("OPTIONS", self.origin, self.sent_method, names)

    def actual(self) -> Request:
        """The actual request as the server sees it."""
        return Request(self.sent_method, self.origin)

    def _judged_fields(self) -> list[tuple[str, str]]:
        fields = [(name.lower(), value) for name, value in self.sent_fields]
        if not self.browser.joins_lines:
            return fields
        together: dict[str, str] = {}
        for name, value in fields:
            together[name] = f"{together[name]}, {value}" if name in together else value
        return list(together.items())

    def _safelisted(self, name: str, value: str) -> bool:
        if len(value) > LONGEST_SAFELISTED_VALUE:
            return False
        own = self.browser.safelisted_values.get(name)
        return safelisted(name, value) if own is None else own.fullmatch(value) is not None


def safelisted(name: str, value: str) -> bool:
    """Fetch, "CORS-safelisted request-header", its length excepted; `name` in lower case."""
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
            # Fetch, "parse a single range header value", and a start that is given.
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
