"""The page of the pytest plugin: its project as a folder, and what a failing test prints."""

import contextlib
import tempfile
from pathlib import Path

from corsproxy.testing import running_gateway
from tests.docs.pages import REPOSITORY, blocks
from tests.testing.apps import wsgi

PAGE = REPOSITORY / "docs" / "pytest.md"


def project(folder: Path) -> None:
    """Write the page's policy, configuration and tests where they say they are."""
    own = [block for block in blocks("py", "toml", "yaml") if block.page == PAGE]
    for block in own:
        (folder / (block.name or "policy.yaml")).write_text(block.text)


def failure() -> str:
    """The message of an assertion that does not hold by the page's policy."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        project(Path(folder))
        try:
            with running_gateway(wsgi, "policy.yaml") as gateway:
                gateway.assert_readable("https://app.example.com", "DELETE", "/users/7")
        except AssertionError as error:
            lines = f"AssertionError: {error}".splitlines()
            told = "".join(f"E   {line}".rstrip() + "\n" for line in lines)
            return f"```text\n{told}```\n"
    raise AssertionError("the page reads it")
