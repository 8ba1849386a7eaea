"""Policy: what one route allows. Frozen, and only buildable sound.

Reading a file is `config`'s affair; here stand the checks that no policy may fail, wherever it
came from. What every response repeats (joined lists, look-up tables) is made once, at first need.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import fields as f
from corsproxy.cors.finding import Check, Finding, Reason
from corsproxy.cors.origin import Origins
from corsproxy.cors.request import MAX_METHOD_BYTES
from corsproxy.cors.span import Span


class PolicyError(ValueError):
    """A setting that no sound policy has; `setting` names it, `fix` is what to put there."""

    def __init__(self, setting: str, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.setting = setting
        self.message = message
        self.fix = fix


class Mode(StrEnum):
    """What happens to the upstream's own CORS headers."""

    ENFORCE = "enforce"
    ADD = "add"
    STRIP = "strip"
    VALIDATE = "validate"
    PASSTHROUGH = "passthrough"


class RefusedPreflight(StrEnum):
    """How a refused preflight is answered: so that the console names the cause, or by 403."""

    TELLING = "telling"
    TERSE = "terse"


class RefusedRequest(StrEnum):
    """Whether a refused actual request reaches the upstream."""

    REJECT = "reject"
    FORWARD = "forward"


class OnViolation(StrEnum):
    """What `validate` does with an upstream's response that differs from the policy."""

    REPORT = "report"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Names:
    """A list of methods or header names; `any` is the wildcard, which may stand beside names."""

    listed: tuple[str, ...] = ()
    any: bool = False

    def __bool__(self) -> bool:
        return self.any or bool(self.listed)

    def __str__(self) -> str:
        return ", ".join((("*",) if self.any else ()) + self.listed)


@dataclass(frozen=True)
class Policy:
    """Which origins, methods and names may cross, and what happens to what may not.

    `max_age` is in seconds, None to say nothing, -1 (sent as 0) to switch the preflight cache off.
    `spans` says where each setting stands: "allow_origins", "allow_methods", ..., and its elements,
    "allow_methods.0", ... Raises PolicyError for `"*"` beside credentials, unless
    `dangerously_reflect_any_origin` asks for just that.
    """

    allow_origins: Origins = field(default_factory=Origins)
    allow_methods: Names = Names()
    allow_headers: Names = Names()
    expose_headers: Names = Names()
    allow_credentials: bool = False
    max_age: int | None = None
    allow_private_network: bool = False
    mode: Mode = Mode.ENFORCE
    on_violation: OnViolation = OnViolation.REPORT
    refused_preflight: RefusedPreflight = RefusedPreflight.TELLING
    refused_request: RefusedRequest = RefusedRequest.REJECT
    dangerously_reflect_any_origin: bool = False
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.max_age is not None and self.max_age < -1:
            raise PolicyError("max_age", "expected seconds, or -1 for no preflight cache", "-1")
        if self.allow_origins.any and self.allow_credentials:
            if not self.dangerously_reflect_any_origin:
                raise PolicyError(
                    "allow_credentials",
                    'a browser never accepts "*" as origin together with credentials',
                    "list the origins that may send credentials",
                )
        elif self.dangerously_reflect_any_origin:
            raise PolicyError(
                "dangerously_reflect_any_origin",
                'nothing to reflect: it belongs to allow_origins "*" with allow_credentials true',
                "false",
            )

    @cached_property
    def judges(self) -> bool:
        """Whether requests are checked at all."""
        return self.mode not in (Mode.STRIP, Mode.PASSTHROUGH)

    @cached_property
    def literal_wildcard(self) -> bool:
        """Whether `*` itself is sent: to everybody, asked or not, so that no response varies."""
        return self.allow_origins.any and not self.allow_credentials

    @cached_property
    def expose_every_name(self) -> bool:
        """Whether each response's own names must be spelled out.

        Browsers take `*` in Access-Control-Expose-Headers literally under credentials
        (Fetch, "main fetch", where the CORS-exposed header-name list is set).
        """
        return self.expose_headers.any and self.allow_credentials

    @cached_property
    def origin_findings(self) -> Mapping[str, Finding]:
        """The outcome for each origin that is listed as it is, without any wildcard."""
        return {
            origin: Finding(Check.ORIGIN, True, Reason.ORIGIN_LISTED, (origin,), pattern.span)
            for origin, pattern in self.allow_origins.exact.items()
        }

    @cached_property
    def method_findings(self) -> Mapping[str, Finding]:
        """The outcome for each method that is listed, or needs no listing."""
        listed = {
            method: Finding(Check.METHOD, True, Reason.METHOD_LISTED, (method,), place)
            for i, method in enumerate(self.allow_methods.listed)
            for place in [self.span("allow_methods", str(i))]
        }
        safelisted = {
            method: Finding(Check.METHOD, True, Reason.METHOD_SAFELISTED, (method,))
            for method in fetch.SAFELISTED_METHODS
        }
        return listed | safelisted

    @cached_property
    def names_allowed(self) -> frozenset[str]:
        """The request header names that are listed, in lower case."""
        return frozenset(name.lower() for name in self.allow_headers.listed)

    @cached_property
    def vary(self) -> tuple[str, ...]:
        """What every response but a preflight's depends on."""
        return () if self.literal_wildcard else (f.ORIGIN,)

    @cached_property
    def preflight_vary(self) -> tuple[str, ...]:
        """What the response to a preflight depends on."""
        asked = (f.REQUEST_PRIVATE_NETWORK,) if self.allow_private_network else ()
        return (f.ORIGIN, f.REQUEST_METHOD, f.REQUEST_HEADERS, *asked)

    @cached_property
    def unasked_fields(self) -> tuple[tuple[str, str], ...]:
        """The headers for a request without Origin: those that everybody gets, or none."""
        return self.fields_for("*") if self.literal_wildcard else ()

    @cached_property
    def constant_fields(self) -> tuple[tuple[str, str], ...]:
        """What follows Allow-Origin on every response that a granted origin gets."""
        constant = []
        if self.allow_credentials:
            constant.append((f.ALLOW_CREDENTIALS, "true"))
        if self.expose_headers and not self.expose_every_name:
            constant.append((f.EXPOSE_HEADERS, str(self.expose_headers)))
        return tuple(constant)

    def fields_for(self, origin: str) -> tuple[tuple[str, str], ...]:
        """List the headers of a response that pages of `origin`, a granted one, may read."""
        return (self.allow_origin(origin), *self.constant_fields)

    def allow_origin(self, origin: str) -> tuple[str, str]:
        """Make the header that grants `origin`."""
        return (f.ALLOW_ORIGIN, "*" if self.literal_wildcard else origin)

    def span(self, setting: str, element: str | None = None) -> Span | None:
        """Find where `setting` stands, or its element; None for what was left out."""
        found = self.spans.get(f"{setting}.{element}") if element is not None else None
        return found or self.spans.get(setting)


