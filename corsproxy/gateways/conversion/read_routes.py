"""Rules read: what a gateway makes of Host and path, as the routes of a policy file.

Where a file says the same of everything that it serves, that is the policy of all paths: nobody can
tell whether it is granted where the gateway has nothing. Otherwise there is a route for whatever
the longest path makes of it, here as there. What a rule asks beside host and path, no route can.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from typing import NamedTuple

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.policy_text import PolicyRoute
from corsproxy.cors.policy import Mode, Policy
from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.gateway import Loss, Read

PASSED = Policy(mode=Mode.PASSTHROUGH)
"""What a gateway does without CORS settings: the upstream's own headers reach the page."""

HIGHEST_PRIORITY = 2**63 - 1
"""The highest that gateways read; Traefik and APISIX keep it as a signed number of 64 bits."""

_HOST = re.compile(r"(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_PATH = re.compile(r"/(?:[!$&'()+,;=:@/A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})*")
_DOTS = re.compile(r"/\.\.?(?:/|$)")


class Edge(Enum):
    """Where a path ends in a rule: at a segment as here, wherever its text does, or at its end."""

    SEGMENT = auto()
    TEXT = auto()
    WHOLE = auto()


class Rule(NamedTuple):
    """What becomes of the requests for a host, None for every one, and for a path.

    `asks` is what it asks of them besides: such a rule is left out where it makes a difference.
    `losses` count where there are routes.
    """

    place: Span
    policy: Policy
    host: str | None = None
    path: str = "/"
    edge: Edge = Edge.SEGMENT
    upstream: UpstreamAddress | None = None
    strip_path: bool = False
    asks: str = ""
    losses: tuple[Loss, ...] = ()

    @property
    def prefix(self) -> str:
        """The path without a slash at its end."""
        return self.path.rstrip("/")

    @property
    def effect(self) -> object:
        """Equal where it makes no difference which of two rules a request takes."""
        return self.policy, self.upstream, self.prefix if self.strip_path else ""

    def takes(self, prefix: str) -> bool:
        """Whether its path takes all below `prefix`, or that alone."""
        return prefix == self.prefix or (
            self.edge is not Edge.WHOLE and self.prefix in _above(prefix)
        )

    @property
    def problem(self) -> str:
        """Why no route is like it; "" where one is."""
        if self.asks:
            return f"{self.asks}: asked of a request, which no route can"
        if self.host is not None and not _HOST.fullmatch(self.host):
            return f"{self.host!r} is no single host, which a route is for"
        if not _PATH.fullmatch(self.path) or _DOTS.search(self.path):
            return f"{self.path!r} is no prefix of paths, which a route is for"
        return ""


def assembled(
    rules: Iterable[Rule],
    losses: Iterable[Loss],
    *,
    rest: Policy | None = None,
    apart: bool = False,
) -> Read:
    """The policy file of `rules`, the first that fits deciding.

    `rest` holds for what none of them takes, None where the gateway serves nothing there. `apart`
    is of one that looks among the rules of a host alone where there are such.
    """
    found = list(rules)
    once = tuple(dict.fromkeys(losses))
    if not found:
        return Read(Policy() if rest is None else rest, once)
    effects = {rule.effect for rule in found}
    served = rest is None or any(_takes_all(rule) for rule in found)
    if served and len(effects) < 2 and not any(rule.strip_path for rule in found):
        return Read(found[0].policy, once, (), found[0].upstream)
    return _Table(found, [*once], rest, apart=apart).read()


def _takes_all(rule: Rule) -> bool:
    return rule.host is None and not rule.prefix and not rule.problem


def _above(prefix: str) -> Iterator[str]:
    """The prefixes of a prefix: itself first, "" last."""
    yield prefix
    while prefix:
        prefix = prefix.rpartition("/")[0]
        yield prefix


_Place = tuple[str | None, str]
"""A host and a prefix."""


class _Table:
    """Rules on their way to routes."""

    def __init__(
        self, rules: list[Rule], losses: list[Loss], rest: Policy | None, *, apart: bool
    ) -> None:
        self._losses = losses
        self._rest = Policy() if rest is None else rest
        self._served = rest is not None
        self._rules = self._without_the_only_host(rules)
        self._apart = apart
        self._at: defaultdict[str, list[Rule]] = defaultdict(list)
        for rule in self._rules:
            self._at[rule.prefix].append(rule)

    def read(self) -> Read:
        kept = [rule for rule in self._rules if self._can_be_said(rule)]
        hosts = dict.fromkeys((None, *(rule.host for rule in kept)))
        tables = {host: self._of_host(kept, host) for host in hosts}
        everywhere = tables.pop(None)
        top = everywhere.pop("", None)
        chosen: dict[_Place, Rule] = {}
        self._add(everywhere, chosen, top)
        for host, table in tables.items():
            paths = {**table, **dict.fromkeys(("", *everywhere))}
            own = {path: self._of(host, path, table) for path in paths}
            self._add({path: one for path, one in own.items() if one is not None}, chosen, top)
        return self._written([*chosen.values()], top)

    def _of(self, host: str | None, path: str, table: dict[str, Rule]) -> Rule | None:
        """What a host makes of a path: of its own, or of one that is known for all hosts."""
        found = (table[one] for one in _above(path) if one in table and table[one].takes(path))
        rule = next(found, None)
        if rule is None:
            return Rule(self._rules[0].place, self._rest, host, path or "/")
        if rule.strip_path and path != rule.prefix:
            effect = f"below {path} the upstream gets the path as it came"
            fix = f"a rule for {host}{path} that takes no prefix away"
            self._losses.append(Loss("strip_path", rule.place, effect, fix))
            rule = rule._replace(strip_path=False)
        return rule._replace(host=host, path=path or "/")

    def _without_the_only_host(self, rules: list[Rule]) -> list[Rule]:
        """Where all are for one host, it need not be named: here it has another name."""
        hosts = {rule.host for rule in rules}
        alone = len(hosts) == 1 and not self._served
        return [rule._replace(host=None) for rule in rules] if alone else rules

    def _can_be_said(self, rule: Rule) -> bool:
        over = any(other.effect != rule.effect for other in self._around(rule))
        problem = rule.problem
        conditional = rule.asks and not self._served and not rule._replace(asks="").problem
        if problem and (over or not conditional or self._covers_another(rule)):
            fix = "have the rule ask for a host and a prefix of paths alone"
            self._lose(rule, f"{problem}: it is left out", fix)
            return False
        matters = rule.prefix and (over or self._served or self._spills(rule))
        if matters and not self._is_completed(rule):
            self._lose_edge(rule)
        return True

    def _around(self, rule: Rule) -> Iterator[Rule]:
        """The other rules that take the path, for one host of its at least."""
        for prefix in _above(rule.prefix):
            for one in self._at.get(prefix, ()):
                if one is not rule and self._meets(one, rule) and one.takes(rule.prefix):
                    yield one

    def _meets(self, one: Rule, other: Rule) -> bool:
        """Whether the same request may be for the hosts of both."""
        return one.host == other.host or (not self._apart and None in (one.host, other.host))

    def _spills(self, rule: Rule) -> bool:
        """Whether it takes paths beside its segment that no other rule takes."""
        wider = (
            one
            for one in self._around(rule)
            if one.prefix != rule.prefix and not one.asks and one.host in (None, rule.host)
        )
        return rule.edge is Edge.TEXT and rule.path == rule.prefix and not any(wider)

    def _covers_another(self, rule: Rule) -> bool:
        return any(
            one.effect != rule.effect and self._meets(one, rule) and rule.takes(one.prefix)
            for one in self._rules
        )

    def _is_completed(self, rule: Rule) -> bool:
        """Whether another rule says the same of what is missing: the path, or all below it."""
        missing = Edge.WHOLE if rule.path.endswith("/") else Edge.TEXT
        path = rule.prefix if missing is Edge.WHOLE else f"{rule.path}/"
        return any(
            (one.path, one.asks, one.edge) == (path, "", missing) and one.effect == rule.effect
            for one in self._at[rule.prefix]
            if one.host == rule.host
        )

    def _lose_edge(self, rule: Rule) -> None:
        path, prefix = rule.path, rule.prefix
        if rule.edge is Edge.WHOLE:
            fix = f"a rule for all that begins with {prefix}/, too"
            self._lose(rule, f"{path} alone is meant; here it is all below it, too", fix)
        elif rule.edge is Edge.TEXT and path == prefix:
            effect = f"{path}x is meant, too; here a path ends where a segment does"
            self._lose(rule, effect, f"{prefix}/, and beside it {prefix} as a whole path")
        elif rule.edge is Edge.TEXT:
            fix = f"a rule for {prefix} as a whole path, too"
            self._lose(rule, f"{prefix} itself is not meant; here it is", fix)

    def _lose(self, rule: Rule, effect: str, fix: str) -> None:
        self._losses.append(Loss("routes", rule.place, effect, fix))

    def _of_host(self, rules: Sequence[Rule], host: str | None) -> dict[str, Rule]:
        """The rules that a request for `host` can reach, by their prefixes."""
        apart = self._apart and host is not None
        found: dict[str, Rule] = {}
        for rule in rules:
            if rule.host != host and (apart or rule.host is not None):
                continue
            above = (found[one] for one in _above(rule.prefix) if one in found)
            if rule.prefix not in found and not any(one.takes(rule.prefix) for one in above):
                found[rule.prefix] = rule
        return found

    def _add(self, table: dict[str, Rule], chosen: dict[_Place, Rule], top: Rule | None) -> None:
        """Those of a host, the shorter first, that make a difference."""
        for path in sorted(table, key=len):
            rule = table[path]
            places = ((host, one) for one in _above(path) for host in (rule.host, None))
            taker = next((chosen[place] for place in places if place in chosen), top)
            if (taker.effect if taker else (self._rest, None, "")) != rule.effect:
                chosen[rule.host, path] = rule

    def _written(self, chosen: list[Rule], top: Rule | None) -> Read:
        upstream = top.upstream if top else None
        known = any(rule.upstream for rule in (*chosen, *([top] if top else [])))
        for rule in chosen:
            self._losses += rule.losses
            if known and rule.upstream is None and rule.policy != self._rest:
                effect = "where its requests go is no single address: here they go as all others"
                fix = "add an `upstream` to the route"
                self._losses.append(Loss("upstream", rule.place, effect, fix))
        routes = [
            PolicyRoute(rule.prefix or "/", rule.policy, rule.host, rule.upstream, rule.strip_path)
            for rule in chosen
        ]
        losses = tuple(dict.fromkeys(self._losses))
        return Read(top.policy if top else self._rest, losses, tuple(routes), upstream)
