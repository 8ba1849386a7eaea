"""Origins, and the patterns by which a policy names sets of them.

A browser spells an origin in one way only (`spelling`), so origins are compared as they come,
never repaired: what differs in one byte is another origin.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from corsproxy.cors.joined_regex import Alternation
from corsproxy.cors.nearest_candidates import Neighbours
from corsproxy.cors.origin_spelling import (
    DEFAULT_PORTS,
    MAX_PORT,
    OPAQUE,
    ORIGIN_SHAPE,
    PatternError,
    Spelled,
    read_pattern,
)
from corsproxy.cors.span import Span

__all__ = [
    "DEFAULT_PORTS",
    "MAX_ORIGIN_LENGTH",
    "MAX_PORT",
    "OPAQUE",
    "OriginPattern",
    "Origins",
    "PatternError",
    "RegexPattern",
]

MAX_ORIGIN_LENGTH = 512
"""Characters. A host has 253 at most; what is longer comes from no browser."""


_OPAQUE = Spelled(OPAQUE, "")


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """One origin, widened at will to every subdomain of its host or to every port.

    `subdomains` means one label or more below `host`, never `host` itself; a `port` of `*` means
    any port, the default one included. The opaque origin is the pattern whose scheme is "null".
    Raises PatternError unless a browser would spell the origin, or the origins, like this
    (https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin).

    >>> str(OriginPattern("https", "example.com", subdomains=True))
    'https://*.example.com'
    """

    scheme: str
    host: str = ""
    port: str = ""
    subdomains: bool = False
    span: Span | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        parts = self.parts
        if parts == _OPAQUE:
            return
        if self.scheme == OPAQUE:
            raise PatternError(
                'the opaque origin has neither host nor port: it is "null"', '"null"'
            )
        if read_pattern(str(parts)) != parts:
            raise PatternError(f"{parts} is not made of these parts: {tuple(parts)}")

    @classmethod
    def parse(cls, text: str, span: Span | None = None) -> Self:
        """Read `text` as a pattern; raises PatternError, with the spelling that would work.

        >>> OriginPattern.parse("https://*.example.com").matches("https://app.example.com")
        True
        """
        return cls(*(_OPAQUE if text == OPAQUE else read_pattern(text)), span)

    @property
    def parts(self) -> Spelled:
        """Scheme, host, port and whether subdomains are meant, without the span."""
        return Spelled(self.scheme, self.host, self.port, self.subdomains)

    @property
    def exact(self) -> bool:
        """Whether this names a single origin."""
        return not self.subdomains and self.port != "*"

    def matches(self, origin: str) -> bool:
        """Whether a browser could send `origin`, and this pattern names it."""
        return Origins((self,)).match(origin) is not None

    def __str__(self) -> str:
        return OPAQUE if self.scheme == OPAQUE else str(self.parts)


@dataclass(frozen=True, slots=True)
class RegexPattern:
    r"""Every origin that an RE2 expression matches as a whole: never a part of it.

    What has not the shape of an origin is never matched, so that `https://.*[.]a[.]test` lets
    neither `https://evil.test/.a.test` nor `https://evil.test!.a.test` in. The opaque origin has
    not that shape either: it is named by "null" alone, never by a careless `.*`.

    Raises PatternError for what RE2 does not read. RE2 matches in linear time, so no origin can
    make it slow.

    >>> RegexPattern(r"https://pr-[0-9]+\.example\.com").matches("https://pr-7.example.com")
    True
    """

    text: str
    span: Span | None = field(default=None, compare=False)
    compiled: Any = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", self._compile())

    def _compile(self) -> Any:
        try:
            import re2  # only here: most policies have no regex, and it takes 2 MiB
        except ImportError:  # no wheel for this platform
            why = "a regex needs the package google-re2, which is not installed"
            raise PatternError(why) from None
        options = re2.Options()
        options.log_errors = False
        try:
            return re2.compile(self.text, options)
        except re2.error as error:
            reason = error.args[0] if error.args else "not read"
            why = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
            raise PatternError(f"RE2 does not read this expression: {why}") from None

    def matches(self, origin: str) -> bool:
        """Whether a browser could send `origin`, and the expression matches the whole of it."""
        return _parts(origin) is not None and self.compiled.fullmatch(origin) is not None

    def __str__(self) -> str:
        return f"regex {self.text}"


class Origins:
    """The origins that a policy allows: none, those that patterns name, or any.

    `match` looks at one table after the other, so its time does not grow with the number of
    patterns; regexes are asked by the hundred. `neighbours` are for those that match nothing.

    Raises PatternError for patterns beside `any_origin`, TypeError for what is not a pattern.

    >>> Origins([OriginPattern.parse("http://localhost:*")]).match("http://localhost:5173")
    OriginPattern(scheme='http', host='localhost', port='*', subdomains=False, span=None)
    """

    __slots__ = ("_alternation", "_by_host", "_regexes", "any", "exact", "neighbours", "patterns")

    def __init__(
        self, patterns: Iterable[OriginPattern | RegexPattern] = (), *, any_origin: bool = False
    ) -> None:
        self.any = any_origin
        self.patterns = tuple(patterns)
        if self.any and self.patterns:
            raise PatternError("any origin is allowed already: no pattern can stand beside it")
        self.exact: dict[str, OriginPattern] = {}
        self._by_host: dict[tuple[str, str, str, bool], OriginPattern] = {}
        self._regexes: list[RegexPattern] = []
        for pattern in self.patterns:
            if isinstance(pattern, RegexPattern):
                self._regexes.append(pattern)
            elif not isinstance(pattern, OriginPattern):
                raise TypeError(f"expected an OriginPattern or a RegexPattern, not {pattern!r}")
            elif pattern.exact:
                self.exact.setdefault(str(pattern), pattern)
            else:
                key = (pattern.scheme, pattern.host, pattern.port, pattern.subdomains)
                self._by_host.setdefault(key, pattern)
        self._alternation = Alternation([regex.compiled for regex in self._regexes])
        named = (one for one in self.patterns if isinstance(one, OriginPattern) and one.host)
        self.neighbours = Neighbours(tuple(named))

    def __bool__(self) -> bool:
        return self.any or bool(self.patterns)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Origins):
            return NotImplemented
        return self.any == other.any and self.patterns == other.patterns

    def __hash__(self) -> int:
        return hash((self.any, self.patterns))

    def __repr__(self) -> str:
        return f"Origins({'*' if self.any else ', '.join(map(str, self.patterns))})"

    def match(self, origin: str) -> OriginPattern | RegexPattern | None:
        """Find the pattern that names `origin`; None where none does. `any` is not looked at."""
        found = self.exact.get(origin)
        if found is not None:
            return found
        if not self._by_host and not self._regexes:
            return None
        if (parts := _parts(origin)) is None:
            return None
        if self._by_host and (by_host := self._match_host(*parts)) is not None:
            return by_host
        place = self._alternation.first(origin)
        return None if place is None else self._regexes[place]

    def _match_host(self, scheme: str, host: str, port: str) -> OriginPattern | None:
        if (found := self._by_host.get((scheme, host, "*", False))) is not None:
            return found
        while "." in host:
            host = host.partition(".")[2]
            for wanted in (port, "*"):
                if (found := self._by_host.get((scheme, host, wanted, True))) is not None:
                    return found
        return None


def _parts(origin: str) -> tuple[str, str, str] | None:
    """Scheme, host and port of `origin`; None where a browser would not spell it like this."""
    shape = ORIGIN_SHAPE.fullmatch(origin) if len(origin) <= MAX_ORIGIN_LENGTH else None
    if shape is None:
        return None
    scheme, host, port = shape["scheme"], shape["host"], shape["port"] or ""
    if port and (port == DEFAULT_PORTS.get(scheme) or int(port) > MAX_PORT):
        return None
    return scheme, host, port
