"""The documentation's blocks of code work: they are run, loaded, or at least understood."""

import contextlib
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from corsproxy.cli import COMMANDS, commands
from corsproxy.config.loading import load_text
from corsproxy.config.schema import SETTINGS
from tests.docs.pages import REPOSITORY, Block, blocks

FOR_CI = {"jobs", "repos"}
PEM = REPOSITORY / "tests" / "cases" / "lint" / "pem"
PORTS = {"CORSPROXY_LISTEN": "127.0.0.1:0", "CORSPROXY_ADMIN": "127.0.0.1:0"}
HAR = REPOSITORY / "tests" / "cases" / "recorded" / "page.har"
NOT_HERE = {"probe", "verify", "demo", "learn", "trust"}
"""Commands that need a server, or change what this machine trusts: tests of their own run them;
here their words are read."""


def place(block: Block) -> str:
    return block.place


def started(arguments: list[str], folder: Path, **streams: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "corsproxy", *arguments]
    serves = "stdout" not in streams  # what is printed has the ports that a user has
    environ = os.environ | (PORTS if serves else {}) | {"COLUMNS": "80", "NO_COLOR": "1"}
    environ["XDG_DATA_HOME"] = str(folder)  # the authority of `tls: auto` is made there
    return subprocess.Popen(command, cwd=folder, env=environ, text=True, **streams)


def run_corsproxy(arguments: list[str], folder: Path) -> None:
    name = arguments[0] if arguments[:1] and arguments[0] in COMMANDS else "run"
    if name in NOT_HERE:
        commands.make_context("corsproxy", list(arguments), resilient_parsing=True)
        return
    with started(arguments, folder, stderr=subprocess.PIPE) as program:
        assert program.stderr is not None
        told = ""
        if name == "run":
            for line in program.stderr:
                told += line
                if "listening on" in line:
                    program.terminate()
                    break
        told += program.stderr.read()
    assert program.returncode == 0, told


def run_make(arguments: list[str], _: Path) -> None:
    targets = re.findall(r"^(\w+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert {word for word in arguments if "=" not in word} <= set(targets)


def run_docker(arguments: list[str], _: Path) -> None:
    """No engine is at hand: the files and build arguments that are named exist."""
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    for word, value in itertools.pairwise(arguments):
        if word == "-f":
            assert (REPOSITORY / value).is_file()
        if word == "--build-arg":
            assert f"ARG {value.partition('=')[0]}" in dockerfile


def run_installer(arguments: list[str], _: Path) -> None:
    """Only a clone is installed from: tests/packaging does it with each of them."""
    *words, source = arguments[: arguments.index(".") + 1]
    assert (words, source) in ([(["install"], "."), (["tool", "install"], "."), (["--from"], ".")])


RUNNERS: dict[str, Callable[[list[str], Path], None]] = {
    "corsproxy": run_corsproxy,
    "docker": run_docker,
    "make": run_make,
    **dict.fromkeys(("pip", "pipx", "uv", "uvx"), run_installer),
}


def with_files(block: Block, folder: Path) -> Path:
    """`folder` with the page's blocks that name a file, and a HAR."""
    shutil.copy(HAR, folder)
    for other in blocks("json", "yaml"):
        if other.page == block.page and other.name:
            (folder / other.name).write_text(other.text)
    for other in blocks("yaml"):
        if other.page == block.page and (named := re.match(r"# (\S+\.yaml)\b", other.text)):
            (folder / named[1]).write_text(other.text)
    return folder


@pytest.mark.parametrize("block", blocks("shell"), ids=place)
def test_each_command_of_a_shell_block_works(block: Block, tmp_path: Path) -> None:
    folder = with_files(block, tmp_path)
    for line in block.text.replace("\\\n", " ").splitlines():
        if words := shlex.split(line, comments=True):
            RUNNERS[words[0]](words[1:], folder)


@pytest.mark.parametrize("block", blocks("console"), ids=place)
def test_each_command_of_a_console_block_prints_what_stands_below_it(
    block: Block, tmp_path: Path, golden: Callable[[Path, str], None]
) -> None:
    folder = with_files(block, tmp_path)
    printed = ""
    for command in re.findall(r"^\$ (.*)$", block.text, re.MULTILINE):
        program, *arguments = shlex.split(command, comments=True)
        assert program == "corsproxy"
        with started(arguments, folder, stdout=subprocess.PIPE) as running:
            printed += f"$ {command}\n{running.communicate()[0]}"
    golden(block.page, block.page.read_text(encoding="utf-8").replace(block.text, printed))


@pytest.mark.parametrize("block", blocks("python"), ids=place)
def test_each_python_block_runs_and_prints_what_its_comments_say(
    block: Block, tmp_path: Path
) -> None:
    program = [sys.executable, "-W", "error", "-c", block.text]
    environ = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    folder = with_files(block, tmp_path)
    done = subprocess.run(
        program, cwd=folder, env=environ, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = re.findall(r"print\(.*\)  # (.*)$", block.text, re.MULTILINE)
    assert done.stdout.splitlines() == said


POLICY_FILES = [block for block in blocks("yaml") if not block.name]
"""Blocks whose name stands beside `yaml` are other programs' files, for an import."""


@pytest.mark.parametrize("block", POLICY_FILES, ids=place)
def test_each_yaml_block_loads_without_a_mistake_or_a_warning(block: Block) -> None:
    given = yaml.safe_load(block.text)
    if FOR_CI & given.keys():
        return  # tests/packaging plays them
    if "services" in given:
        known = {setting.variable for setting in SETTINGS}
        assert set(given["services"]["corsproxy"].get("environment", ())) <= known
        return
    text = block.text if "upstream" in given else f"upstream: http://127.0.0.1:8000\n{block.text}"
    with contextlib.chdir(PEM):  # where the certificates are that a block names
        assert load_text(text.encode(), block.place, {}, {}, offline=True).warnings == []
