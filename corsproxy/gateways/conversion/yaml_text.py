"""Values as YAML, in the order in which they were put together."""

from typing import Any

import yaml


def as_text(value: Any, title: str) -> str:
    """`value` as YAML below a comment that says what it is."""
    written = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000)
    return f"# {title}\n{written}"
