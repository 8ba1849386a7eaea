"""Policy: what one route allows. Frozen, and only buildable sound.

Reading a file is the task of `config`; here are the checks that no policy may fail, wherever it
comes from. They stand in the constructor and not beside `decide`: a policy is made once and asked a
million times, and what cannot exist need not be checked for. What every response repeats (joined
lists, look-up tables) is made once, at first need, which only a frozen policy can afford: a reload
makes a new one, and requests under way end by the old.

`*` is a flag of its own (`Origins.any`, `Names.any`) and never an empty list, as elsewhere: the
error that loses the entries of a list then closes everything instead of opening it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple, Self, TypeVar

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import headers as f
from corsproxy.cors.emulated import Emulated, Emulation
from corsproxy.cors.finding import Check, Finding, Reason
from corsproxy.cors.names import NO_NAMES, WILDCARD, EntryError, Names
from corsproxy.cors.origin import OriginPattern, Origins, PatternError, RegexPattern
from corsproxy.cors.span import Span

__all__ = [
    "Mode",
    "Names",
    "OnViolation",
    "Policy",
    "PolicyError",
    "RefusedPreflight",
    "RefusedRequest",
    "SettingError",
]

T = TypeVar("T")


MAX_MAX_AGE = 2**31 - 1
"""Seconds: what a reader of delta-seconds has to be able to hold (RFC 9111, 1.2.2)."""


class SettingError(NamedTuple):
    """One thing wrong with a policy.

    `setting` is its name in a policy file, `entry` the index of a wrong entry of a list (None for
    the setting as a whole), `fix` what to write instead, where that is known.
    """

    setting: str
    entry: int | None
    message: str
    fix: str | None

    def __str__(self) -> str:
        place = "" if self.entry is None else f"[{self.entry}]"
        return f"{self.setting}{place}: {self.message}"


class PolicyError(ValueError):
    """Settings that no sound policy has. `errors` has all that is wrong, as `SettingError`s.

    >>> try:
    ...     Policy.from_lists(origins=["*"], credentials=True, max_age=-5)
    ... except PolicyError as error:
    ...     print([wrong.setting for wrong in error.errors])
    ['max_age', 'allow_credentials']
    """

    def __init__(self, errors: Iterable[SettingError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(map(str, self.errors)))


class Mode(StrEnum):
    """What happens to the upstream's own CORS headers.

    ENFORCE replaces them, ADD completes them, STRIP removes them; VALIDATE passes them and compares
    them with the policy; PASSTHROUGH passes them.

    >>> Mode("strip") is Mode.STRIP
    True
    """

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


@dataclass(frozen=True)
class Policy:
    """Which origins, methods and names may cross, and what happens to what may not.

    Every constructor checks everything, so that a response made from a policy holds neither a line
    break nor a name that is not a token. Raises PolicyError with all that is wrong: an entry of a
    list, a value of another type, `*` as origin beside credentials unless
    `dangerously_reflect_any_origin` asks for just that.

    `emulate` is a gateway that decides in the place of the standard's rule.
    `max_age` is in seconds, None to send none, -1 (sent as 0) to switch the preflight cache off.
    `spans` says where each setting stands: "allow_origins", "allow_methods", ..., and its elements,
    "allow_methods.0", ...

    >>> origins = Origins([OriginPattern.parse("https://app.example")])
    >>> Policy(origins, Names(("PUT",)), max_age=600).headers_for("https://app.example")
    (('Access-Control-Allow-Origin', 'https://app.example'),)
    """

    allow_origins: Origins = field(default_factory=Origins)
    allow_methods: Names = NO_NAMES
    allow_headers: Names = NO_NAMES
    expose_headers: Names = NO_NAMES
    allow_credentials: bool = False
    max_age: int | None = None
    allow_private_network: bool = False
    mode: Mode = Mode.ENFORCE
    on_violation: OnViolation = OnViolation.REPORT
    refused_preflight: RefusedPreflight = RefusedPreflight.TELLING
    refused_request: RefusedRequest = RefusedRequest.REJECT
    dangerously_reflect_any_origin: bool = False
    emulate: Emulation | None = None
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        errors = list(self._wrong_types()) or [*self._wrong_names(), *self._wrong_together()]
        if errors:
            raise PolicyError(errors)

    @classmethod
    def from_lists(
        cls,
        *,
        origins: Iterable[str | OriginPattern | RegexPattern] = (),
        methods: Iterable[str] = (),
        headers: Iterable[str] = (),
        expose_headers: Iterable[str] = (),
        credentials: bool = False,
        max_age: int | None = None,
        private_network: bool = False,
        mode: Mode = Mode.ENFORCE,
        dangerously_reflect_any_origin: bool = False,
    ) -> Self:
        """Build a policy from lists of text, spelled as in a policy file.

        `"*"` is the wildcard in each list. Raises PolicyError with every wrong entry of every list,
        by the setting's name in a policy file and the entry's index.

        >>> policy = Policy.from_lists(origins=["https://app.example"], methods=["PUT", "DELETE"])
        >>> str(policy.allow_methods)
        'PUT, DELETE'
        >>> Policy.from_lists(origins=["app.example"], methods=["put"])
        Traceback (most recent call last):
            ...
        corsproxy.cors.policy.PolicyError: allow_origins[0]: expected scheme://host or \
