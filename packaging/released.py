"""Whether a tag may be released: `released.py v1.0.0` says what disagrees, and exits 1."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def disagreements(tag: str, version: str, changelog: str) -> list[str]:
    """What stands against publishing `tag`; nothing where it may be."""
    wrong = []
    if tag != f"v{version}":
        wrong.append(f"the tag is {tag}, and corsproxy/__init__.py says {version}")
    if not re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE
    ):
        wrong.append(f"CHANGELOG.md has no section '## [{version}] - YYYY-MM-DD'")
    return wrong


if __name__ == "__main__":
    source = (ROOT / "corsproxy" / "__init__.py").read_text()
    [version] = re.findall(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    found = disagreements(sys.argv[1], version, (ROOT / "CHANGELOG.md").read_text())
    sys.exit("\n".join(found) or None)
