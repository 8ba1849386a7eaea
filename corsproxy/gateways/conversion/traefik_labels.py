"""Labels of a compose file, as Traefik reads them: a tree of settings, one line for each leaf.

Lists are texts with commas, keys are read in any case, and compose makes one `$` of two.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.located_yaml import Located

_BEGIN = "traefik.http."
_ROOT = f"{_BEGIN}middlewares"
_LISTS = ("alloworiginlist", "alloworiginlistregex", "allowmethods", "allowheaders")
_LIST_KEYS = frozenset(f"accesscontrol{name}" for name in (*_LISTS, "exposeheaders"))


def as_labels(name: str, headers: Mapping[str, Any]) -> dict[str, str]:
    """The headers middleware called `name`, for the `labels` of a service."""
    begin = f"{_ROOT}.{name}.headers"
    return {f"{begin}.{key}": text.replace("$", "$$") for key, text in _leaves(headers)}


def _leaves(headers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in headers.items():
        if isinstance(value, Mapping):
            yield from ((f"{key.lower()}.{name}", text) for name, text in value.items())
        elif isinstance(value, list):
            yield key.lower(), ",".join(value)
        else:
            yield key.lower(), str(value).lower()


def dynamic(root: Located, source: str) -> Located | None:
    """What labels anywhere in `root` say, as the tree that a file has below `http`."""
    found: _Tree = {}
    for node in root.everything():
        if labels := node.get("labels"):
            for key, text, span in _pairs(labels):
                if key.lower().startswith(_BEGIN):
                    _put(found, key[len(_BEGIN) :], text.replace("$$", "$"), span)
    return Located(_mapping(found), source) if found else None


def _put(tree: "_Tree", key: str, text: str, span: Span) -> None:
    """Give a leaf of the tree this text."""
    *groups, name = key.lower().split(".")
    for group in groups:
        below = tree.setdefault(group, {})
        if not isinstance(below, dict):
            return
        tree = below
    tree[name] = _node(name, text, span)


def _pairs(labels: Located) -> Iterator[tuple[str, str, Span]]:
    """Key, value and place of each, from a mapping or from a list of `key=value`."""
    for key in labels.keys:
        if (value := labels.get(key)) and value.text is not None:
            yield key, value.text, value.span
    for item in labels.items or []:
        key, _, text = (item.text or "").partition("=")
        yield key, text, item.span


def _node(setting: str, text: str, span: Span) -> yaml.Node:
    mark = yaml.Mark(span.source, 0, span.line - 1, span.column - 1, None, 0)
    if setting.lower() not in _LIST_KEYS:
        return yaml.ScalarNode(_STRING, text, mark)
    entries = [entry.strip() for entry in text.split(",")]
    nodes = [yaml.ScalarNode(_STRING, entry, mark) for entry in entries if entry]
    return yaml.SequenceNode(_SEQUENCE, nodes, mark)


def _mapping(tree: "_Tree") -> yaml.MappingNode:
    pairs = [
        (yaml.ScalarNode(_STRING, key), _mapping(one) if isinstance(one, dict) else one)
        for key, one in tree.items()
    ]
    return yaml.MappingNode(_MAPPING, pairs, pairs[0][1].start_mark)


_Tree = dict[str, "yaml.Node | _Tree"]

_STRING = "tag:yaml.org,2002:str"
_SEQUENCE = "tag:yaml.org,2002:seq"
_MAPPING = "tag:yaml.org,2002:map"
