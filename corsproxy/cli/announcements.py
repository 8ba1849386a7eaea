"""What the program says of itself: lines to people, one object each to programs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from corsproxy import __version__
from corsproxy.config.address import ListenAddress, TcpAddress, UnixAddress
from corsproxy.config.diagnostics import Diagnostic, as_json, render, shown
from corsproxy.config.settings import Config
from corsproxy.cors.fetch_standard import DEFAULT_MAX_AGE
from corsproxy.limits import MAX_ANNOUNCED


class Announcement(NamedTuple):
    """One event. `text` of `data` is what the lines say, where they say no more than that."""

    event: str
    lines: Sequence[str]
    data: Mapping[str, Any]


def told(event: str, *lines: str) -> Announcement:
    """An event that is the same for people and programs: a sentence, and its fix if it has one."""
    text, _, fix = "\n".join(lines).partition("\n  fix: ")
    text = " ".join(text.removeprefix("corsproxy: ").split())
    return Announcement(event, lines, {"text": text} | ({"fix": fix} if fix else {}))


def started(
    config: Config,
    path: Path | None,
    addresses: Sequence[ListenAddress],
    admin: ListenAddress | None,
) -> Announcement:
    """Where it listens and what pages call, where to look, by which policy, and how to stop it."""
    where = list(map(url_text, addresses))
    call = _where_to_call(config, addresses)
    inspector = url_text(admin) if admin else ""
    emulated = list(dict.fromkeys(one.emulate for one in config.policies if one.emulate))
    lines = [
        f"corsproxy {__version__} listening on {', '.join(where)} -> {config.upstream}",
        *([f"  call       {call} in place of {config.upstream}"] if call else []),
        *routes(config),
        f"  inspector  {inspector or 'off, as admin is'}",
        f"  policy     {_policy(config, path)}",
        *([f"  log        {shown(str(config.log.file))}"] if config.log.file else []),
        *(f"  emulates   {gateway.title}, {gateway.known}" for gateway in emulated),
        "  stop       Ctrl-C",
    ]
    data = {
        "version": __version__,
        "listen": where,
        "upstream": str(config.upstream),
        "call": call or None,
        "admin": inspector or None,
        "policy": str(path) if path else None,
        "log": str(config.log.file) if config.log.file else None,
        "emulates": [gateway.title for gateway in emulated],
    }
    return Announcement("start", lines, data)


def routes(config: Config) -> Iterator[str]:
    """Where requests go that do not go to the upstream of all."""
    listed = config.listed_routes
    for route in listed[:MAX_ANNOUNCED]:
        yield f"  route      {route.place} -> {route.upstream}"
    if len(listed) > MAX_ANNOUNCED:
        yield f"             and {len(listed) - MAX_ANNOUNCED} more"


def _policy(config: Config, path: Path | None) -> str:
    """Where it stands; where it stands nowhere, which pages it lets in."""
    if config.source is not None:
        return f"{shown(str(config.source))}, read again whenever it changes"
    if path is not None:
        return f"{shown(str(path))}, read once"
    origins = config.policy.allow_origins
    patterns = [str(pattern) for pattern in origins.patterns]
    more = f" and {len(patterns) - 1} more" if len(patterns) > 1 else ""
    pages = "any origin" if origins.any else f"{patterns[0]}{more}" if patterns else "no origin"
    return f"flags, for {pages} (as a file: --print-config)"


def _where_to_call(config: Config, addresses: Sequence[ListenAddress]) -> str:
    """The URL for pages: on localhost where they are, as 127.0.0.1 is another site to cookies."""
    ports = [one.reachable for one in addresses if isinstance(one, TcpAddress)]
    ports = [one for one in ports if one.loopback] or ports
    if not ports:
        return ""
    patterns = [str(one) for policy in config.policies for one in policy.allow_origins.patterns]
    schemes = {pattern.partition("://")[0] for pattern in patterns}
    # Pages on https may call no http.
    port = next((one for one in ports if {one.scheme} == schemes), ports[0])
    on_localhost = any(pattern.partition("://")[2].startswith("localhost") for pattern in patterns)
    host = "localhost" if on_localhost and port.host == "127.0.0.1" else ""
    return url_text(replace(port, host=host) if host else port)


def url_text(address: ListenAddress) -> str:
    """Where a browser or curl finds `address`."""
    return str(address) if isinstance(address, UnixAddress) else address.url


def warnings(found: Iterable[Diagnostic], *, colour: bool = False) -> Iterator[Announcement]:
    """What is unwise about the settings, each by itself."""
    for warning in found:
        lines = render([warning], colour=colour).splitlines()
        yield Announcement("warning", lines, as_json(warning))


def crowded(config: Config, connections: int) -> Iterator[Announcement]:
    """That the system has descriptors for fewer `connections` than are wanted."""
    wanted = config.limits.connections
    if connections >= wanted:
        return
    from corsproxy.accept.connection_limit import needed

    files = f"{needed(wanted)} open files"
    in_file = f"limits: {{connections: {connections}}}"
    setting = in_file if config.source else f"--limit-connections {connections}"
    served = f"only {connections} of limits.connections={wanted} are served at the same time"
    yield told(
        "warning",
        f"corsproxy: {served}: {wanted} need {files}, and the system allows fewer (ulimit -Hn)",
        f"  fix: {setting}, or a system that allows {files}",
    )


def reloaded(
    old: Config, new: Config, addresses: Sequence[ListenAddress] = ()
) -> Iterator[Announcement]:
    """What is served by from now on, and which browsers do not know yet; `addresses` are new's."""
    from corsproxy.config.differences import differences  # at a start there is nothing to compare

    changes = differences(old, new)
    shown = changes[:MAX_ANNOUNCED]
    if len(changes) > MAX_ANNOUNCED:
        shown.append(f"and {len(changes) - MAX_ANNOUNCED} more")
    first = "corsproxy: the settings were reloaded"
    lines = [first, *(f"  {line}" for line in shown)] if shown else [f"{first}; none changed"]
    data: dict[str, Any] = {"changes": changes}
    if old.listen != new.listen:
        data["listen"] = list(map(url_text, addresses))
        lines.append(f"  listening on {', '.join(data['listen'])}")
    yield Announcement("reload", lines, data)
    yield from still_cached(old, new)


