"""corsproxy completion: the script of each shell, and what the real shells make of it."""

import subprocess
from pathlib import Path

import pytest

from corsproxy.cli.shell_completion import SHELLS, script
from tests.cli.program import corsproxy
from tests.cli.terminal import Terminal, folder_with_corsproxy
from tests.cli.tools import needed

CHECKED = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}
LOADED = {
    "bash": 'eval "$(corsproxy completion bash)"',
    "zsh": 'autoload -U compinit; compinit -u -D; eval "$(corsproxy completion zsh)"',
}
STARTED = {"bash": ("bash", "--norc", "--noprofile", "-i"), "zsh": ("zsh", "-f", "-i")}
POLICY = """
upstream: http://127.0.0.1:8000
cors: {allow_origins: ["https://shop.test", "http://localhost:5173"]}
routes: [{path: /billing/}]
"""
LINES = [
    pytest.param("corsproxy lin\t", "corsproxy lint ", id="a command"),
    pytest.param("corsproxy --mod\t", "corsproxy --mode ", id="a flag of run"),
    pytest.param("corsproxy run --mode enf\t", "--mode enforce ", id="a word"),
    pytest.param("corsproxy run --mode=enf\t", "--mode=enforce ", id="a word behind ="),
    pytest.param("corsproxy export ngi\t", "export nginx ", id="a gateway"),
    pytest.param("corsproxy export nginx --as con\t", "--as conf.d ", id="a form of it"),
    pytest.param("corsproxy lint po\t", "lint policy.yaml ", id="a file"),
    pytest.param("corsproxy -c po\t", "-c policy.yaml ", id="a policy"),
    pytest.param("corsproxy --config=po\t", "--config=policy.yaml ", id="a policy behind ="),
    pytest.param(
        "corsproxy --allow-origin http://localhost:51\t",
        "http://localhost:5173 ",
        id="a value with colons",
    ),
    pytest.param(
        "corsproxy --allow-origin 'http://localhost:51\t", "'http://localhost:5173' ", id="quoted"
    ),
    pytest.param(
        "corsproxy explain -c policy.yaml --origin https\t",
        "--origin https://shop.test ",
        id="an origin of the policy",
    ),
    pytest.param("corsproxy explain -c policy.yaml /b\t", " /billing/ ", id="a route's path"),
    pytest.param("corsproxy -c policy.yaml --log-level err\t", "error ", id="without a command"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    return folder_with_corsproxy(tmp_path)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed_as_it_is_shipped(shell: str) -> None:
    done = corsproxy("completion", shell)
    assert (done.returncode, done.stdout) == (0, script(shell))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_finds_no_fault_with_its_script(shell: str) -> None:
    needed(shell)
    done = subprocess.run(
        CHECKED[shell], input=script(shell), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("typed", "completed"), LINES)
@pytest.mark.parametrize("shell", STARTED)
def test_a_shell_completes_what_is_typed(
    shell: str, typed: str, completed: str, folder: Path
) -> None:
    needed(shell)
    with Terminal(STARTED[shell], folder) as terminal:
        terminal.enter(f"{LOADED[shell]}; PS1='re''ady> '")
        terminal.wait_for("ready> ")
        terminal.type(typed)
        terminal.wait_for(completed)


@pytest.mark.parametrize(
    ("shell", "place", "loaded"),
    [
        ("bash", "corsproxy", "source ./shipped/corsproxy"),
        ("zsh", "_corsproxy", "fpath=(./shipped $fpath); autoload -U compinit; compinit -u -D"),
    ],
)
def test_a_script_that_is_shipped_is_loaded_from_its_folder(
    shell: str, place: str, loaded: str, folder: Path
) -> None:
    needed(shell)
    shipped = folder / "shipped" / place
    shipped.parent.mkdir()
    shipped.write_text(script(shell))
    with Terminal(STARTED[shell], folder) as terminal:
        terminal.enter(f"{loaded}; PS1='re''ady> '")
        terminal.wait_for("ready> ")
        for _ in range(2):  # the first time the function is loaded
            terminal.type("corsproxy lin\t")
            terminal.wait_for("corsproxy lint ")
            terminal.enter("")
            terminal.wait_for("ready> ")


@pytest.mark.parametrize(("typed", "completed"), LINES)
def test_fish_completes_what_is_typed(typed: str, completed: str, folder: Path) -> None:
    needed("fish")
    program = 'corsproxy completion fish | source; complete --do-complete "$argv"'
    line = typed.removesuffix("\t").replace("'", "")
    done = subprocess.run(
        ["fish", "--no-config", "-c", program, line],
        cwd=folder,
        env=Terminal.environ(folder),
        capture_output=True,
        text=True,
        check=True,
    )
    words = [answer.partition("\t")[0] for answer in done.stdout.splitlines()]
    assert words == [completed.rsplit(maxsplit=1)[-1].replace("'", "")]


def test_nothing_is_completed_behind_a_word_that_is_no_command(folder: Path) -> None:
    environ = {"COMP_LINE": "corsproxy lnt ", "_CORSPROXY_COMPLETE": "bash_complete"}
    done = corsproxy(environ=environ)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
