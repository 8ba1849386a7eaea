"""Origins, and the patterns by which a policy names sets of them.

A browser spells an origin in one way only: lower case, default port left out, no path.
So origins are compared as they come, never repaired. A pattern spelled otherwise could
match nothing; `parse` refuses it and says how to spell it.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from corsproxy.cors.span import Span

try:
    import re2
except ImportError:  # no wheel for this platform: a policy with a regex is refused there
    re2 = None

LONGEST_ORIGIN = 512
"""Characters. A host has 253 at most; what is longer comes from no browser."""

OPAQUE = "null"
"""The origin of sandboxed frames, local files and some redirects, as it is sent."""

DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
"""URL standard, "special scheme": the port that is left out when an origin is spelled."""

_LABEL = r"[a-z0-9_-]+"
_ORIGIN = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    rf"(?P<host>{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>0|[1-9][0-9]{0,4}))?"
)
_PATTERN = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    rf"(?:(?P<subdomains>\*\.)(?!\[))?(?P<host>{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>0|[1-9][0-9]{0,4}|\*))?"
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class PatternError(ValueError):
    """A text that names no set of origins; `fix` is a spelling that would, where one is near."""

    def __init__(self, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """One origin, widened at will to every subdomain of its host or to every port.

    `subdomains` means one label or more below `host`, never `host` itself; a `port` of `*` means
    any port, the default one included. The opaque origin is the pattern whose scheme is "null".
    """

    scheme: str
    host: str = ""
    port: str = ""
    subdomains: bool = False
    span: Span | None = field(default=None, compare=False)

    @classmethod
    def parse(cls, text: str, span: Span | None = None) -> Self:
        """The pattern that `text` spells; raises PatternError, with the spelling that would work."""
        if text == OPAQUE:
            return cls(OPAQUE, span=span)
        shape = _PATTERN.fullmatch(text)
        if shape is None:
            raise _mistake(text)
        pattern = cls(
            shape["scheme"], shape["host"], shape["port"] or "", bool(shape["subdomains"]), span
        )
        pattern._check()
        return pattern

    def _check(self) -> None:
        if self.scheme == "file":
            raise PatternError('a page opened from a file has the origin "null"', fix=f'"{OPAQUE}"')
        special = self.scheme in DEFAULT_PORTS
        if special and (host := _spelled_host(self.host)) != self.host:
            fix = str(OriginPattern(self.scheme, host, self.port, self.subdomains))
            raise PatternError(f"a browser spells the host {self.host!r} as {host!r}", fix)
        if self.port and self.port == DEFAULT_PORTS.get(self.scheme):
            fix = str(OriginPattern(self.scheme, self.host, "", self.subdomains))
            raise PatternError(f"a browser leaves out {self.scheme}'s default port", fix)
        if self.port.isdigit() and int(self.port) > 65535:
            raise PatternError(f"there is no port {self.port}; the highest is 65535")

    @property
    def exact(self) -> bool:
        """Whether this names a single origin."""
        return not self.subdomains and self.port != "*"

    def matches(self, origin: str) -> bool:
        """Whether a browser could send `origin`, and this pattern names it."""
        return Origins((self,)).match(origin) is not None

    def __str__(self) -> str:
        if self.scheme == OPAQUE:
            return OPAQUE
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{'*.' if self.subdomains else ''}{self.host}{port}"


@dataclass(frozen=True, slots=True)
class RegexPattern:
    """Every origin that an RE2 expression matches as a whole: never a part of it."""

    text: str
    span: Span | None = field(default=None, compare=False)
    _compiled: Any = field(default=None, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str, span: Span | None = None) -> Self:
        """The pattern for `text`; raises PatternError for what RE2 does not read.

        RE2 matches in linear time, so no origin can make it slow.
        """
        if re2 is None:
            raise PatternError("a regex needs the package google-re2, which is not installed")
        options = re2.Options()
        options.log_errors = False
        try:
            compiled = re2.compile(text, options)
        except re2.error as error:
            reason = error.args[0] if error.args else "not read"
            why = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
            raise PatternError(f"RE2 does not read this expression: {why}") from None
        return cls(text, span, compiled)

    def matches(self, origin: str) -> bool:
        """Whether the expression matches the whole of `origin`."""
        return len(origin) <= LONGEST_ORIGIN and self._compiled.fullmatch(origin) is not None

    def __str__(self) -> str:
        return f"regex {self.text}"


class Origins:
    """The origins that a policy allows: none, those that patterns name, or any.

    `match` looks at one table after the other, so its time does not grow with the number of
    patterns, regexes excepted.
    """

    __slots__ = ("_by_host", "_exact", "_regexes", "any", "patterns")

    def __init__(
        self, patterns: Iterable[OriginPattern | RegexPattern] = (), *, any_origin: bool = False
    ) -> None:
        self.any = any_origin
        self.patterns = tuple(patterns)
        self._exact: dict[str, OriginPattern] = {}
        self._by_host: dict[tuple[str, str, str, bool], OriginPattern] = {}
        self._regexes: list[RegexPattern] = []
        for pattern in self.patterns:
            if isinstance(pattern, RegexPattern):
                self._regexes.append(pattern)
            elif pattern.exact:
                self._exact.setdefault(str(pattern), pattern)
            else:
                key = (pattern.scheme, pattern.host, pattern.port, pattern.subdomains)
                self._by_host.setdefault(key, pattern)

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
        """The pattern that names `origin`, None where none does. `any` is not looked at."""
        found = self._exact.get(origin)
        if found is not None:
            return found
        if self._by_host and (by_host := self._match_host(origin)) is not None:
            return by_host
        for regex in self._regexes:
            if regex.matches(origin):
                return regex
        return None

    def _match_host(self, origin: str) -> OriginPattern | None:
        shape = _ORIGIN.fullmatch(origin) if len(origin) <= LONGEST_ORIGIN else None
        if shape is None:
            return None
        scheme, host, port = shape["scheme"], shape["host"], shape["port"] or ""
        if port and (port == DEFAULT_PORTS.get(scheme) or int(port) > 65535):
            return None
        if (found := self._by_host.get((scheme, host, "*", False))) is not None:
            return found
        while "." in host and host[0] != "[":
            host = host.partition(".")[2]
            for wanted in (port, "*"):
                if (found := self._by_host.get((scheme, host, wanted, True))) is not None:
                    return found
        return None


def _mistake(text: str) -> PatternError:
    """Why `text` is no pattern, and the nearest text that is one."""
    if "://" not in text:
        fix = f"https://{text}" if _PATTERN.fullmatch(f"https://{text}") else None
        return PatternError("expected scheme://host or scheme://host:port", fix)
    if text.count("*") and not _PATTERN.fullmatch(text.replace("*.", "", 1).replace(":*", "", 1)):
        return PatternError("`*` stands for whole subdomains (`://*.`) or for the port (`:*`) only")
    repaired = _repaired(text)
    if not _PATTERN.fullmatch(repaired):
        return PatternError("expected scheme://host or scheme://host:port")
    try:
        fix: str | None = str(OriginPattern.parse(repaired))
    except PatternError as error:
        fix = error.fix
    return PatternError("no browser spells an origin like this", fix)


def _repaired(text: str) -> str:
    """`text` without what an origin never has: capitals, path, userinfo, Unicode; "" where lost."""
    wild = text.strip().replace("://*.", "://wildcard--.", 1)
    try:
        parts = urlsplit(wild)
        host = parts.hostname or ""
    except ValueError:
        return ""
    port = parts.netloc.rpartition("@")[2].rpartition("]")[2].partition(":")[2].lstrip("0")
    host = f"[{host}]" if ":" in host else _punycode(host)
    repaired = f"{parts.scheme}://{host}{':' + port if port else ''}"
    return repaired.replace("://wildcard--.", "://*.", 1)


def _punycode(host: str) -> str:
    """`host` as a browser sends it; "" where it cannot be one."""
    if host.isascii():
        return host
    import idna  # large tables, needed for a mistake's fix only

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def _spelled_host(host: str) -> str:
    """`host` as the URL standard's host parser spells it; raises PatternError if it fails there."""
    if host.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            raise PatternError(f"{host} is no IPv6 address") from None
    last = host.rstrip(".").rpartition(".")[2]
    if not _NUMBER.fullmatch(last):
        return host
    try:
        return str(ipaddress.IPv4Address(host.rstrip(".")))
    except ValueError:
        raise PatternError(
            f"a host whose last label is a number is an IPv4 address, and {host} is none"
        ) from None
