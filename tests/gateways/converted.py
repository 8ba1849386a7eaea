"""Policies put through a gateway's format, and what of them is not the same afterwards."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import strategies as st

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.loading import load_text
from corsproxy.config.schema import CORS
from corsproxy.config.settings import Config, Route
from corsproxy.cors.fetch_standard import (
    DEFAULT_MAX_AGE,
    NON_WILDCARD_NAMES,
    SAFELISTED_METHODS,
)
from corsproxy.cors.names import Names
from corsproxy.cors.origin import Origins
from corsproxy.cors.policy import Mode, Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Read
from corsproxy.gateways.conversion.sites import Site, sites
from corsproxy.proxy.routing import Routes
from tests.cors.strategies import policies

UPSTREAM = UpstreamAddress("http", "127.0.0.1", 8000)
OTHER = UpstreamAddress("https", "api.example.com", 443)


def config(policy: str) -> Config:
    """The settings of a policy file, whose lines below `cors:` are `policy`."""
    lines = "".join(f"  {line}\n" for line in policy.splitlines())
    text = f"upstream: http://127.0.0.1:8000\ncors:\n  refused_request: forward\n{lines}"
    return load_text(text.encode(), "policy.yaml", {}, {}).config


def routed(routes: str, upstream: str = "http://127.0.0.1:8000") -> Config:
    """The settings of a policy file that lets https://a.test read; `routes` are its routes."""
    policy = "cors: {allow_origins: [https://a.test], refused_request: forward}"
    text = f"upstream: {upstream}\n{policy}\nroutes:\n{routes}\n"
    return load_text(text.encode(), "policy.yaml", {}, {}).config


def table(routes: str) -> list[Site]:
    """The table of those routes."""
    return sites(Export.each(routed(routes), carried=()))


def of_policy(policy: Policy) -> Config:
    return Config(UPSTREAM, policy)


def differing(one: Policy, other: Policy) -> set[str]:
    """The settings in which two policies differ to any page."""
    names = [setting.key.removeprefix("cors.") for setting in CORS]
    return {name for name in names if _meaning(one, name) != _meaning(other, name)}


def _meaning(policy: Policy, name: str) -> object:
    """What of a setting makes a difference: not the order, nor what needs no listing."""
    value = getattr(policy, name)
    return _MEANINGS[name](value) if name in _MEANINGS else value


def _names_meant(names: Names) -> object:
    known = frozenset(listed.lower() for listed in names.listed)
    return names.any, known & NON_WILDCARD_NAMES if names.any else known


def _origins_meant(origins: Origins) -> object:
    """What stands beside each port of the same host names nothing more."""
    found = {str(pattern) for pattern in origins.patterns}
    return origins.any, {text for text in found if f"{text}:*" not in found}


_MEANINGS: dict[str, Callable[[Any], object]] = {
    "allow_origins": _origins_meant,
    "allow_methods": lambda names: names.any or frozenset(names.listed) - SAFELISTED_METHODS,
    "allow_headers": _names_meant,
    "expose_headers": lambda names: names.any or frozenset(names.listed),
    "max_age": lambda age: DEFAULT_MAX_AGE if age is None else max(age, 0),  # -1 is sent as 0
    "dangerously_reflect_any_origin": lambda _: None,  # a consent to what two others say
}


def changed_unreported(gateway: Gateway, policy: Policy, form: str) -> set[str]:
    """What differs after export and import, and neither of them has told."""
    assert gateway.read is not None
    assert gateway.write is not None
    written = gateway.write(of_policy(policy), form)
    read = gateway.read(written.text, "exported")
    told = {loss.setting for loss in (*written.losses, *read.losses)}
    return differing(policy, read.policy) - told


_HOSTS = ("a.test", "b.test", "elsewhere.test")
_PATHS = ("/", "/a", "/ab", "/a/b", "/a/b/c", "/b", "/b/a", "/c")


@st.composite
def routed_settings(draw: st.DrawFn) -> Config:
    """Settings with routes for a few prefixes and hosts, and policies that are met often."""
    hosts = st.sampled_from((None, *_HOSTS[:2]))
    places = st.tuples(hosts, st.sampled_from(("/", "/a", "/a/b", "/b")))
    chosen = draw(st.lists(places, unique=True, max_size=4))
    enforced = policies().map(lambda policy: replace(policy, mode=Mode.ENFORCE))
    some = draw(st.lists(enforced, min_size=1, max_size=3))
    policy, upstream = st.sampled_from(some), st.sampled_from((UPSTREAM, OTHER))
    routes = [
        Route(path, draw(upstream), draw(policy), host, draw(st.booleans()))
        for host, path in chosen
        if (host, path) != (None, "/")
    ]
    top = draw(policy)
    return Config(UPSTREAM, top, routes=(*routes, Route("/", UPSTREAM, top)))


def read_as_routes(read: Read) -> Routes[Route]:
    """What is read, as the proxy routes by it."""
    top = read.upstream or UPSTREAM
    found = [
        Route(one.path, one.upstream or top, one.policy, one.host, one.strip_path)
        for one in read.routes
    ]
    return Routes([*found, Route("/", top, read.policy)])


def routes_changed_unreported(gateway: Gateway, settings: Config, form: str) -> set[str]:
    """What differs on any path after export and import, and neither of them has told."""
    assert gateway.read is not None
    assert gateway.write is not None
    written = gateway.write(settings, form)
    read = gateway.read(written.text, "exported")
    told = {loss.setting for loss in (*written.losses, *read.losses)}
    before, after = Routes(settings.routes), read_as_routes(read)
    found: set[str] = set()
    for host, path in product(_HOSTS, _PATHS):
        one, other = before.find(host, path), after.find(host, path)
        assert one is not None
        assert other is not None
        found |= differing(one.policy, other.policy)
        found |= {"upstream"} if one.upstream != other.upstream else set()
        found |= {"strip_path"} if one.stripped_prefix != other.stripped_prefix else set()
    return found - told
