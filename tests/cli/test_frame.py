"""The frame of the command line: commands, exit codes, and what is imported for them."""

import json
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

import click
import pytest

from corsproxy.cli import COMMANDS
from tests.cli.program import corsproxy


def test_the_version_is_the_package_s() -> None:
    assert corsproxy("--version").stdout == f"corsproxy {version('corsproxy')}\n"


def test_help_names_each_command() -> None:
    done = corsproxy("--help")
    assert done.returncode == 0
    for name, meaning in COMMANDS.items():
        assert name in done.stdout
        assert meaning.split()[0] in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_there(name: str) -> None:
    command = import_module(f"corsproxy.cli.{name}").command
    assert isinstance(command, click.Command)
    assert command.name == name


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(["lnt"], 2, "fix: corsproxy lint", id="no such command"),
        pytest.param(["help"], 2, "fix: corsproxy --help", id="help as a command"),
        pytest.param(["check", "x"], 2, "fix: corsproxy lint", id="another tool's command"),
        pytest.param(["zzz"], 2, "no command is called 'zzz'", id="nothing near"),
        pytest.param(["lint"], 2, "FILE", id="an argument is missing"),
        pytest.param(["lint", "--fromat", "json", "x"], 2, "--format", id="no such flag"),
        pytest.param(["--upstrem", "x"], 2, "--upstream", id="no such flag of run"),
        pytest.param(["p.yaml"], 2, "fix: corsproxy run -c p.yaml\n", id="a file for a command"),
        pytest.param(["run", "p.yaml"], 2, "fix: -c p.yaml\n", id="a file without its flag"),
        pytest.param(["run", "other"], 2, "extra argument (other)\n", id="a word too many"),
        pytest.param(
            ["--allow-credentials", "true"], 2, "fix: --allow-credentials\n", id="a switch's true"
        ),
        pytest.param(["--fast-lane", "False"], 2, "fix: --no-fast-lane\n", id="a switch's false"),
        pytest.param(
            ["--allow-origin", "README.md", "docs"],
            2,
            "fix: --allow-origin '*'\n",
            id="a bare star",
        ),
        pytest.param([], 1, "no-upstream", id="run without an upstream"),
        pytest.param(["--allow-origin", "http://a.test/"], 1, "[not-an-origin]", id="a mistake"),
        pytest.param(["run", "-c", "none.yaml"], 3, "none.yaml: No such file", id="no such file"),
        pytest.param(["run", "-c", "/"], 3, "/: Is a directory", id="a directory"),
    ],
)
def test_a_user_s_mistake_has_its_exit_code_and_no_traceback(
    arguments: list[str], code: int, told: str
) -> None:
    done = corsproxy(*arguments)
    assert done.returncode == code
    assert told in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    ["--version", "--help", "lint tests/cases/lint/good/minimal.yaml", "schema"],
)
def test_commands_without_a_server_import_none(arguments: str) -> None:
    program = (
        "import sys\n"
        "from corsproxy.cli import main\n"
        f"try: main({arguments.split()!r})\n"
        "except SystemExit as end: assert not end.code\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert loaded & {"aiohttp", "asyncio", "publicsuffixlist", "idna"} == set()


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    line = f"{sys.executable} -m corsproxy schema | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_a_terminal_without_unicode_shows_escapes() -> None:
    environ = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = corsproxy("lint", "--format", "json", "-", stdin="ü: 1\n".encode(), environ=environ)
    assert json.loads(done.stdout)[0]["message"] == "no setting is called 'ü'"
    done = corsproxy("lint", "-", stdin="ü: 1\n".encode(), environ=environ)
    assert r"\xfc" in done.stdout
    assert done.returncode == 1
