"""given_text: settings as lines of a policy file, each spelled as it was given.

A reference (`${TOKEN}`) stays one, and a secret of a flag becomes one: no value that a file does
not show is shown. What was left out stays left out, and comments stay where they were.
"""

from collections.abc import Iterator

from corsproxy.config.config_writer import setting_lines
from corsproxy.config.inputs import Given
from corsproxy.config.schema import SETTINGS
from corsproxy.config.values import Values
from corsproxy.config.yaml_text.tree import Listing, Node, Notes, Scalar, Settings
from corsproxy.cors.span import Span
from corsproxy.cors.yaml_scalar import as_yaml
from corsproxy.learn.comments import Comments, in_one_line

MAX_WIDTH = 100
"""Characters of a list in one line."""


def sections(given: Given, comments: Comments) -> dict[str, list[str]]:
    """The lines by the key or group at the top that they belong to, in the schema's order."""
    table = [setting for setting in SETTINGS if setting.key in given.nodes]
    values = Values.read(given, table, Notes()).values
    found: dict[str, list[str]] = {}
    open_groups: list[str] = []
    for setting in table:
        *groups, name = setting.key.split(".")
        lines = found.setdefault((groups or [name])[0], [])
        lines += _opened(groups, open_groups, comments)
        open_groups, indent = groups, "  " * len(groups)
        place = given.places[setting.key]
        if place.line:
            lines += node_lines(name, given.nodes[setting.key], place, indent, comments)
        else:  # of a flag or a variable
            lines += setting_lines(name, values[setting.key], indent)
    return found


def node_lines(
    name: str, node: Node, place: Span, indent: str, comments: Comments
) -> Iterator[str]:
    """`name: ...`, as the file has it, with the comments above it and beside it."""
    yield from (f"{indent}{line}" for line in comments.above(place))
    yield from _node(f"{indent}{as_yaml(name)}:", node, place, indent, comments)


def _node(key: str, node: Node, place: Span, indent: str, comments: Comments) -> Iterator[str]:
    line = f"{key} {_in_one_line(node)}{comments.beside(place, node)}"
    whole = isinstance(node, Scalar) or in_one_line(node, place)
    if whole and (isinstance(node, Scalar) or len(line) <= MAX_WIDTH):
        yield line
        return
    yield key
    if isinstance(node, Settings):
        for name, value in node.values.items():
            yield from node_lines(name, value, node.keys[name], f"{indent}  ", comments)
    elif isinstance(node, Listing):
        for item in node.items:
            yield from (f"{indent}  {text}" for text in comments.above(item.span) if not whole)
            beside = "" if whole else comments.beside(item.span, item)
            yield f"{indent}  - {_in_one_line(item)}{beside}"


def _opened(groups: list[str], before: list[str], comments: Comments) -> Iterator[str]:
    """The lines that begin those of `groups` that are not open."""
    for depth, name in enumerate(groups):
        if before[: depth + 1] == groups[: depth + 1]:
            continue
        if depth:
            yield f"{'  ' * depth}{comments.of_inner_group(name)}"
        else:
            yield from comments.of_group(name)


def _in_one_line(node: Node) -> str:
    if isinstance(node, Listing):
        return f"[{', '.join(map(_in_one_line, node.items))}]"
    if isinstance(node, Settings):
        entries = (f"{as_yaml(key)}: {_in_one_line(value)}" for key, value in node.values.items())
        return f"{{{', '.join(entries)}}}"
    return _spelled(node)


def _spelled(scalar: Scalar) -> str:
    if scalar.written:
        return as_yaml(scalar.written).replace("$${", "${")  # its own `${` is meant as one
    return as_yaml(scalar.text) if scalar.type in ("str", None) else scalar.text or "null"
