"""Texts as YAML spells them."""

import json
import re

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./+-]*(?:(?::|://)[A-Za-z0-9_./+-]+)*")
_NOT_TEXT = re.compile(r"true|false|yes|no|on|off|y|n|null|[0-9].*", re.IGNORECASE)


def as_yaml(text: str) -> str:
    """`text` as a YAML scalar that every reader takes for text; quoted where it has to be."""
    if _PLAIN.fullmatch(text) and not _NOT_TEXT.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())
