"""The words that a shell is told, and how its line is read."""

import pytest

from corsproxy.cli.shell_completion import SHELLS, Line
from tests.cli.program import corsproxy


def told(line: str, shell: str = "bash", **environ: str) -> list[list[str]]:
    asked = {"COMP_LINE": line, "_CORSPROXY_COMPLETE": f"{shell}_complete", **environ}
    done = corsproxy(environ=asked)
    assert (done.returncode, done.stderr) == (0, "")
    return [answer.split("\t") for answer in done.stdout.splitlines() if answer]


def words(line: str, shell: str = "bash", **environ: str) -> list[str]:
    return [answer[1] for answer in told(line, shell, **environ)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("corsproxy ", Line(["corsproxy"], "", False), id="a new word"),
        pytest.param("corsproxy li", Line(["corsproxy"], "li", False), id="a word begun"),
        pytest.param("c -c 'a b", Line(["c", "-c"], "a b", True), id="a quote that is open"),
        pytest.param('c "a b" d', Line(["c", "a b"], "d", False), id="a quote that is closed"),
        pytest.param("c a\\ b", Line(["c"], "a b", False), id="an escape"),
        pytest.param("c #x", Line(["c"], "#x", False), id="no comment"),
    ],
)
def test_a_line_is_cut_into_words_as_a_shell_does(text: str, read: Line) -> None:
    assert Line.read(text) == read


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_are_told_with_what_they_mean(shell: str) -> None:
    answers = told("corsproxy l", shell)
    assert [answer[:2] for answer in answers] == [["plain", "lint"], ["plain", "learn"]]
    assert answers[0][2].startswith("Check policy files")


def test_flags_of_run_are_told_without_a_command() -> None:
    assert words("corsproxy --allow-cr") == ["--allow-credentials"]
    assert {"-V", "--version", "-h", "--help", "--mode"} <= set(words("corsproxy -"))


def test_a_flag_that_is_not_shown_is_not_told() -> None:
    assert words("corsproxy healthcheck --ups") == []
    assert words("corsproxy healthcheck --adm") == ["--admin"]


def test_a_flag_is_told_once_unless_it_may_be_repeated() -> None:
    assert words("corsproxy --mode add --mod") == []
    assert words("corsproxy --allow-method PUT --allow-me") == ["--allow-method"]


def test_bash_gets_what_follows_its_break_characters() -> None:
    line = "corsproxy --allow-origin http://localhost:51"
    assert words(line) == ["5173"]
    assert words(line, COMP_WORDBREAKS=" ") == ["http://localhost:5173"]
    assert words(line, "zsh") == ["http\\://localhost\\:5173"]
    assert words(line, "fish") == ["http://localhost:5173"]


def test_bash_gets_what_it_would_act_upon_escaped() -> None:
    assert words("corsproxy lint --format ") == words("corsproxy lint --format '")
    line = "corsproxy explain -c tests/cases/lint/good/every-kind-of-origin.yaml --origin "
    assert r"http://\[::1\]:3000" in words(line)
    assert "http://[::1]:3000" in words(f"{line}'")


@pytest.mark.parametrize(
    "line",
    ["corsproxy lnt ", "corsproxy lint --fromat x --format", "corsproxy --help "],
    ids=["no command", "no flag", "help"],
)
def test_behind_a_mistake_nothing_is_told_and_nothing_is_printed(line: str) -> None:
    assert [word for word in words(line) if word != "--format"] == []


def test_a_policy_that_cannot_be_read_is_not_told_of() -> None:
    assert words("corsproxy explain -c none.yaml /") == ["/"]
