"""The CORS check of the Fetch standard, and why it fails.

The standard knows two outcomes only; the console names six causes, and so does this.
https://fetch.spec.whatwg.org/#concept-cors-check
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from corsproxy.cors import fields as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.digits import number
from corsproxy.cors.nearest import how_it_differs
from corsproxy.cors.origin import DEFAULT_PORTS, OPAQUE


class Failure(NamedTuple):
    """Why a browser stops: the id of an entry of `reasons`, and the values its sentence quotes."""

    reason: str
    values: Mapping[str, str]


def cors_check(attempt: Attempt, fields: f.Fields) -> Failure | None:
    """None where the check passes. Each header is got as one value, its lines joined."""
    said = get(fields, f.ALLOW_ORIGIN)
    if said == "*" and not attempt.credentials:
        return None
    if said != attempt.origin:
        values = {"origin": attempt.origin} | ({} if said is None else {"got": said})
        reason = _why_not(said, attempt.origin)
        if said is not None and reason == "allow-origin-differs":
            values["how"] = how_it_differs(said, attempt.origin)
        return Failure(reason, values)
    allowed = get(fields, f.ALLOW_CREDENTIALS)
    if not attempt.credentials or allowed == "true":  # step 7: `true` counts in lower case only
        return None
    quoted = "absent" if allowed is None else repr(allowed)
    return Failure("allow-credentials-not-true", {"origin": attempt.origin, "got": quoted})


def get(fields: f.Fields, name: str) -> str | None:
    """Fetch, "get a header": every line, joined, without blanks around each.

    https://fetch.spec.whatwg.org/#concept-header-list-get
    """
    found = [value.strip(" \t") for value in f.values(fields, name)]
    return ", ".join(found) if found else None


def _why_not(said: str | None, origin: str) -> str:
    if said is None:
        return "opaque-origin-unanswered" if origin == OPAQUE else "allow-origin-missing"
    if said == "*":
        return "allow-origin-wildcard-with-credentials"
    if re.search("[ ,]", said):
        return "allow-origin-repeated"
    if said == OPAQUE or _is_url(said):
        return "allow-origin-differs"
    return "allow-origin-invalid"


HIGHEST_PORT = 65535
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(.*)", re.DOTALL)
_AUTHORITY = re.compile(
    r"(?:[^\x00-\x20\"%<>?@\[\]\\^`{|}\x7f:]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]*))?"
)


def _is_url(text: str) -> bool:
    """Whether a URL parser takes `text`: this alone tells "invalid" from "differs"."""
    shape = _SCHEME.fullmatch(text)
    if shape is None:
        return False
    if shape[1].lower() not in DEFAULT_PORTS:
        return True
    rest = shape[2].lstrip("/\\")
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    if not (shape := _AUTHORITY.fullmatch(authority)):
        return False
    return not shape["port"] or number(shape["port"], HIGHEST_PORT) is not None
