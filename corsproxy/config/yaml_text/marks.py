"""Where the text of a composed YAML node begins and ends, counted in characters."""

import yaml


def start_of(node: yaml.Node) -> int:
    """The place of its first character."""
    assert node.start_mark is not None
    return node.start_mark.index


def end_of(node: yaml.Node) -> int:
    """The place behind its last character. A block's own mark is at what follows it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return end_of(last[1] if isinstance(last, tuple) else last)
    assert node.end_mark is not None
    return node.end_mark.index
