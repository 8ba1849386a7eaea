"""A Config as a policy file: what differs from the defaults, each line with what it means.

What `load` makes of the text is the Config again.
"""

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.schema import CORS, GROUPS, SETTINGS, UPSTREAM_TLS, default_of, value_of
from corsproxy.config.settings import Config, SetHeader, UpstreamTls
from corsproxy.cors.origin import OPAQUE, Origins, RegexPattern
from corsproxy.cors.policy import Names, Policy
from corsproxy.cors.yaml_scalar import as_yaml

_ALWAYS = ("listen", "upstream")
_REFERENCE = re.compile(r"\$\{(\w+)\}")


def to_yaml(config: Config) -> str:
    """The policy file that says what `config` is."""
    lines: list[str] = []
    group = ""
    for setting in SETTINGS:
        value = value_of(config, setting)
        if value == default_of(setting) and setting.key not in _ALWAYS:
            continue
        section, _, name = setting.key.rpartition(".")
        if section != group:
            lines += _opening(section, group)
            group = section
        indent = "  " * setting.key.count(".")
        lines.append(f"{indent}# {setting.help}")
        lines += setting_lines(name, value, indent)
    return "\n".join([*lines, *_routes(config)]) + "\n"


def secrets_of(config: Config) -> dict[str, str]:
    """The values that a policy file has no place for, by the variables that it names for them."""
    forward = config.forward
    headers = (*forward.request_headers.set, *forward.response_headers.set)
    found = ((_REFERENCE.fullmatch(header.reference), header.value) for header in headers)
    return {name[1]: value for name, value in found if name}


def lines_by_key(text: str) -> dict[str, int]:
    """Where each setting stands in what `to_yaml` has written, by its key: lines from 1."""
    found: dict[str, int] = {}
    groups: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        name = line.lstrip(" ").partition(":")[0]
        if not name or name.startswith(("#", "-")):
            continue
        groups[(len(line) - len(line.lstrip(" "))) // 2 :] = [name]
        found.setdefault(".".join(groups), number)
    return found


def _opening(section: str, before: str) -> Iterator[str]:
    """The lines that begin a group, and the group that it stands in, unless that is open."""
    if not section or not section.startswith(f"{before.partition('.')[0]}."):
        yield ""
    path = section.split(".") if section else []
    for depth, name in enumerate(path):
        group = ".".join(path[: depth + 1])
        if not f"{before}.".startswith(f"{group}."):
            indent = "  " * depth
            yield from (f"{indent}# {GROUPS[group]}", f"{indent}{name}:")


def scalar(value: Any) -> str:
    """`value` in one line of YAML."""
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Names):
        return f"[{', '.join(map(as_yaml, value.entries))}]"
    if isinstance(value, tuple):
        return f"[{', '.join(as_yaml(str(element)) for element in value)}]"
    return as_yaml(str(value))


def setting_lines(name: str, value: Any, indent: str) -> Iterator[str]:
    """The lines that give `name` this value; a secret is told by a reference."""
    if name == "admin" and value is None:
        yield f"{indent}admin: off"
    elif name == "tls":
        yield f"{indent}tls: auto"
    elif name == "listen" and len(value) == 1:
        yield f"{indent}listen: {scalar(str(value[0]))}"
    elif name == "emulate":
        yield f"{indent}{name}: {value.as_setting if value else 'fetch'}"
    elif isinstance(value, Origins):
        yield f"{indent}{name}:"
        for line in _origins(value):
            yield f"{indent}  - {line}"
    elif value and isinstance(value, tuple) and isinstance(value[0], SetHeader):
        yield f"{indent}{name}:"
        for header in value:
            yield f"{indent}  {as_yaml(header.name)}: {_told_value(header)}"
    else:
        yield f"{indent}{name}: {scalar(value)}"


def _told_value(header: SetHeader) -> str:
    """A secret by its variable's name; where a flag had it, by a name that can be set."""
    if header.reference:
        return json.dumps(header.reference)
    return as_yaml(header.value)


def _origins(origins: Origins) -> Iterator[str]:
    if origins.any:
        yield '"*"'
    for pattern in origins.patterns:
        if isinstance(pattern, RegexPattern):
            yield f"{{regex: {as_yaml(pattern.text)}}}"
        else:
            yield f'"{OPAQUE}"' if str(pattern) == OPAQUE else as_yaml(str(pattern))


def _routes(config: Config) -> Iterator[str]:
    routes = config.listed_routes
    if not routes:
        return
    yield from ("", f"# {GROUPS['routes']}", "routes:")
    for route in routes:
        own = None if route.upstream == config.upstream else route.upstream
        yield from route_opening(route.path, route.host, own, strip_path=route.strip_path)
        if route.upstream_tls is not None:
            yield from _tls_differences(route.upstream_tls, config.upstream_tls)
        yield from differences(route.policy, config.policy)


def route_opening(
    path: str, host: str | None, upstream: UpstreamAddress | None, *, strip_path: bool
) -> Iterator[str]:
    """The lines that begin a route; no upstream where it is the top's."""
    yield f"  - path: {as_yaml(path)}"
    if host is not None:
        yield f"    host: {as_yaml(host)}"
    if upstream is not None:
        yield f"    upstream: {as_yaml(str(upstream))}"
    if strip_path:
        yield "    strip_path: true"


def _tls_differences(tls: UpstreamTls, inherited: UpstreamTls) -> Iterator[str]:
    """What a route says otherwise of its upstream than the top does."""
    yield "    upstream_tls:"
    for setting in UPSTREAM_TLS:
        name = setting.key.removeprefix("upstream_tls.")
        if getattr(tls, name) != getattr(inherited, name):
            yield from setting_lines(name, getattr(tls, name), "      ")


def differences(policy: Policy, inherited: Policy) -> Iterator[str]:
    """What a route's policy says otherwise than the one it inherits from."""
    names = [setting.key.removeprefix("cors.") for setting in CORS]
    other = [name for name in names if getattr(policy, name) != getattr(inherited, name)]
    if other:
        yield "    cors:"
    for name in other:
        yield from setting_lines(name, getattr(policy, name), "      ")
