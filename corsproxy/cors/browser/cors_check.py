"""The CORS check of the Fetch standard, and why it fails.

The standard knows two outcomes only; the console names six causes, and so does this.
https://fetch.spec.whatwg.org/#concept-cors-check
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.url import is_url
from corsproxy.cors.finding import Check
from corsproxy.cors.nearest_origin import how_it_differs
from corsproxy.cors.origin import OPAQUE


class Failure(NamedTuple):
    """Why a browser stops: the id of an entry of `reasons`, and the values its sentence quotes.

    `check` is None where it stops at something that no policy settles.
    """

    reason: str
    values: Mapping[str, str]
    check: Check | None = None


def cors_check(attempt: Attempt, headers: f.Fields) -> Failure | None:
    """None where the check passes. Each header is got as one value, its lines joined.

    https://fetch.spec.whatwg.org/#concept-cors-check
    """
    allow_origin = get(headers, f.ALLOW_ORIGIN)
    if allow_origin == "*" and not attempt.credentials:
        return None
    if allow_origin != attempt.origin:
        values = {"origin": attempt.origin}
        if allow_origin is not None:
            values["got"] = allow_origin
        reason = _why_not(allow_origin, attempt.origin, len(f.values(headers, f.ALLOW_ORIGIN)))
        if allow_origin is not None and reason == "allow-origin-differs":
            values["how"] = how_it_differs(allow_origin, attempt.origin)
        return Failure(reason, values, Check.ORIGIN)
    allowed = get(headers, f.ALLOW_CREDENTIALS)
    if not attempt.credentials or allowed == "true":  # step 7: `true` counts in lower case only
        return None
    quoted = "absent" if allowed is None else repr(allowed)
    values = {"origin": attempt.origin, "got": quoted}
    return Failure("allow-credentials-not-true", values, Check.ORIGIN)


def get(headers: f.Fields, name: str) -> str | None:
    """Fetch, "get a header": every line, joined, without blanks around each.

    https://fetch.spec.whatwg.org/#concept-header-list-get
    """
    found = [value.strip(" \t") for value in f.values(headers, name)]
    return ", ".join(found) if found else None


def _why_not(allow_origin: str | None, origin: str, lines: int) -> str:
    if allow_origin is None:
        return "opaque-origin-unanswered" if origin == OPAQUE else "allow-origin-missing"
    if allow_origin == "*":
        return "allow-origin-wildcard-with-credentials"
    if lines > 1:
        return "allow-origin-repeated"
    if re.search("[ ,]", allow_origin):
        return "allow-origin-list"
    if allow_origin == OPAQUE or is_url(allow_origin):
        return "allow-origin-differs"
    return "allow-origin-invalid"
