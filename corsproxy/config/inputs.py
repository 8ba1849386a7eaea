"""What was given, from file, variables and flags, as one table of nodes by key.

A flag wins over a variable, a variable over the file; the key's node is replaced as a whole.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from corsproxy.config import replaced_lists
from corsproxy.config.diagnostics import Advice
from corsproxy.config.kinds.cors import is_wildcard
from corsproxy.config.kinds.kind import closest_word, list_nodes
from corsproxy.config.schema import GROUPS, SETTINGS, VARIABLES, Setting, known_keys
from corsproxy.config.yaml_text.tree import Listing, Node, Notes, Scalar, Settings
from corsproxy.cors.span import Span
from corsproxy.cors.yaml_scalar import as_yaml

OTHER_VARIABLES = frozenset({"CORSPROXY_CONFIG"})
"""Variables that the command line reads itself."""

_PREFIX = "CORSPROXY_"
_MAX_SHOWN = 200
"""Characters of a value that is repeated in a fix."""

_SERVICE_LINK = re.compile(r"CORSPROXY(_[A-Z0-9_]+)?_(SERVICE_|PORT(_|$))|CORSPROXY_PORT(_|$)")
"""What Kubernetes and Docker links set for a service that is called corsproxy."""


@dataclass(slots=True)
class Given:
    """Nodes by key ("timeouts.head"), and the place of each key."""

    nodes: dict[str, Node] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)

    def put(self, key: str, node: Node, place: Span) -> None:
        """Set `key`, whatever was there before."""
        self.nodes[key] = node
        self.places[key] = place


def from_tree(
    root: Settings, table: tuple[Setting, ...], notes: Notes, *, also: Sequence[str] = ()
) -> Given:
    """The settings of `table` that stand below `root`; unknown keys are noted.

    A key of `also` is taken as it is.
    """
    given = Given()
    _take(root, "", given, table, notes, also=also)
    return given


def _take(
    settings: Settings,
    group: str,
    given: Given,
    table: tuple[Setting, ...],
    notes: Notes,
    *,
    also: Sequence[str] = (),
) -> None:
    """The settings of one group, and of the groups in it."""
    where = f" in {group}" if group else ""
    for name, node in _known(settings, [*known_keys(table, group), *also], where, table, notes):
        key = f"{group}.{name}" if group else name
        if key not in GROUPS or key in also:
            given.put(key, node, settings.keys[name])
        elif not isinstance(node, Settings) and any(setting.key == key for setting in table):
            given.put(key, node, settings.keys[name])  # the group's short form
        elif isinstance(node, Settings):
            _take(node, key, given, table, notes)
        else:
            message = f"expected lines of `key: value` below {key}"
            notes.error("expected-mapping", node.span, message)


def _known(
    settings: Settings, known: list[str], where: str, table: tuple[Setting, ...], notes: Notes
) -> Iterator[tuple[str, Node]]:
    for key, node in settings.values.items():
        if key in known:
            yield key, node
        else:
            message = f"no setting is called {key!r}{where}"
            fix = None
            if not notes.full:
                fix = _meant(key, node, settings, table) or closest_word(key, known)
            notes.error("unknown-key", settings.keys[key], message, fix)


_ELSEWHERE = {
    "upstream": "backend forward_to proxy proxy_pass server target to url",
    "listen": "address bind host port",
    "cors.allow_origins": "allow_origin allowed_origins origin origins",
    "cors.allow_methods": "allow_method allowed_methods method methods",
    "cors.allow_headers": "allow_header allowed_headers header headers",
    "cors.expose_headers": "expose_header exposed_headers",
    "cors.allow_credentials": "allow_credential credentials supports_credentials",
    "cors.max_age": "maxage",
}
"""Settings by what other tools call them, in small letters and with `_` between words."""

_FOREIGN = {word: key for key, words in _ELSEWHERE.items() for word in words.split()}
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|-")


def _meant(key: str, node: Node, settings: Settings, table: tuple[Setting, ...]) -> str | None:
    """The setting that was meant by `key`, with its value where that is short.

    It may stand in the wrong group, or be called so by another tool.
    """
    word = _CAPITAL.sub("_", key).lower()
    found = [setting for setting in table if setting.key.rpartition(".")[2] == word]
    foreign = _FOREIGN.get(word)
    if foreign is not None:
        found = [setting for setting in table if setting.key == foreign]
    if len(found) != 1:  # `set` stands in several groups
        return None
    *groups, name = found[0].key.split(".")
    value = _as_yaml(node)
    if found[0].kind.many and isinstance(node, Scalar):
        value = f"[{value}]"
    if groups and groups[0] in settings.values:  # it may be there once only
        return Advice(f"{name}: {value}, below {'.'.join(groups)}")
    if not groups:
        return Advice(f"{name}: {value}" if foreign else f"{name} stands at the top")
    for inner in (name, *groups[:0:-1]):
        value = f"{{{inner}: {value}}}"
    return Advice(f"{groups[0]}: {value}")


def _as_yaml(node: Node) -> str:
    items = node.items if isinstance(node, Listing) else (node,)
    texts = [_spelled(item) for item in items if isinstance(item, Scalar)]
    if len(texts) < len(items) or sum(map(len, texts)) > _MAX_SHOWN:
        return "..."
    return f"[{', '.join(texts)}]" if isinstance(node, Listing) else texts[0]


def _spelled(scalar: Scalar) -> str:
    return as_yaml(scalar.text) if scalar.type in ("str", None) else scalar.text


def overlay(
    given: Given, environ: Mapping[str, str], flags: Mapping[str, Any], notes: Notes
) -> None:
    """Put variables over what `given` has, and flags over these. An empty variable is none."""
    variables: dict[str, Node] = {}
    flagged: dict[str, Node] = {}
    for setting in SETTINGS:
        if text := environ.get(setting.variable):
            span = Span(setting.variable)
            variables[setting.key] = Scalar(_plain(text, setting, span, notes), span)
        value = flags.get(setting.key)
        if value is not None and value != ():
            span = Span(f"--{setting.flag}")
            if isinstance(value, tuple) and not setting.kind.lines:
                value = tuple(part for text in value for part in _apart(str(text), span, notes))
            flagged[setting.key] = _from_flag(value, span)
    for nodes in (variables, flagged):
        replaced_lists.note(given.nodes, nodes, notes)
        _put_over(given, nodes)
    _note_unknown_variables(environ, notes)


def _put_over(given: Given, nodes: Mapping[str, Node]) -> None:
    """Put `nodes` over what `given` has: the short form of a group over its long one, and back."""
    for key, node in nodes.items():
        group = key.rpartition(".")[0]
        excluded = [group, *(other for other in given.nodes if other.startswith(f"{key}."))]
        for other in excluded:
            if other not in nodes:
                given.nodes.pop(other, None)
        given.put(key, node, node.span)


def _plain(text: str, setting: Setting, span: Span, notes: Notes) -> str:
    """The value of a variable; quotes and brackets that no shell took away are told."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        message = "the quotes are part of the value: `docker run --env-file` keeps them"
        notes.error("quoted-variable", span, message, text[1:-1])
        return text[1:-1]
    if setting.kind.many and text.startswith("["):
        with suppress(ValueError):
            found = json.loads(text)
            if all(isinstance(element, str) for element in found):
                message = "a list in a variable is separated by commas, and no JSON"
                notes.error("json-in-variable", span, message, ",".join(found))
                return ",".join(found)
    return text


