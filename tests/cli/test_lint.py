"""corsproxy lint: what it prints, and when it exits with what."""

import json
from pathlib import Path

import pytest

from tests.cli.program import corsproxy

CASES = Path(__file__).parents[1] / "cases" / "lint"
SOUND = CASES / "good" / "minimal.yaml"
UNWISE = CASES / "opaque-origin.yaml"
WRONG = CASES / "unknown-key.yaml"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        pytest.param([SOUND], 0, id="sound"),
        pytest.param([UNWISE], 0, id="warnings only"),
        pytest.param([WRONG], 1, id="mistakes"),
        pytest.param([SOUND, WRONG, UNWISE], 1, id="one wrong among several"),
        pytest.param(["none.yaml", WRONG], 3, id="one that cannot be read"),
    ],
)
def test_the_exit_code_is_that_of_the_worst_file(files: list[Path], code: int) -> None:
    assert corsproxy("lint", *map(str, files)).returncode == code


def test_each_file_is_told_even_when_one_cannot_be_read() -> None:
    done = corsproxy("lint", "none.yaml", str(UNWISE))
    assert done.stderr == "none.yaml: No such file or directory\n"
    assert "[opaque-origin]" in done.stdout


def test_the_text_is_that_of_the_golden_file() -> None:
    done = corsproxy("lint", str(WRONG))
    golden = WRONG.with_suffix(".out").read_text()
    assert done.stdout == golden.replace(WRONG.name, str(WRONG)).replace(f"{WRONG} |", "")
    assert done.stderr == ""


def test_programs_get_json() -> None:
    found = json.loads(corsproxy("lint", "--format", "json", str(WRONG), str(UNWISE)).stdout)
    assert {(one["file"], one["severity"]) for one in found} == {
        (str(WRONG), "error"),
        (str(UNWISE), "warning"),
    }
    assert corsproxy("lint", "--format", "json", str(SOUND)).stdout == "[]\n"


def test_people_are_told_that_nothing_is_wrong() -> None:
    done = corsproxy("lint", str(SOUND))
    assert (done.stdout, done.stderr) == (f"no mistakes in {SOUND}\n", "")
    assert corsproxy("lint", str(SOUND), str(SOUND)).stdout == "no mistakes in 2 files\n"


def test_people_are_told_what_can_be_fixed() -> None:
    done = corsproxy("lint", str(CASES / "redundant-origin.yaml"))
    assert "can be fixed: corsproxy lint --fix" in done.stderr
    assert "can be fixed" not in corsproxy("lint", str(WRONG)).stderr


def test_code_scanning_gets_sarif() -> None:
    found = json.loads(corsproxy("lint", "--format", "sarif", str(WRONG), str(UNWISE)).stdout)
    [run] = found["runs"]
    uris = [
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]
    ]
    assert set(uris) == {WRONG.as_uri(), UNWISE.as_uri()}


def test_github_gets_annotations() -> None:
    line = corsproxy("lint", "--format", "github", str(UNWISE)).stdout
    assert line.startswith(
        f"::warning file={UNWISE},line=3,col=19,endColumn=25,title=opaque-origin::"
    )


def test_standard_input_is_read_for_a_dash() -> None:
    done = corsproxy("lint", "-", stdin=WRONG.read_bytes())
    assert done.returncode == 1
    assert done.stdout.startswith("<stdin>:2:1: error: no setting is called 'lisen'")


def test_a_file_is_judged_alone_whatever_variables_a_run_would_add() -> None:
    environ = {"CORSPROXY_ALLOW_ORIGIN": "mistaken", "CASE_LISTEN": "mistaken too"}
    assert corsproxy("lint", str(SOUND), environ=environ).returncode == 0
    references = CASES / "good" / "from-the-environment.yaml"
    assert "'mistaken too'" in corsproxy("lint", str(references), environ=environ).stdout


def test_no_colour_goes_into_a_pipe() -> None:
    assert "\033" not in corsproxy("lint", str(WRONG)).stdout
