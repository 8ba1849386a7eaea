"""A recipe of the docs, played: its files, its commands, and the ports of this run."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from tests.docs.pages import REPOSITORY, blocks

LANGUAGES = ("html", "ini", "js", "py", "sh", "shell", "ts", "yaml")
A_PORT = re.compile(r"\b(?:5173|8000|8080)\b")


class Recipe:
    """One section of a page of docs/recipes, with what stands at the page's top for all of them."""

    def __init__(self, page: str, heading: str) -> None:
        whole = [
            block
            for block in blocks(*LANGUAGES)
            if block.page == REPOSITORY / "docs/recipes" / f"{page}.md"
        ]
        top = f"Recipes: {page.replace('-', ' ')}"
        own = [block for block in whole if block.heading in (heading, top)]
        self._texts = {block.name: block.text for block in own if block.name}
        self._commands = [
            shlex.split(line)
            for block in own
            if not block.name and block.language in ("sh", "shell")
            for line in block.text.splitlines()
        ]
        self.policy = next((block.text for block in own if block.language == "yaml"), "")
        """The file that is called policy.yaml, where the recipe has one."""
        assert self._texts, f"there is no {heading} on {page}"

    def command(self, program: str) -> list[str]:
        """The arguments of the one command that begins with `program`."""
        (found,) = [words[1:] for words in self._commands if words[0] == program]
        return found

    def write(self, folder: Path, ports: Mapping[str, int]) -> None:
        """Every file of the recipe, in `folder`."""
        for name, text in self._texts.items():
            file = folder / name
            file.parent.mkdir(exist_ok=True, parents=True)
            file.write_text(on(ports, text))


def on(ports: Mapping[str, int], text: str) -> str:
    """`text` with the ports of this run."""
    return A_PORT.sub(lambda port: str(ports.get(port[0], port[0])), text)