def still_cached(old: Config, new: Config) -> Iterator[Announcement]:
    """That browsers keep an old preflight response when the policy changes."""
    from corsproxy.config.differences import policies_by_place
    from corsproxy.cors.explain import preflights_still_cached

    known = {policy.max_age for policy in old.policies} - {None, DEFAULT_MAX_AGE}
    longest = max((age for age in known if age is not None), default=0)
    same = policies_by_place(old) == policies_by_place(new)
    if not same and (reason := preflights_still_cached(longest, 0.0)):
        yield told("note", f"corsproxy: {reason.text}", f"  fix: {reason.fix}")


def saved(path: Path, secrets: Sequence[str], variables: Sequence[str]) -> Announcement:
    """That a policy of flags and variables is a file now, and how to start it the next time."""
    conditions = [f"with {', '.join(secrets)} set"] if secrets else []
    conditions += [f"without {', '.join(variables)}"] if variables else []
    start = ", ".join(["corsproxy run -c policy.yaml", *conditions])
    where = shown(str(path))
    return told("note", f"corsproxy: saved as {where}, and served by; start it by: {start}")


def not_reloaded(why: str, errors: Iterable[Diagnostic] = ()) -> Announcement:
    """That the old settings stay in use, and why."""
    found = list(errors)
    lines = render(found).splitlines() if found else f"corsproxy: {why}".splitlines()
    data = dict(told("", why).data) if why else {}
    data["errors"] = list(map(as_json, found))
    return Announcement("not-reloaded", [*lines, "corsproxy: the old settings stay in use"], data)


def not_reopened(why: str) -> Announcement:
    """That the log goes on in the file that was opened before, wherever that is now."""
    return told(
        "warning",
        f"corsproxy: the log's file cannot be opened anew: {why}",
        "  fix: make it writable for this user, and send SIGHUP again; the old file stays in use",
    )


def stopping(seconds: float, *, busy: bool) -> Announcement:
    """What becomes of requests under way, and what a second signal does."""
    text = "corsproxy: stopping"
    if busy:
        text += f"; requests under way have {seconds:g} s to finish, Ctrl-C ends them now"
    return Announcement("stop", [text], {"seconds": seconds if busy else 0})
