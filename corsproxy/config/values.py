"""Values read from what was given, and the policy that some of them make."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from corsproxy.config.cors_kinds import is_wildcard
from corsproxy.config.given import Given
from corsproxy.config.schema import Setting
from corsproxy.config.tree import Listing, Node, Notes
from corsproxy.cors.policy import Policy, PolicyError
from corsproxy.cors.span import Span


@dataclass(slots=True)
class Values:
    """Values by key, the places they came from, and the keys whose value could not be read."""

    values: dict[str, Any] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, given: Given, table: Iterable[Setting], notes: Notes) -> Self:
        """What the settings of `table` make of what was given; mistakes are noted."""
        found = cls()
        for setting in table:
            node = given.nodes.get(setting.key)
            if node is None:
                continue
            found.unread.add(setting.key)
            found.spans |= _spans(setting.key, node, given.places[setting.key])
            with notes.at(node.span):
                found.values[setting.key] = setting.kind.read(node, notes)
                found.unread.discard(setting.key)
        return found

    def group(self, name: str) -> dict[str, Any]:
        """The values of one group by their names in it; of the top for ""."""
        return {
            key.rpartition(".")[2]: value
            for key, value in self.values.items()
            if key.rpartition(".")[0] == name
        }

    def cors(self, inherited: "Values | None" = None) -> "Values":
        """The policy's settings alone, and for what they leave out the inherited ones."""
        base = inherited or Values()
        own = {key: value for key, value in self.values.items() if _in_cors(key)}
        unread = {key for key in self.unread if _in_cors(key)}
        given = own.keys() | unread
        kept = {key: s for key, s in base.spans.items() if _setting(key) not in given}
        spans = {key: s for key, s in self.spans.items() if _in_cors(key)}
        return Values(base.values | own, kept | spans, (base.unread - given) | unread)

    def policy(self, notes: Notes) -> Policy | None:
        """The policy of these settings; None where a value is missing or they are not sound."""
        if any(_in_cors(key) for key in self.unread):
            return None
        spans = {key.removeprefix("cors."): s for key, s in self.spans.items() if _in_cors(key)}
        try:
            return Policy(**self.group("cors"), spans=spans)
        except PolicyError as error:
            notes.error("unsound-policy", spans[error.setting], error.message, error.fix)
            return None


def _in_cors(key: str) -> bool:
    return key.startswith("cors.")


def _setting(key: str) -> str:
    """The setting that the key of an element belongs to: "cors.x" for "cors.x.0"."""
    return ".".join(key.split(".")[:2])


def _spans(key: str, node: Node, place: Span) -> dict[str, Span]:
    """The places of a setting and of its elements, as Policy.spans counts them.

    A wildcard beside names is no name, so it does not count.
    """
    if not isinstance(node, Listing):
        return {key: node.span}
    counted = [item for item in node.items if not is_wildcard(item)] or node.items
    return {key: place} | {f"{key}.{i}": item.span for i, item in enumerate(counted)}