def check_method(text: str) -> str:
    """Return `text`, a method that a browser can ask for; raises PolicyError otherwise."""
    if not fetch.TOKEN.fullmatch(text):
        raise PolicyError("allow_methods", f"{text!r} is no method: expected a token")
    if len(text) > MAX_METHOD_BYTES:
        message = f"a method has at most {MAX_METHOD_BYTES} bytes here"
        raise PolicyError("allow_methods", message)
    if text.upper() in fetch.FORBIDDEN_METHODS:
        raise PolicyError("allow_methods", f"no browser lets a page use the method {text}")
    if text != text.upper() and text.upper() in fetch.NORMALISED_METHODS:
        message = f"a browser always sends {text.upper()} in capitals"
        raise PolicyError("allow_methods", message, text.upper())
    return text


def check_request_name(text: str) -> str:
    """Return `text`, a request header that a script can set; raises PolicyError otherwise."""
    name = text.lower()
    if not fetch.TOKEN.fullmatch(text):
        raise PolicyError("allow_headers", f"{text!r} is no header name: expected a token")
    if name in fetch.FORBIDDEN_REQUEST_NAMES or name.startswith(fetch.FORBIDDEN_REQUEST_PREFIXES):
        raise PolicyError("allow_headers", f"no script can set the request header {text}")
    if name in f.RESPONSE_NAMES:
        raise PolicyError("allow_headers", f"{text} is a response header; no request carries it")
    return text


def check_exposed_name(text: str) -> str:
    """Return `text`, a response header that a script can read; raises PolicyError otherwise."""
    name = text.lower()
    if not fetch.TOKEN.fullmatch(text):
        raise PolicyError("expose_headers", f"{text!r} is no header name: expected a token")
    if name in fetch.FORBIDDEN_RESPONSE_NAMES:
        raise PolicyError("expose_headers", f"no script can read {text}, exposed or not")
    if name in f.REQUEST_NAMES:
        raise PolicyError("expose_headers", f"{text} is a request header; no response carries it")
    return text
