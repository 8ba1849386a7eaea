"""Values read from what was given, and the policy that some of them make."""

from collections import ChainMap
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from corsproxy.config.diagnostics import Advice
from corsproxy.config.inputs import Given
from corsproxy.config.kinds.cors import is_wildcard
from corsproxy.config.schema import Setting
from corsproxy.config.yaml_text.tree import Listing, Node, Notes
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

    def cors(self, inherited: "Cors | None" = None) -> "Cors":
        """The policy's settings alone, and for what they leave out the inherited ones."""
        base = inherited or Cors({}, {}, frozenset())
        own = {_name(key): value for key, value in self.values.items() if _in_cors(key)}
        unread = {_name(key) for key in self.unread if _in_cors(key)}
        places: dict[str, dict[str, Span]] = {}
        for key, span in self.spans.items():
            if _in_cors(key):
                name = _name(key)
                places.setdefault(name.partition(".")[0], {})[name] = span
        kept = base.unread - own.keys() - unread
        return Cors(base.values | own, base.places | places, kept | unread)


class Cors(NamedTuple):
    """The settings of a policy: values, those that could not be read, and the places of each.

    What is inherited is shared and not copied, so that many routes may inherit long lists.
    """

    values: dict[str, Any]
    places: dict[str, dict[str, Span]]
    unread: frozenset[str]

    def policy(self, notes: Notes) -> Policy | None:
        """The policy of these settings; None where a value is missing or they are not sound."""
        if self.unread:
            return None
        spans = ChainMap(*self.places.values())
        try:
            return Policy(**self.values, spans=spans)
        except PolicyError as error:
            for wrong in error.errors:
                fix = Advice(wrong.fix) if wrong.fix and " " in wrong.fix else wrong.fix
                notes.error("unsound-policy", spans[wrong.setting], wrong.message, fix)
            return None


def _in_cors(key: str) -> bool:
    return key.startswith("cors.")


def _name(key: str) -> str:
    return key.removeprefix("cors.")


def _spans(key: str, node: Node, place: Span) -> dict[str, Span]:
    """The places of a setting and of its elements, as Policy.spans counts them.

    A wildcard beside names is no name, so it does not count.
    """
    if not isinstance(node, Listing):
        return {key: node.span}
    counted = [item for item in node.items if not is_wildcard(item)] or node.items
    return {key: place} | {f"{key}.{i}": item.span for i, item in enumerate(counted)}