def _apart(text: str, span: Span, notes: Notes) -> list[str]:
    """The values in one flag: several are told, since a comma may be part of a regex."""
    parts = [part for part in map(str.strip, text.split(",")) if part]
    if len(parts) < 2 or text.startswith("regex:"):
        return [text]
    message = f"{span} takes one value, and is repeated for more"
    notes.error("several-in-one-flag", span, message, replaced_lists.repeated(span, parts))
    return parts


def _from_flag(value: Any, span: Span) -> Node:
    if isinstance(value, tuple):
        return Listing(tuple(Scalar(str(text), span) for text in value), span)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return Scalar(text, span)


def _note_unknown_variables(environ: Mapping[str, str], notes: Notes) -> None:
    known = VARIABLES | OTHER_VARIABLES
    words = [name.removeprefix(_PREFIX) for name in known]
    for name in sorted(environ):
        if name.startswith(_PREFIX) and name not in known and not _SERVICE_LINK.match(name):
            message = f"no setting reads the variable {name}"
            word = closest_word(name.removeprefix(_PREFIX), words)  # alike beyond what all share
            fix = f"{_PREFIX}{word}" if word else None
            notes.warning("unknown-variable", Span(name), message, fix)


def add_quick_policy(given: Given) -> None:
    """Without a file, origins alone are given every method, name and response, and credentials.

    Once a list of methods or names is given too, a policy is meant, and what is left out is not
    allowed. Credentials stay off for `*`, which no browser accepts together with them.
    """
    lists = ("cors.allow_methods", "cors.allow_headers", "cors.expose_headers")
    origins = given.nodes.get("cors.allow_origins")
    if origins is None or not given.nodes.keys().isdisjoint(lists):
        return
    place = given.places["cors.allow_origins"]
    for key, names in zip(lists, (["*"], ["*", "authorization"], ["*"]), strict=True):
        given.put(key, Listing(tuple(Scalar(name, place) for name in names), place), place)
    if "cors.allow_credentials" not in given.nodes:
        # What came from a flag or a variable is a list, or a text with commas: never a mistake.
        any_origin = any(map(is_wildcard, list_nodes(origins, "a list of origins")))
        credentials = "false" if any_origin else "true"
        given.put("cors.allow_credentials", Scalar(credentials, place), place)