scheme://host:port; allow_methods[0]: a browser always sends PUT in capitals
        """
        errors: list[SettingError] = []
        allowed = _origins(origins, errors)
        method_names = _names("allow_methods", methods, errors)
        request_names = _names("allow_headers", headers, errors)
        exposed_names = _names("expose_headers", expose_headers, errors)
        try:
            policy = cls(
                allowed,
                method_names,
                request_names,
                exposed_names,
                allow_credentials=credentials,
                max_age=max_age,
                allow_private_network=private_network,
                mode=mode,
                dangerously_reflect_any_origin=dangerously_reflect_any_origin,
            )
        except PolicyError as error:
            raise PolicyError([*errors, *error.errors]) from None
        if errors:
            raise PolicyError(errors)
        return policy

    def _wrong_types(self) -> Iterator[SettingError]:
        for setting, expected in _TYPES.items():
            value = getattr(self, setting)
            if not isinstance(value, expected):
                message = f"expected {expected.__name__}, not {value!r}"
                yield SettingError(setting, None, message, None)
        if isinstance(self.max_age, bool) or not isinstance(self.max_age, int | None):
            message = f"expected a whole number of seconds or None, not {self.max_age!r}"
            yield SettingError("max_age", None, message, None)

    def _wrong_names(self) -> Iterator[SettingError]:
        for setting, errors in _ENTRY_ERRORS.items():
            yield from (SettingError(setting, *error) for error in errors(getattr(self, setting)))

    def _wrong_together(self) -> Iterator[SettingError]:
        if self.max_age is not None and not -1 <= self.max_age <= MAX_MAX_AGE:
            message = f"expected seconds, {MAX_MAX_AGE} at most, or -1 for no preflight cache"
            yield SettingError("max_age", None, message, "-1")
        if self.allow_origins.any and self.allow_credentials:
            if not self.dangerously_reflect_any_origin:
                yield SettingError(
                    "allow_credentials",
                    None,
                    'a browser never accepts "*" as origin together with credentials',
                    "list the origins that may send credentials",
                )
        elif self.dangerously_reflect_any_origin:
            yield SettingError(
                "dangerously_reflect_any_origin",
                None,
                'nothing to reflect without allow_origins "*" and allow_credentials true',
                "false",
            )

    @cached_property
    def emulated(self) -> Emulated | None:
        """The gateway that decides, with this policy; None where the standard's rule does."""
        return self.emulate.with_policy(self) if self.emulate is not None else None

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
        https://fetch.spec.whatwg.org/#concept-main-fetch
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
    def headers_without_origin(self) -> tuple[tuple[str, str], ...]:
        """The headers for a request without Origin: those that everybody gets, or none."""
        return self.headers_for("*") if self.literal_wildcard else ()

    @cached_property
    def constant_headers(self) -> tuple[tuple[str, str], ...]:
        """What follows Allow-Origin on every response that a granted origin gets."""
        constant = []
        if self.allow_credentials:
            constant.append((f.ALLOW_CREDENTIALS, "true"))
        if self.expose_headers and not self.expose_every_name:
            constant.append((f.EXPOSE_HEADERS, str(self.expose_headers)))
        return tuple(constant)

    def headers_for(self, origin: str) -> tuple[tuple[str, str], ...]:
        """List the headers of a response that pages of `origin`, a granted one, may read."""
        return (self.allow_origin(origin), *self.constant_headers)

    def allow_origin(self, origin: str) -> tuple[str, str]:
        """Make the header that grants `origin`."""
        return (f.ALLOW_ORIGIN, "*" if self.literal_wildcard else origin)

    def span(self, setting: str, element: str | None = None) -> Span | None:
        """Find where `setting` stands, or its element; None for what was left out."""
        found = self.spans.get(f"{setting}.{element}") if element is not None else None
        return found or self.spans.get(setting)


