"""Finding: the outcome of one check, kept as data; `explain` makes words of it."""

from enum import StrEnum
from typing import NamedTuple

from corsproxy.cors.span import Span


class Check(StrEnum):
    """The checks of a browser, in its order."""

    ORIGIN = "origin"
    METHOD = "method"
    NAMES = "names"


class Reason(StrEnum):
    """Why a check passed or failed: the closed set."""

    ANY_ORIGIN = "any-origin"
    ORIGIN_LISTED = "origin-listed"
    ORIGIN_NOT_ALLOWED = "origin-not-allowed"
    WEBSOCKET_WITH_CREDENTIALS = "websocket-with-credentials"
    METHOD_SAFELISTED = "method-safelisted"
    METHOD_LISTED = "method-listed"
    ANY_METHOD = "any-method"
    BARE_OPTIONS = "bare-options"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    METHOD_FORBIDDEN = "method-forbidden"
    METHOD_MALFORMED = "method-malformed"
    METHOD_TOO_LONG = "method-too-long"
    NO_NAMES = "no-names"
    NAMES_LISTED = "names-listed"
    ANY_NAME = "any-name"
    NAMES_NOT_ALLOWED = "names-not-allowed"
    NAMES_MALFORMED = "names-malformed"
    TOO_MANY_NAMES = "too-many-names"


class Finding(NamedTuple):
    """The outcome of one check, and the place in the policy that settled it.

    `values` are those at hand: the origin, the method, or the names that were not allowed (all
    names, where the check passed). `settled_by` is None when the standard settled it.
    """

    check: Check
    passed: bool
    reason: Reason
    values: tuple[str, ...] = ()
    settled_by: Span | None = None
