"""Traefik's rules, read: `Host(...) && PathPrefix(...)` as hosts and prefixes of paths.

A rule is taken apart into its alternatives. What is neither a host nor a path is asked besides, and
so is whatever is negated.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from corsproxy.gateways.conversion.read_routes import Edge

_TOKEN = re.compile(r"\s*(?:(\w+)|(`[^`]*`|\"(?:[^\"\\]|\\.)*\")|(&&|\|\||[!(),]))")
_MOST = 64
"""Alternatives: what has more is not taken apart."""


class Match(NamedTuple):
    """One alternative."""

    host: str | None = None
    path: str = "/"
    edge: Edge = Edge.SEGMENT
    asks: tuple[str, ...] = ()


def matches(rule: str) -> list[Match]:
    """The alternatives of a rule; what cannot be taken apart is one that asks for the rule."""
    try:
        found = _Parser(rule).alternatives()
    except (ValueError, RecursionError):
        return [Match(asks=(rule,))]
    return list(dict.fromkeys(found))


class _Parser:
    """Reads a rule from left to right; raises ValueError for what is none."""

    def __init__(self, rule: str) -> None:
        self._tokens = [*_tokens(rule), ""]
        self._at = 0

    def alternatives(self) -> list[Match]:
        found = self._any()
        if self._tokens[self._at]:
            raise ValueError(self._tokens[self._at])
        return found

    def _any(self) -> list[Match]:
        found = self._all()
        while self._took("||"):
            found += self._all()
        return found

    def _all(self) -> list[Match]:
        found = self._one()
        while self._took("&&"):
            found = [_both(one, other) for one, other in product(found, self._one())]
        if len(found) > _MOST:
            raise ValueError(found)
        return found

    def _one(self) -> list[Match]:
        start = self._at
        if self._took("!"):
            self._one()
            return [Match(asks=("".join(self._tokens[start : self._at]),))]
        if self._took("("):
            found = self._any()
            self._need(")")
            return found
        name = self._next()
        self._need("(")
        values = []
        while not self._took(")"):
            values.append(self._next()[1:-1])
            self._took(",")
        return [_matcher(name.lower(), value, values) for value in values]

    def _took(self, token: str) -> bool:
        taken = self._tokens[self._at] == token
        self._at += taken
        return taken

    def _need(self, token: str) -> None:
        if not self._took(token):
            raise ValueError(token)

    def _next(self) -> str:
        token = self._tokens[self._at]
        if not token:
            raise ValueError(token)
        self._at += 1
        return token


def _tokens(rule: str) -> Iterator[str]:
    at = 0
    while at < len(rule.rstrip()):
        found = _TOKEN.match(rule, at)
        if found is None:
            raise ValueError(rule[at:])
        yield found[0].strip()
        at = found.end()


def _matcher(name: str, value: str, values: list[str]) -> Match:
    if name == "host":
        return Match(host=value.lower().removesuffix("."))
    if name == "path":
        return Match(path=value, edge=Edge.WHOLE)
    if name == "pathprefix":
        return Match(path=value, edge=Edge.SEGMENT if value == "/" else Edge.TEXT)
    return Match(asks=(f"{name}({', '.join(values)})",))


def _both(one: Match, other: Match) -> Match:
    """What fits both; where both have a host, or a path, that of one is asked besides."""
    asks = [*one.asks, *other.asks]
    if one.host is not None and other.host is not None:
        asks.append(f"host({other.host})")
    at = one if one.path != "/" else other
    if one.path != "/" and other.path != "/":
        asks.append(f"path({other.path})")
    return Match(one.host or other.host, at.path, at.edge, tuple(dict.fromkeys(asks)))
