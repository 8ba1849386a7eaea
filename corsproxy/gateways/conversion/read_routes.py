"""Rules read: what a gateway makes of Host and path, as the routes of a policy file.

Where a file says the same of everything that it serves, that is the policy of all paths: nobody can
tell whether it is granted where the gateway has nothing. Otherwise there is a route for whatever
the longest path makes of it, here as there. What a rule asks beside host and path, no route can.
"""

import re
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import NamedTuple

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.policy_text import PolicyRoute
from corsproxy.cors.policy import Mode, Policy
from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.gateway import Loss, Read

PASSED = Policy(mode=Mode.PASSTHROUGH)
"""What a gateway does without CORS settings: the upstream's own headers reach the page."""

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

    def covers(self, other: "Rule") -> bool:
        """Whether its host and path take all that those of `other` do."""
        return self.host in (None, other.host) and _below(other.prefix, self.prefix)

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


def _below(path: str, prefix: str) -> bool:
    return f"{path}/".startswith(f"{prefix}/")


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

    def read(self) -> Read:
        kept = [rule for rule in self._rules if self._can_be_said(rule)]
        place = self._rules[0].place
        hosts = dict.fromkeys((None, *(rule.host for rule in kept)))
        tables = {host: self._of_host(kept, host) for host in hosts}
        everywhere = tables.pop(None)
        top = everywhere.pop("", None)
        chosen: list[Rule] = []
        self._add(everywhere, chosen, top)
        for host, table in tables.items():
            for path in {"", *everywhere} - table.keys():
                if (taker := _longest(table.values(), path)) is not None:
                    table[path] = taker
                elif path or top:
                    table[path] = Rule(place, self._rest)
            own = {path: rule._replace(host=host, path=path or "/") for path, rule in table.items()}
            self._add(own, chosen, top)
        return self._written(chosen, top)

    def _without_the_only_host(self, rules: list[Rule]) -> list[Rule]:
        """Where all are for one host, it need not be named: here it has another name."""
        hosts = {rule.host for rule in rules}
        alone = len(hosts) == 1 and not self._served
        return [rule._replace(host=None) for rule in rules] if alone else rules

    def _can_be_said(self, rule: Rule) -> bool:
        others = [other for other in self._rules if other.effect != rule.effect]
        over = [other for other in others if other.covers(rule)]
        problem = rule.problem
        conditional = rule.asks and not rule._replace(asks="").problem
        if problem and (over or not conditional or any(map(rule.covers, others))):
            fix = "have the rule ask for a host and a prefix of paths alone"
            self._lose(rule, f"{problem}: it is left out", fix)
            return False
        if rule.prefix and (over or self._served) and not self._is_completed(rule):
            self._lose_edge(rule)
        return True

    def _is_completed(self, rule: Rule) -> bool:
        """Whether another rule says the same of what is missing: the path, or all below it."""
        missing = Edge.WHOLE if rule.path.endswith("/") else Edge.TEXT
        path = rule.prefix if missing is Edge.WHOLE else f"{rule.path}/"
        return any(
            (one.host, one.effect, one.path, one.asks) == (rule.host, rule.effect, path, "")
            and one.edge is missing
            for one in self._rules
        )

    def _lose_edge(self, rule: Rule) -> None:
        path, prefix = rule.path, rule.prefix
        fix = f"a rule for {prefix} and for all that begins with {prefix}/"
        if rule.edge is Edge.WHOLE:
            self._lose(rule, f"{path} alone is meant; here it is all below it, too", fix)
        elif rule.edge is Edge.TEXT and path == prefix:
            effect = f"{path}x is meant, too; here a path ends where a segment does"
            self._lose(rule, effect, fix)
        elif rule.edge is Edge.TEXT:
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
            if not any(_below(rule.prefix, path) for path in found):
                found[rule.prefix] = rule
        return found

    def _add(self, table: dict[str, Rule], chosen: list[Rule], top: Rule | None) -> None:
        """Those of a host, the shorter first, that make a difference."""
        for path in sorted(table, key=len):
            rule = table[path]
            others = [one for one in chosen if one.host in (None, rule.host)]
            taker = _longest(others, path) or top
            if (taker.effect if taker else (self._rest, None, "")) != rule.effect:
                chosen.append(rule)

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


def _longest(rules: Iterable[Rule], path: str) -> Rule | None:
    """Which of them a path takes; of two equal prefixes that with a host."""
    around = [rule for rule in rules if _below(path, rule.prefix)]
    return max(around, key=lambda rule: (len(rule.prefix), rule.host is not None), default=None)
