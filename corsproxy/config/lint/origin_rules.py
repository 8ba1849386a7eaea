"""Lint's rules about origins. A rule's name is the id of its warning; its docstring the reason."""

import re
from collections.abc import Iterator

from corsproxy.config.diagnostics import Advice, Removal
from corsproxy.config.lint.warning import LintWarning
from corsproxy.cors.loopback import is_loopback_host
from corsproxy.cors.origin import DEFAULT_PORTS, OPAQUE, OriginPattern, Origins, RegexPattern
from corsproxy.cors.origin_spelling import Spelled
from corsproxy.cors.policy import Policy
from corsproxy.cors.public_suffix import is_public_suffix
from corsproxy.cors.yaml_scalar import as_yaml

_BARE_DOT = re.compile(r"(?<!\\)\.(?![*+?{])")
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_STRANGERS = ("https://stranger.invalid", "http://stranger.invalid")


def reflects_any_origin(policy: Policy) -> Iterator[LintWarning]:
    """With credentials for every origin, each page in the world acts as the user who visits it."""
    if policy.dangerously_reflect_any_origin:
        message = "any page that the user visits can act and read in the user's name"
        place = policy.span("dangerously_reflect_any_origin")
        yield LintWarning(place, message, Advice("list the origins that may send credentials"))


def public_suffix_wildcard(policy: Policy) -> Iterator[LintWarning]:
    """Below a public suffix (co.uk, github.io) everyone can register a name."""
    for pattern in _plain(policy.allow_origins):
        if pattern.subdomains and is_public_suffix(pattern.host):
            message = f"anyone can register a name below {pattern.host}, which is a public suffix"
            fix = as_yaml(str(OriginPattern(pattern.scheme, f"name.{pattern.host}", pattern.port)))
            yield LintWarning(pattern.span, message, fix)


def insecure_origin(policy: Policy) -> Iterator[LintWarning]:
    """Whoever sits on the network can speak for an http origin, and read with its credentials."""
    if not policy.allow_credentials:
        return
    for pattern in _plain(policy.allow_origins):
        if pattern.scheme == "http" and not is_loopback_host(pattern.host):
            message = f"anyone on the network can impersonate {pattern}, and credentials are sent"
            port = "" if pattern.port == DEFAULT_PORTS["https"] else pattern.port
            fix = OriginPattern("https", pattern.host, port, pattern.subdomains)
            yield LintWarning(pattern.span, message, as_yaml(str(fix)))


def opaque_origin(policy: Policy) -> Iterator[LintWarning]:
    """Every page can make itself the origin null, by a sandboxed frame."""
    for pattern in _plain(policy.allow_origins):
        if pattern.scheme == OPAQUE:
            message = 'any page can have the origin "null", by a sandboxed frame'
            yield LintWarning(
                pattern.span, message, Advice("serve the page over http, and list its origin")
            )


def redundant_origin(policy: Policy) -> Iterator[LintWarning]:
    """An entry that another one covers suggests that removing it would take something away."""
    wide = {pattern.parts for pattern in _plain(policy.allow_origins) if not pattern.exact}
    seen: set[object] = set()
    for pattern in policy.allow_origins.patterns:
        if pattern in seen:
            yield LintWarning(
                pattern.span, f"{pattern} is listed twice", Removal("delete one of the two")
            )
        elif isinstance(pattern, OriginPattern):
            for wider in _wider(pattern.parts):
                if wider in wide:
                    message = f"{pattern} is covered by {wider}"
                    yield LintWarning(pattern.span, message, Removal("delete one of the two"))
                    break
        seen.add(pattern)


def unescaped_dot(policy: Policy) -> Iterator[LintWarning]:
    """A dot matches every character, so a host that somebody else owns may match too."""
    for pattern in policy.allow_origins.patterns:
        if not isinstance(pattern, RegexPattern):
            continue
        blanked = _CLASS.sub(lambda shape: "_" * len(shape[0]), pattern.text)
        if _BARE_DOT.search(blanked):
            fixed = pattern.text
            for shape in reversed(list(_BARE_DOT.finditer(blanked))):
                fixed = f"{fixed[: shape.start()]}\\{fixed[shape.start() :]}"
            message = "an unescaped `.` in a regex matches every character"
            yield LintWarning(pattern.span, message, as_yaml(fixed))


def regex_matches_any_origin(policy: Policy) -> Iterator[LintWarning]:
    """An expression that takes strangers is no list; `"*"` says so openly."""
    for pattern in policy.allow_origins.patterns:
        if isinstance(pattern, RegexPattern) and any(map(pattern.matches, _STRANGERS)):
            message = f"the regex matches every origin, such as {_STRANGERS[0]}"
            yield LintWarning(pattern.span, message, Advice("name the hosts in it"))


def _plain(origins: Origins) -> Iterator[OriginPattern]:
    return (pattern for pattern in origins.patterns if isinstance(pattern, OriginPattern))


def _wider(named: Spelled) -> Iterator[Spelled]:
    """What could name every origin that `named` names, itself left out; not all can be listed."""
    hosts = [named.host]
    while "." in hosts[-1] and not hosts[-1].startswith("["):
        hosts.append(hosts[-1].partition(".")[2])
    for host in hosts:
        below = host != named.host or named.subdomains
        for port in dict.fromkeys((named.port, "*")):
            candidate = Spelled(named.scheme, host, port, below)
            if candidate != named:
                yield candidate