_TYPES: Mapping[str, type] = {
    "allow_origins": Origins,
    "allow_methods": Names,
    "allow_headers": Names,
    "expose_headers": Names,
    "allow_credentials": bool,
    "allow_private_network": bool,
    "mode": Mode,
    "on_violation": OnViolation,
    "refused_preflight": RefusedPreflight,
    "refused_request": RefusedRequest,
    "dangerously_reflect_any_origin": bool,
}
"""The settings whose type alone says which values they take; `"false"` would pass for true."""

_ENTRY_ERRORS: Mapping[str, Callable[[Names], tuple[EntryError, ...]]] = {
    "allow_methods": attrgetter("method_errors"),
    "allow_headers": attrgetter("request_name_errors"),
    "expose_headers": attrgetter("exposed_name_errors"),
}
"""The lists of names, and where each finds its wrong entries."""


def _origins(
    entries: Iterable[str | OriginPattern | RegexPattern], errors: list[SettingError]
) -> Origins:
    patterns: list[OriginPattern | RegexPattern] = []
    listed = _entries("allow_origins", entries, errors)
    for index, entry in enumerate(listed):
        try:
            if listed != (WILDCARD,):
                patterns.append(_pattern(entry))
        except PatternError as error:
            errors.append(SettingError("allow_origins", index, error.message, error.fix))
    return Origins(patterns, any_origin=listed == (WILDCARD,))


def _pattern(entry: object) -> OriginPattern | RegexPattern:
    if isinstance(entry, str):
        return OriginPattern.parse(entry)
    if isinstance(entry, OriginPattern | RegexPattern):
        return entry
    raise PatternError(f"expected an origin as text or as a pattern, not {entry!r}")


def _names(setting: str, entries: Iterable[str], errors: list[SettingError]) -> Names:
    """The list without its wildcards; its entries are checked here, where their index is known."""
    listed = _entries(setting, entries, errors)
    found = Names(listed)
    wrong = {error.entry: error for error in _ENTRY_ERRORS[setting](found)}
    named = []
    for index, entry in enumerate(listed):
        if entry != WILDCARD and index in wrong:
            errors.append(SettingError(setting, *wrong[index]))
        elif entry != WILDCARD:
            named.append(entry)
    return Names(tuple(named), any=WILDCARD in listed)


def _entries(setting: str, entries: Iterable[T], errors: list[SettingError]) -> tuple[T, ...]:
    if isinstance(entries, str):
        message = f"expected a list, not the text {entries!r}"
        errors.append(SettingError(setting, None, message, f"[{entries!r}]"))
        return ()
    return tuple(entries)
