"""What one Config says otherwise than another, for people: a line for each setting."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from corsproxy.config.config_writer import scalar
from corsproxy.config.schema import CORS, SETTINGS, value_of
from corsproxy.config.settings import Config, Route, SetHeader, UpstreamTls
from corsproxy.cors.origin import Origins
from corsproxy.cors.policy import Names, Policy

_CHANGED = "changed"


def differences(old: Config, new: Config) -> list[str]:
    r"""What changed from `old` to `new`; values that are secrets are not shown.

    >>> from corsproxy import load
    >>> old = load(text="upstream: http://a.test\ncors: {allow_origins: [http://b.test]}")
    >>> new = load(text="upstream: http://a.test\ncors: {allow_origins: [http://c.test]}")
    >>> differences(old, new)
    ['cors.allow_origins: + http://c.test, - http://b.test']
    """
    found = []
    for setting in SETTINGS:
        before, after = value_of(old, setting), value_of(new, setting)
        if before != after and (words := _difference(before, after)):
            found.append(f"{setting.key}: {words}")
    return [*_routes(old, new), *found]


def policies_by_place(config: Config) -> dict[str, Policy]:
    """The policy of each route by host and path, and that of the top by ""."""
    routes = _listed(config)
    return {"": config.policy} | {place: route.policy for place, route in routes.items()}


def _routes(old: Config, new: Config) -> Iterator[str]:
    before, after = _listed(old), _listed(new)
    yield from (f"routes: + {place}" for place in after if place not in before)
    yield from (f"routes: - {place}" for place in before if place not in after)
    for place, route in after.items():
        if place in before:
            for key, one, other in _of_route(before[place], route):
                inherited = (one, other) == (_inherited(old, key), _inherited(new, key))
                if one != other and not inherited:
                    yield f"routes, {place}: {key}: {_difference(one, other)}"


def _listed(config: Config) -> dict[str, Route]:
    return {route.place: route for route in config.listed_routes}


def _of_route(old: Route, new: Route) -> Iterator[tuple[str, Any, Any]]:
    for setting in CORS:
        name = setting.key.removeprefix("cors.")
        yield setting.key, getattr(old.policy, name), getattr(new.policy, name)
    for name in ("upstream", "strip_path", "upstream_tls"):
        yield name, getattr(old, name), getattr(new, name)


def _inherited(config: Config, key: str) -> Any:
    """What a route has of the top where it says nothing itself."""
    if key == "upstream_tls":
        return None
    return attrgetter(key.replace("cors.", "policy."))(config) if key != "strip_path" else False


def _difference(before: Any, after: Any) -> str:
    old, new = _elements(before), _elements(after)
    if old is None or new is None:
        long = isinstance(before, UpstreamTls) or isinstance(after, UpstreamTls)
        gone, come = _shown(before), _shown(after)
        return _CHANGED if long or gone == come else f"{gone} -> {come}"
    signs = [f"+ {one}" for one in new if one not in old]
    signs += [f"- {one}" for one in old if one not in new]
    signs += [f"{one} {_CHANGED}" for one in new if one in old and old[one] != new[one]]
    return ", ".join(signs)


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return str(getattr(value, "as_setting", "")) or scalar(value)


def _elements(value: Any) -> dict[str, str] | None:
    """What a list has in it, by its text or name, and its value; None for what is no list."""
    if isinstance(value, Origins):
        return dict.fromkeys(["*"] if value.any else map(str, value.patterns), "")
    if isinstance(value, Names):
        return dict.fromkeys(value.entries, "")
    if isinstance(value, tuple):
        return dict(map(_element, value))
    return None


def _element(one: Any) -> tuple[str, str]:
    return (one.name, one.value) if isinstance(one, SetHeader) else (str(one), "")
