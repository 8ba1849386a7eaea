"""A value added to a policy file's text: comments, order and all the rest stay as they are."""

import yaml

from corsproxy.config.diagnostics import PatchError
from corsproxy.config.settings import Route
from corsproxy.config.yaml_text.marks import end_of, start_of
from corsproxy.cors.policy_value import is_name, is_origin
from corsproxy.cors.yaml_scalar import as_yaml

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_LITERAL = {
    "allow_origins": is_origin,
    "allow_methods": is_name,
    "allow_headers": is_name,
    "expose_headers": is_name,
}


def add_to_policy(text: str, route: Route | None, setting: str, value: str | bool) -> str:
    """`text` with `value` added to `setting` ("allow_origins"), or set to it where it is a bool.

    The setting is changed where `route` has it from: in the route itself if it stands there, else
    at the top, for all that inherit it. Raises PatchError where it is written as an alias, a
    reference or a wildcard, and for a value that would be a wildcard there.
    """
    if isinstance(value, str) and not _LITERAL[setting](value):
        raise PatchError(f"in {setting}, {value[:80]!r} would stand for more than itself")
    before = _place(text, route, setting)
    patched = _patched(text, before, setting, value)
    wanted = as_yaml(value) if isinstance(value, str) else _boolean(value)
    now = _stated(_place(patched, route, setting), setting)
    kept = _stated(before, setting) if isinstance(value, str) else []
    if now != [*kept, yaml.safe_load(wanted) if isinstance(value, str) else wanted]:
        raise PatchError(f"{setting} is written in a way that only its author can extend")
    return patched


def _patched(text: str, place: yaml.MappingNode | None, setting: str, value: str | bool) -> str:
    written = f"[{as_yaml(value)}]" if isinstance(value, str) else _boolean(value)
    if place is None:
        return _line_added(text, len(text), f"cors:\n  {setting}: {written}")
    node = _below(place, setting)
    if node is None:
        return _entry_added(text, place, f"{setting}: {written}")
    if not start_of(place) < start_of(node) <= end_of(place):
        raise PatchError(f"{setting} is an alias of what stands elsewhere")
    if isinstance(value, bool):
        return text[: start_of(node)] + written + text[end_of(node) :]
    if not isinstance(node, yaml.SequenceNode):
        raise PatchError(f"{setting} is not a list")
    if node.flow_style or not node.value:
        return _inserted(text, node, as_yaml(value))
    return _item_added(text, node, as_yaml(value))


def _place(text: str, route: Route | None, setting: str) -> yaml.MappingNode | None:
    """The `cors` that has `setting`, or would inherit it; None where there is none."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError:
        raise PatchError("the file is not YAML") from None
    own = _below(_item(root, route), "cors") if route else None
    place = own if _below(own, setting) is not None else _below(root, "cors")
    if place is not None and not isinstance(place, yaml.MappingNode):
        raise PatchError("cors has no lines of `key: value`")
    return place


def _item(root: yaml.Node | None, route: Route) -> yaml.Node | None:
    """The route as it stands in the file; None for the catch-all that nobody wrote."""
    routes = _below(root, "routes")
    for item in routes.value if isinstance(routes, yaml.SequenceNode) else []:
        path, host = _below(item, "path"), _below(item, "host")
        named = host.value if host is not None else None
        if path is not None and (path.value, named) == (route.path, route.host):
            return item  # type: ignore[no-any-return] # PyYAML's nodes hold anything
    return None


def _below(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _stated(place: yaml.MappingNode | None, setting: str) -> list[object]:
    """The texts that a setting lists; a scalar's own text alone."""
    node = _below(place, setting)
    if node is None:
        return []
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return [
        item.value if isinstance(item, yaml.ScalarNode) else yaml.serialize(item) for item in items
    ]


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _inserted(text: str, node: yaml.CollectionNode, piece: str) -> str:
    """`piece` as the last element between the brackets."""
    if not node.value:
        at = end_of(node) - 1
        return text[:at] + piece + text[at:]
    last = node.value[-1]
    at = end_of(last[1] if isinstance(last, tuple) else last)
    return f"{text[:at]}, {piece}{text[at:]}"


def _item_added(text: str, node: yaml.SequenceNode, piece: str) -> str:
    """`- piece` on a line of its own, below the last item."""
    start = start_of(node.value[-1])
    line = text.rfind("\n", 0, start) + 1
    indent = text[line:start].partition("-")[0]
    return _line_added(text, end_of(node), f"{indent}- {piece}")


def _entry_added(text: str, node: yaml.MappingNode, piece: str) -> str:
    if node.flow_style or not node.value:
        return _inserted(text, node, piece)
    start = start_of(node.value[0][0])
    indent = " " * (start - text.rfind("\n", 0, start) - 1)
    return _line_added(text, end_of(node), indent + piece)


def _line_added(text: str, after: int, lines: str) -> str:
    """`lines` below the line in which the place `after` is."""
    end = "\r\n" if "\r\n" in text else "\n"
    at = text.find("\n", after) + 1 or len(text)
    before = text[:at]
    if before and not before.endswith("\n"):
        before += end
    return before + lines.replace("\n", end) + end + text[at:]
