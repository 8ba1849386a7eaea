"""What the Fetch standard fixes for every policy: tables, no logic.

https://fetch.spec.whatwg.org/ ; the section is named beside each table.
"""

import re

TCHAR = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
TOKEN = re.compile(TCHAR + "+")
"""RFC 9110, 5.6.2: what a method and a header name are made of."""

SAFELISTED_METHODS = frozenset({"GET", "HEAD", "POST"})
"""Fetch, "CORS-safelisted method": never need allowing.
https://fetch.spec.whatwg.org/#cors-safelisted-method"""

FORBIDDEN_METHODS = frozenset({"CONNECT", "TRACE", "TRACK"})
"""Fetch, "forbidden method": compared in any case.
https://fetch.spec.whatwg.org/#forbidden-method"""

NORMALISED_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})
"""Fetch, "normalize a method": these alone are upper-cased by the browser; PATCH is not.
https://fetch.spec.whatwg.org/#concept-method-normalize"""

NON_WILDCARD_NAMES = frozenset({"authorization"})
"""Fetch, "CORS non-wildcard request-header name": `*` never covers these.
https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name"""

SAFELISTED_RESPONSE_NAMES = frozenset(
    {
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    }
)
"""Fetch, "CORS-safelisted response-header name": readable unexposed.
https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name"""

FORBIDDEN_RESPONSE_NAMES = frozenset({"set-cookie", "set-cookie2"})
"""Fetch, "forbidden response-header name": never readable, exposed or not.
https://fetch.spec.whatwg.org/#forbidden-response-header-name"""

FORBIDDEN_REQUEST_NAMES = frozenset(
    {
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)
"""Fetch, "forbidden request-header": scripts cannot set these ...
https://fetch.spec.whatwg.org/#forbidden-request-header"""

FORBIDDEN_REQUEST_PREFIXES = ("proxy-", "sec-")
"""... nor any name that begins so."""

METHOD_OVERRIDE_NAMES = frozenset({"x-http-method", "x-http-method-override", "x-method-override"})
"""Fetch, "forbidden request-header", step 3: forbidden only with a forbidden method as value.
https://fetch.spec.whatwg.org/#forbidden-request-header"""

DEFAULT_MAX_AGE = 5
"""Fetch, "CORS-preflight fetch", 7.9: seconds a preflight is cached when the response says none.
https://fetch.spec.whatwg.org/#cors-preflight-fetch-0"""

MAX_AGE_CHROMIUM = 7200
MAX_AGE_FIREFOX = 86400
MAX_AGE_WEBKIT = 600
"""Seconds beyond which the browser cuts Access-Control-Max-Age ("imposed limit on max-age").
https://fetch.spec.whatwg.org/#concept-cache-max-age"""
