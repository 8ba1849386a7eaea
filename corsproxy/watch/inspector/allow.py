"""Allow this: the change of the policy that grants what was refused, and its writing.

What is written is what the user has seen: the digest of the new text says so, and a file that has
changed meanwhile is not touched. A policy that stands in no file may be changed for this run, or be
saved as one.
"""

import hashlib
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from corsproxy.config import atomic_save
from corsproxy.config.config_writer import secrets_of, to_yaml
from corsproxy.config.diagnostics import ConfigError, PatchError
from corsproxy.config.loading import load_text
from corsproxy.config.schema import VARIABLES
from corsproxy.config.settings import Config, Route
from corsproxy.cors.decision import Check, decide
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain.findings import explanations
from corsproxy.cors.origin import OPAQUE
from corsproxy.cors.policy import Policy

SETTING_BY_CHECK = {
    Check.ORIGIN: "allow_origins",
    Check.METHOD: "allow_methods",
    Check.NAMES: "allow_headers",
}
MAX_FILE_BYTES = 100_000
"""Of the file. It is read several times, at some 10 microseconds a byte in all, and even in a
thread that takes its share from the requests; what is larger has more than a click can oversee."""
MAX_DIFF_LINES = 200
"""Lines of a change that are shown."""
_writing = threading.Lock()


Reader = Callable[[str], Config]
"""What would be served by if the file had that text; raises ConfigError."""


class Ways(NamedTuple):
    """What the program can do with a change of its policy."""

    use: Callable[[Config], Awaitable[None]]
    """Serve by it from now on, where the policy stands in no file."""
    save: Callable[[str], Awaitable[str]] | None = None
    """Write such a policy to a new file, and serve by that from now on: how to start it the next
    time. Raises OSError."""
    read: Reader | None = None
    """By the program's own flags and variables; None for a file that is all there is."""


class Change(NamedTuple):
    """The policy's text before and after; `config` is what the new one says."""

    source: Path | None
    before: str
    after: str
    config: Config
    others: tuple[str, ...] = ()
    """Routes that inherit what is changed, and are changed with it."""

    @property
    def digest(self) -> str:
        """What tells this change from every other."""
        return hashlib.sha256(f"{self.before}\0{self.after}".encode()).hexdigest()

    def lines(self) -> list[tuple[str, str]]:
        """The lines that change and their neighbours: "+", "-" or " ", and the text."""
        import difflib  # when somebody clicks, and not at each start

        diff = difflib.unified_diff(*_changed(self.before, self.after), n=2, lineterm="")
        return [(line[0], line[1:]) for line in list(diff)[2:] if line[0] in "+- "][:MAX_DIFF_LINES]

    def write(self) -> None:
        """Put the new text in the old one's place, or raise OSError and leave that as it is."""
        assert self.source is not None
        with _writing:
            atomic_save.replace(self.source, self.before.encode(), self.after.encode())


def _changed(before: str, after: str, context: int = 2) -> tuple[list[str], list[str]]:
    """The lines of both from the first that differs to the last: few of ten thousand."""
    old, new = before.splitlines(), after.splitlines()
    shorter = min(len(old), len(new))
    same = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = shorter - same
    ending = next((at for at in range(tail) if old[-1 - at] != new[-1 - at]), tail)
    first, last = max(0, same - context), max(0, ending - context)
    return old[first : len(old) - last], new[first : len(new) - last]


def change(config: Config, exchange: Exchange, read: Reader | None = None) -> Change:
    """The change of the policy that would have granted `exchange`; raises PatchError."""
    from corsproxy.config.yaml_text.patch import add_to_policy  # imports yaml, which takes 10 ms

    before = _text(config)
    after, route = before, _route(config, exchange)
    for setting, value in _additions(exchange):
        after = add_to_policy(after, route, setting, value)
    reading = _alone(config) if read is None or config.source is None else read
    try:
        loaded = reading(after)
    except ConfigError as error:
        message = error.diagnostics[0].message
        raise PatchError(f"the policy would not load any more: {message}") from None
    _check(loaded, exchange)
    new = loaded if config.source else _with_policies(config, loaded, after)
    return Change(config.source, before, after, new, tuple(_others(config, loaded, route)))


def _text(config: Config) -> str:
    """The policy as its file has it now, or as a file would."""
    if config.source is None:
        return to_yaml(config) if config.text is None else config.text
    if not config.source.exists():
        raise PatchError(f"{config.source} is gone")
    if not os.access(config.source, os.W_OK):
        raise PatchError(f"{config.source} cannot be written: change it by hand")
    return _read(config.source)


def _read(source: Path) -> str:
    try:
        content = atomic_save.content(source, MAX_FILE_BYTES + 1)
        text = content.decode()
    except (OSError, UnicodeDecodeError):
        raise PatchError(f"{source} cannot be read") from None
    if len(content) > MAX_FILE_BYTES:
        raise PatchError(f"{source} has more than {MAX_FILE_BYTES} bytes: change it by hand")
    return text


def _route(config: Config, exchange: Exchange) -> Route:
    """The route that the exchange took, as it is configured now."""
    for route in config.routes:
        if route.path == exchange.route and route.policy == exchange.policy:
            return route
    raise PatchError("the policy has changed since: ask the page to try again")


def _additions(exchange: Exchange) -> Iterator[tuple[str, str]]:
    for finding in exchange.decision.refused:
        for check in explanations(exchange.policy, exchange.decision.kind, finding):
            if not check.patch:
                raise PatchError(f"no setting helps here: {check.text}; {check.fix}")
        if OPAQUE in finding.values and finding.check is Check.ORIGIN:
            raise PatchError('"null" is the origin of every sandboxed page: allow it by hand')
        yield from ((SETTING_BY_CHECK[finding.check], value) for value in finding.values)


def _alone(config: Config) -> Reader:
    """Reads a text that says all there is: what flags and variables said is in it already."""
    environ = {k: v for k, v in os.environ.items() if config.source or k not in VARIABLES}
    environ |= secrets_of(config)
    source = str(config.source or "the policy")
    return lambda text: load_text(text.encode(), source, environ, {}, offline=True).config


def _check(loaded: Config, exchange: Exchange) -> None:
    """Raise PatchError where the request would still be refused."""
    for route in loaded.routes:
        if route.path != exchange.route:
            continue
        decision = decide(route.policy, exchange.decision.request)
        for finding in decision.refused:
            why = explanations(route.policy, decision.kind, finding)[0]
            place = f"{why.span} decides it, and not the file" if why.span else why.text
            raise PatchError(f"{place}: {why.fix}")


def _with_policies(config: Config, loaded: Config, text: str) -> Config:
    """`config` with the policies of `loaded`; places stay, where the text is one of ours only."""
    read = config.text is not None

    def placed(old: Policy, new: Policy) -> Policy:
        return new if read else replace(new, spans=old.spans)

    pairs = zip(config.routes, loaded.routes, strict=True)
    routes = tuple(replace(old, policy=placed(old.policy, new.policy)) for old, new in pairs)
    policy = placed(config.policy, loaded.policy)
    return replace(config, policy=policy, routes=routes, text=text if read else None)


def _others(old: Config, new: Config, route: Route) -> Iterator[str]:
    for before, after in zip(old.routes, new.routes, strict=False):
        if before is not route and before.policy != after.policy:
            yield before.place
