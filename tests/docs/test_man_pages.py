"""The man pages say what the commands say today, and man can show them."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from corsproxy.cli import COMMANDS
from corsproxy.config.schema import SETTINGS
from tests.cli.tools import needed
from tests.docs.man_pages import EXIT_CODES, pages

MAN = Path(__file__).parents[2] / "man"
PAGES = pages()


def mandoc(*arguments: str) -> str:
    needed("mandoc")
    done = subprocess.run(["mandoc", *arguments], capture_output=True, text=True, check=False)
    return done.stdout


def shown(name: str) -> str:
    """The page as a reader sees it, on one line."""
    return " ".join(re.sub(r".\x08", "", mandoc("-T", "ascii", str(MAN / name))).split())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(MAN / name, PAGES[name])


def test_there_is_a_page_for_each_command_and_no_other() -> None:
    assert {f"{path.parent.name}/{path.name}" for path in MAN.glob("*/*")} == set(PAGES)
    assert {f"man1/corsproxy-{name}.1" for name in COMMANDS} < set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_man_finds_nothing_to_warn_of(name: str) -> None:
    told = mandoc("-T", "lint", "-W", "warning", str(MAN / name))
    assert [line for line in told.splitlines() if "missing date" not in line] == []


def test_the_page_of_run_tells_each_setting_with_its_variable() -> None:
    text = PAGES["man1/corsproxy-run.1"].replace("\\-", "-")
    missing = [one for one in SETTINGS if f"--{one.flag}" not in text or one.variable not in text]
    assert missing == []


def test_the_page_of_the_policy_tells_each_setting() -> None:
    text = PAGES["man5/corsproxy-policy.5"].replace("\\-", "-")
    assert [one.key for one in SETTINGS if f"\\fB{one.key}\\fR" not in text] == []


def test_the_page_of_the_program_tells_each_exit_code_as_the_docs_do() -> None:
    told = (MAN.parent / "docs" / "cli.md").read_text()
    assert [code for code in EXIT_CODES if f"| {code} |" not in told] == []


def test_what_is_escaped_reads_as_it_should() -> None:
    assert "--diff" not in PAGES["man1/corsproxy-lint.1"]  # its hyphens are no word's
    assert "--format [text|json|github|sarif]" in shown("man1/corsproxy-lint.1")
