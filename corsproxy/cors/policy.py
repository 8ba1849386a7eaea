"""Policy: what one route allows. Frozen, and only buildable sound.

Reading a file is `config`'s affair; here stand the checks that no policy may fail, wherever it
came from. What every answer repeats (joined lists, look-up tables) is made once, at building.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import fields as f
from corsproxy.cors.origin import Origins
from corsproxy.cors.span import Span


class PolicyError(ValueError):
    """A setting that no sound policy has; `setting` names it, `fix` is what to put there."""

    def __init__(self, setting: str, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.setting = setting
        self.message = message
        self.fix = fix


class Mode(StrEnum):
    """What happens to the upstream's own CORS fields."""

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
    """What `validate` does with an upstream's answer that differs from the policy."""

    REPORT = "report"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Names:
    """A list of methods or field names; `any` is the wildcard, which may stand beside names."""

    listed: tuple[str, ...] = ()
    any: bool = False

    def __bool__(self) -> bool:
        return self.any or bool(self.listed)

    def __str__(self) -> str:
        return ", ".join((("*",) if self.any else ()) + self.listed)


@dataclass(frozen=True, slots=True)
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

    literal_wildcard: bool = field(init=False, compare=False, repr=False)
    methods_allowed: Mapping[str, str] = field(init=False, compare=False, repr=False)
    names_allowed: Mapping[str, str] = field(init=False, compare=False, repr=False)
    response_fields: tuple[tuple[str, str], ...] = field(init=False, compare=False, repr=False)
    vary: tuple[str, ...] = field(init=False, compare=False, repr=False)
    preflight_vary: tuple[str, ...] = field(init=False, compare=False, repr=False)

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
        self._precompute()

    def _precompute(self) -> None:
        put = object.__setattr__
        literal = self.allow_origins.any and not self.allow_credentials
        put(self, "literal_wildcard", literal)
        # name or method -> the element of the setting that lists it ("0", "1", ...)
        listed = {name: str(i) for i, name in enumerate(self.allow_methods.listed)}
        put(self, "methods_allowed", listed)
        names = {name.lower(): str(i) for i, name in enumerate(self.allow_headers.listed)}
        put(self, "names_allowed", names)
        put(self, "response_fields", tuple(self._constant_fields()))
        put(self, "vary", () if literal else (f.ORIGIN,))
        asked = (f.REQUEST_PRIVATE_NETWORK,) if self.allow_private_network else ()
        put(self, "preflight_vary", (f.ORIGIN, f.REQUEST_METHOD, f.REQUEST_HEADERS, *asked))

    def _constant_fields(self) -> list[tuple[str, str]]:
        """What follows Allow-Origin on every response to a granted origin."""
        constant = []
        if self.allow_credentials:
            constant.append((f.ALLOW_CREDENTIALS, "true"))
        if self.expose_headers and not self.expose_every_name:
            constant.append((f.EXPOSE_HEADERS, str(self.expose_headers)))
        return constant

    @property
    def expose_every_name(self) -> bool:
        """Whether each response's own names must be spelled out.

        Browsers take `*` in Access-Control-Expose-Headers literally under credentials
        (Fetch, "CORS-exposed header-name list" in main fetch, step 14.2).
        """
        return self.expose_headers.any and self.allow_credentials

    def span(self, setting: str, element: str | None = None) -> Span | None:
        """Where `setting` stands, or its element; None for what was left out."""
        found = self.spans.get(f"{setting}.{element}") if element is not None else None
        return found or self.spans.get(setting)


def check_method(text: str) -> str:
    """`text`, if a browser can ever ask for that method; raises PolicyError otherwise."""
    if not fetch.TOKEN.fullmatch(text):
        raise PolicyError("allow_methods", f"{text!r} is no method: expected a token")
    if text.upper() in fetch.FORBIDDEN_METHODS:
        raise PolicyError("allow_methods", f"no browser lets a page use the method {text}")
    if text != text.upper() and text.upper() in fetch.NORMALISED_METHODS:
        message = f"a browser always sends {text.upper()} in capitals"
        raise PolicyError("allow_methods", message, text.upper())
    return text


def check_request_name(text: str) -> str:
    """`text`, if a script can ever set a request field of that name; raises PolicyError otherwise."""
    name = text.lower()
    if not fetch.TOKEN.fullmatch(text):
        raise PolicyError("allow_headers", f"{text!r} is no field name: expected a token")
    if name in fetch.FORBIDDEN_REQUEST_NAMES or name.startswith(fetch.FORBIDDEN_REQUEST_PREFIXES):
        raise PolicyError("allow_headers", f"no script can set the request field {text}")
    if name in f.RESPONSE_NAMES:
        raise PolicyError("allow_headers", f"{text} is a response field; no request carries it")
    return text


def check_exposed_name(text: str) -> str:
    """`text`, if a script can ever read a response field of that name; raises PolicyError otherwise."""
    if not fetch.TOKEN.fullmatch(text):
        raise PolicyError("expose_headers", f"{text!r} is no field name: expected a token")
    if text.lower() in fetch.FORBIDDEN_RESPONSE_NAMES:
        raise PolicyError("expose_headers", f"no script can read {text}, exposed or not")
    return text
