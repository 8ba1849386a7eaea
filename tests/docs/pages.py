"""The pages of the documentation: their blocks of code, and the parts that a program writes.

A written part stands between two comments:

    <!-- written: settings -->
    ...
    <!-- end -->
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])

_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_WRITTEN = re.compile(r"(<!-- written: (.+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


class Block(NamedTuple):
    """One block of code, the page and line where it starts, and the heading above it.

    `name` is the file that it stands for, where its first line says one (```json api.json).
    """

    page: Path
    line: int
    heading: str
    language: str
    text: str
    name: str = ""

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(REPOSITORY)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Every block of these languages, in all pages."""
    found = []
    for page in PAGES:
        text = page.read_text()
        for block in _BLOCK.finditer(text):
            above = text[: block.start()]
            headings = re.findall(r"^#+ (.*)$", _FENCED.sub("", above), re.MULTILINE)
            place = (page, above.count("\n") + 1, headings[-1] if headings else "")
            if block[1] in languages:
                found.append(Block(*place, block[1], block[3], block[2] or ""))
    return found


def rewritten(text: str, write: Callable[[str], str]) -> str:
    """`text` with each written part as `write` makes it from its name."""
    return _WRITTEN.sub(lambda part: f"{part[1]}{write(part[2])}{part[4]}", text)
