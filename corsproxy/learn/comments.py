"""comments: what a file says of a setting, above it and beside it, for the file that is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corsproxy.config.yaml_text.tree import Listing, Node, Scalar, Settings
from corsproxy.cors.span import Span

WRITTEN = "# Written by corsproxy learn: the smallest policy that allows what the pages did."
"""The first line of what is written. A file that is learned anew has it already."""

_BESIDE = re.compile(r"[\s\]},]*\s(#.*)")


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments in the lines of a file; in none there are none."""

    lines: Sequence[str] = ()

    def above(self, place: Span) -> list[str]:
        """The comment that ends in the line above `place`, without its indentation."""
        first = place.line - 1  # as an index, one behind the line above
        while first > 0 and self.lines[first - 1].lstrip().startswith("#"):
            first -= 1
        found = (line.strip() for line in self.lines[first : max(place.line - 1, 0)])
        return [line for line in found if line != WRITTEN]

    def of_group(self, name: str) -> list[str]:
        """The line that opens a group at the top, with the comments above it and beside it."""
        for number, line in enumerate(self.lines, 1):
            if line.startswith(f"{name}:"):
                return [*self.above(Span("", number, 1)), f"{name}:{_behind(line, name)}"]
        return [f"{name}:"]

    def of_inner_group(self, name: str) -> str:
        """The line that opens a group within another, without its indentation."""
        found = (line.lstrip() for line in self.lines if line.lstrip().startswith(f"{name}:"))
        return f"{name}:{_behind(next(found, ''), name)}"

    def beside(self, place: Span, node: Node) -> str:
        """The comment behind a value that ends in the line of `place`, a blank before it."""
        last = _last_scalar(node)
        if last is None or last.span.line != place.line or not 0 < place.line <= len(self.lines):
            return ""
        rest = self.lines[place.line - 1][last.span.column - 1 + last.span.length :]
        shape = _BESIDE.fullmatch(rest)
        return f" {shape[1].rstrip()}" if shape else ""


def _behind(line: str, name: str) -> str:
    """The comment behind `name:`, a blank before it; "" where a value stands there."""
    rest = line.removeprefix(f"{name}:")
    return f" {rest.strip()}" if rest.lstrip().startswith("#") and rest != rest.lstrip() else ""


def _last_scalar(node: Node) -> Scalar | None:
    """The one that ends last; None where there is none."""
    while not isinstance(node, Scalar):
        inside = node.items if isinstance(node, Listing) else tuple(node.values.values())
        if not inside:
            return None
        node = inside[-1]
    return node


def in_one_line(node: Listing | Settings, place: Span) -> bool:
    """Whether the file has all of it in the line where its key is."""
    last = _last_scalar(node)
    return last is None or last.span.line == place.line
