"""Where browsers part ways with the Fetch standard, or fill in what it leaves to them.

One row for each browser, and one for the standard itself, which is what a policy should satisfy.
Chromium 156 and Firefox 153 ESR are held to their rows by tests/browser/test_verdict.py; WebKit's
row is what WebKitGTK 2.50 was seen to do with 763 cases, not Safari itself.

A row is data without a function in it, so that each departure has a name, a line of explanation and
a default, the standard's. A newer browser is a new row, not an `if` by its version.
"""

import re
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from corsproxy.cors import fetch_standard as fetch

_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_INTEGER = re.compile(r"[0-9]+")
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
NOTHING = re.compile(r"(?!)")


NO_URL = ""
"""The scheme of what is no URL."""


class Dropped(Enum):
    """Headers that redirects dropped, and a later preflight may still name."""

    NOTHING = "nothing"
    EARLIER = "what the last redirect would not have dropped"
    ALL = "all"


class Browser(NamedTuple):
    """Each field is a way to differ; its default is what the standard says."""

    name: str
    max_age_limit: int
    """Seconds beyond which Access-Control-Max-Age is cut ("imposed limit on max-age")."""
    signed_max_age: bool = False
    """`+10` is read as 10, where the standard does not read it and takes 5."""
    unread_max_age: int = fetch.DEFAULT_MAX_AGE
    """Seconds for a Max-Age that is there and is no number."""
    remembers_opaque: bool = True
    """A preflight of the origin `null` is kept as long as any other."""

    wildcard_covers_authorization: bool = False
    """`*` in Access-Control-Allow-Headers covers Authorization when credentials are left out."""
    exposes_beside_wildcard: bool = False
    """`*` exposes every header, even beside an element that is no token."""

    safelisted_values: Mapping[str, re.Pattern[str]] = MappingProxyType({})
    """By name: values that need no allowing, beside those of the standard."""
    unsafe_bytes: re.Pattern[str] = NOTHING
    """Bytes that make a value unsafe, beside those of the standard."""
    limits_safelist: bool = True
    """All safelisted values together may have 1024 bytes."""
    dropped_names: frozenset[str] = frozenset()
    """Names that a page may set but that never leave as the page set them."""
    joins_lines: bool = False
    """Several lines of one name are joined before the value is judged."""

    proxy_authentication_fails: bool = True
    """A 407 is a network error."""
    judges_status_first: bool = False
    """The status of a preflight is judged before its Access-Control-Allow-Origin ..."""
    judges_redirect_last: bool = False
    """... and that a preflight is redirected after it."""
    judges_methods_first: bool = False
    """The method is judged before Access-Control-Allow-Headers is parsed."""
    follows_empty_location: bool = False
    """An empty Location redirects, to the same URL."""
    own_userinfo_fails: bool = False
    """Not even within one origin may a redirect carry a user name."""

    given_up_schemes: frozenset[str] = frozenset()
    """Redirects there fail before their Access-Control headers are looked at."""

    asks_again: bool = False
    """After one preflight, each redirect has another, though nothing in it needs one ..."""
    minds_names_at_home: bool = False
    """... even after a first request to the page's own origin, if its headers would need one ..."""
    asks_as_page: bool = False
    """... which carries the page's origin where the request after it says `null` ..."""
    asks_for: Dropped = Dropped.NOTHING
    """... and may name what redirects have dropped."""


FETCH = Browser("the Fetch standard", fetch.MAX_AGE_FIREFOX)

CHROMIUM = Browser(
    "Chromium",
    fetch.MAX_AGE_CHROMIUM,
    signed_max_age=True,
    remembers_opaque=False,
    wildcard_covers_authorization=True,
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
    own_userinfo_fails=True,
    given_up_schemes=frozenset({NO_URL}),
)

FIREFOX = Browser(
    "Firefox",
    fetch.MAX_AGE_FIREFOX,
    unread_max_age=0,
    wildcard_covers_authorization=True,
    exposes_beside_wildcard=True,
    unsafe_bytes=NOT_ASCII,
    limits_safelist=False,
    proxy_authentication_fails=False,
    judges_redirect_last=True,
    judges_methods_first=True,
    follows_empty_location=True,
    given_up_schemes=frozenset(
        {
            *(NO_URL, "blob", "chrome", "data", "file", "javascript", "moz-extension"),
            *("resource", "view-source", "ws", "wss"),
        }
    ),
    asks_again=True,
    asks_as_page=True,
    asks_for=Dropped.EARLIER,
    minds_names_at_home=True,
)

WEBKIT = Browser(
    "WebKit",
    fetch.MAX_AGE_WEBKIT,
    signed_max_age=True,
    wildcard_covers_authorization=True,
    safelisted_values=MappingProxyType(
        {"range": re.compile(r"bytes=[0-9]+-[0-9]*", re.IGNORECASE)}
    ),
    joins_lines=True,
    proxy_authentication_fails=False,
    judges_status_first=True,
    asks_again=True,
    asks_for=Dropped.ALL,
)
