"""Envoy's virtual hosts, read: which CorsPolicy and which cluster a Host and a path lead to.

A virtual host is found by its domain, and in it the first route that fits decides. A CorsPolicy of
a route is merged, field by field, with that of its virtual host and of all. Where Envoy answers
itself, by a redirect or directly, there is no policy to read.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from corsproxy.config.address import AddressError, UpstreamAddress
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import Loss
from corsproxy.gateways.conversion.located_yaml import Located, items_at, text_at, the_one
from corsproxy.gateways.conversion.origin_regex import literal
from corsproxy.gateways.conversion.read_routes import PASSED, Edge, Rule

Fields = Mapping[str, Located | None]

_PATHS = {"prefix": Edge.TEXT, "path_separated_prefix": Edge.SEGMENT, "path": Edge.WHOLE}
_PORT = re.compile(r":(?:[0-9]+|\*)$")
_REWRITES = ("prefix_rewrite", "regex_rewrite", "path_rewrite_policy")


class Blocks(NamedTuple):
    """The values of CorsPolicy that hold for a rule, the narrower first."""

    found: tuple[Located, ...]

    @property
    def fields(self) -> Fields:
        """What they say together."""
        return {key: block.get(key) for block in reversed(self.found) for key in block.keys}


def is_policy(node: Located) -> bool:
    """Whether it is a CorsPolicy."""
    kind = node.get("@type")
    return kind is not None and (kind.text or "").endswith(".cors.v3.CorsPolicy")


def rules(root: Located, policy: Callable[[Located, Fields], Policy]) -> list[Rule]:
    """The rules of a route configuration, as they are tried; none where there is none.

    `policy` is what becomes of the fields of a CorsPolicy, the first of which is a block.
    """
    found = [node for node in root.everything() if node.get("virtual_hosts") is not None]
    if not found:
        return []
    whole = the_one(found, "route configurations", root)
    return [*_Reader(root, policy).of(whole)]


class _Reader:
    """Reads rules; `policy` is that of fields, the first of which is a block."""

    def __init__(self, root: Located, policy: Callable[[Located, Fields], Policy]) -> None:
        self._policy = policy
        clusters = [node for node in root.everything() if node.get("load_assignment") is not None]
        self._clusters = {text_at(cluster, "name"): cluster for cluster in clusters}

    def of(self, whole: Located) -> Iterator[Rule]:
        for host in items_at(whole, "virtual_hosts"):
            names = [_host(one.text or "") for one in items_at(host, "domains")]
            for route in items_at(host, "routes"):
                if route.get("route") is not None:
                    rule = self._rule(route, Blocks((*_own(route), *_own(host), *_own(whole))))
                    yield from (rule._replace(host=name) for name in dict.fromkeys(names))

    def _rule(self, route: Located, blocks: Blocks) -> Rule:
        match = route.get("match") or route
        key = next((key for key in _PATHS if match.get(key) is not None), "")
        asks = [one for one in match.keys if one not in (*_PATHS, "safe_regex", "case_sensitive")]
        action = route.get("route")
        path = text_at(match, key) if key else text_at(match, "safe_regex", "regex")
        strips, losses = _rewrite(action, path)
        return Rule(
            match.span,
            self._policy_of(blocks),
            path=path,
            edge=_PATHS.get(key, Edge.SEGMENT),
            upstream=self._upstream(action),
            strip_path=strips,
            asks=" and ".join(asks),
            losses=losses,
        )

    def _policy_of(self, blocks: Blocks) -> Policy:
        if not blocks.found:
            return PASSED
        return self._policy(blocks.found[0], blocks.fields)

    def _upstream(self, action: Located | None) -> UpstreamAddress | None:
        cluster = self._clusters.get(text_at(action, "cluster")) if action else None
        return _address(cluster) if cluster else None


def _own(node: Located) -> Iterator[Located]:
    filters = node.get("typed_per_filter_config")
    found = [filters.get(key) for key in filters.keys] if filters else []
    yield from (one for one in found if one is not None and is_policy(one))


def _host(domain: str) -> str | None:
    return None if domain == "*" else _PORT.sub("", domain).removesuffix(".").lower()


def _rewrite(action: Located | None, path: str) -> tuple[bool, tuple[Loss, ...]]:
    """Whether the prefix is taken away; what else becomes of a path is lost."""
    prefix = path.rstrip("/")
    for key in _REWRITES if action else ():
        value = action.get(key) if action else None
        if value is None:
            continue
        pattern = text_at(value, "pattern", "regex")
        cut = pattern == f"^{literal(prefix)}/?" and text_at(value, "substitution") == "/"
        if prefix and (cut or (key == "prefix_rewrite" and value.text == "/")):
            return True, ()
        effect = "the upstream gets the path as it came"
        return False, (Loss("strip_path", value.span, effect, "rewrite the prefix to / alone"),)
    return False, ()


def _address(cluster: Located) -> UpstreamAddress | None:
    """The only endpoint of a cluster."""
    found = [node for node in cluster.everything() if node.get("endpoint") is not None]
    if len(found) != 1:
        return None
    address = found[0].path("endpoint", "address")
    if address is None:
        return None
    if socket := text_at(address, "pipe", "path"):
        return _parsed(f"unix:{socket}")
    scheme = "https" if cluster.get("transport_socket") is not None else "http"
    host = text_at(address, "socket_address", "address")
    port = text_at(address, "socket_address", "port_value")
    return _parsed(f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}")


def _parsed(text: str) -> UpstreamAddress | None:
    try:
        return UpstreamAddress.parse(text)
    except AddressError:
        return None
