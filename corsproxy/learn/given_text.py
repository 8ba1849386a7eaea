"""given_text: settings as lines of a policy file, each spelled as it was given.

A reference (`${TOKEN}`) stays one, and a secret of a flag becomes one: no value that a file does
not show is shown. What was left out stays left out.
"""

from collections.abc import Iterator

from corsproxy.config.config_writer import setting_lines
from corsproxy.config.inputs import Given
from corsproxy.config.schema import SETTINGS
from corsproxy.config.values import Values
from corsproxy.config.yaml_text.tree import Listing, Node, Notes, Scalar, Settings
from corsproxy.cors.yaml_scalar import as_yaml

MAX_WIDTH = 100
"""Characters of a list in one line."""


def sections(given: Given) -> dict[str, list[str]]:
    """The lines by the key or group at the top that they belong to, in the schema's order."""
    table = [setting for setting in SETTINGS if setting.key in given.nodes]
    values = Values.read(given, table, Notes()).values
    found: dict[str, list[str]] = {}
    open_groups: list[str] = []
    for setting in table:
        *groups, name = setting.key.split(".")
        lines = found.setdefault((groups or [name])[0], [])
        lines += _opened(groups, open_groups)
        open_groups, indent = groups, "  " * len(groups)
        if given.places[setting.key].line:
            lines += node_lines(name, given.nodes[setting.key], indent)
        else:  # of a flag or a variable
            lines += setting_lines(name, values[setting.key], indent)
    return found


def node_lines(name: str, node: Node, indent: str) -> Iterator[str]:
    """`name: ...`, as the file has it."""
    if isinstance(node, Settings):
        yield f"{indent}{as_yaml(name)}:" if node.values else f"{indent}{as_yaml(name)}: {{}}"
        for key, value in node.values.items():
            yield from node_lines(key, value, f"{indent}  ")
        return
    line = f"{indent}{as_yaml(name)}: {_in_one_line(node)}"
    if isinstance(node, Listing) and len(line) > MAX_WIDTH:
        yield f"{indent}{as_yaml(name)}:"
        yield from (f"{indent}  - {_in_one_line(item)}" for item in node.items)
    else:
        yield line


def _opened(groups: list[str], before: list[str]) -> Iterator[str]:
    """The lines that begin those of `groups` that are not open."""
    for depth, name in enumerate(groups):
        if before[: depth + 1] != groups[: depth + 1]:
            yield f"{'  ' * depth}{name}:"


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
