"""corsproxy explain --har: files in, exit codes and words out."""

import json
from pathlib import Path

import pytest

from corsproxy.limits import RECORD_MAX_BYTES
from tests.cli.program import corsproxy
from tests.recorded.records import ANY, PAGE, entry, har, preflight, unsent

READABLE = har(entry(headers=ANY, error=None))
BLOCKED = har(entry(error="net::ERR_FAILED"))
UNKNOWN = har(entry(headers=ANY), creator="Firefox")
POLICY = """\
upstream: http://127.0.0.1:8000
cors:
  allow_origins: ["https://app.test"]
routes:
  - path: /closed
    cors: {allow_origins: ["https://other.test"]}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def saved(data: bytes) -> str:
    Path("page.har").write_bytes(data)
    return "page.har"


@pytest.mark.parametrize(
    ("data", "code", "outcome", "line"),
    [
        pytest.param(READABLE, 0, "readable", "readable  GET ", id="readable"),
        pytest.param(BLOCKED, 1, "blocked", "blocked   GET ", id="blocked"),
        pytest.param(UNKNOWN, 0, "unknown", "unknown   GET ", id="unknown"),
        pytest.param(har(), 0, "readable", "saved by Chromium; calls of other", id="empty"),
    ],
)
def test_the_exit_code_says_whether_a_call_was_blocked(
    data: bytes, code: int, outcome: str, line: str
) -> None:
    done = corsproxy("explain", "--har", saved(data))
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith(line)
    as_json = corsproxy("explain", "--har", "page.har", "--format", "json")
    assert as_json.returncode == code
    assert json.loads(as_json.stdout)["outcome"] == outcome


def test_a_har_comes_through_a_pipe_too() -> None:
    done = corsproxy("explain", "--har", "-", stdin=BLOCKED)
    assert done.returncode == 1
    assert "[allow-origin-missing]" in done.stdout


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"<html>", "page.har: line 1, column 1: not JSON", id="no JSON"),
        pytest.param(BLOCKED[:-3], "page.har: line 1, column ", id="cut"),
        pytest.param(b"{}", "no HAR: it has no `log`\n  fix: choose 'Save all as HAR'", id="other"),
        pytest.param(
            BLOCKED.replace(b'"GET"', b"7"),
            "page.har: log.entries[0].request.method: expected text, not a number\n  fix: ",
            id="another shape",
        ),
        pytest.param(b" " * (RECORD_MAX_BYTES + 1), "more than 64 MiB\n  fix: ", id="too large"),
    ],
)
def test_what_is_no_har_exits_2_with_the_place_and_the_fix(data: bytes, words: str) -> None:
    done = corsproxy("explain", "--har", saved(data))
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_be_read_exits_3() -> None:
    done = corsproxy("explain", "--har", "none.har")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "corsproxy: none.har: No such file or directory\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param([], "nothing is asked", id="nothing"),
        pytest.param(["--har", "x.har", "/"], "more than one thing is asked", id="and a path"),
        pytest.param(
            ["--har", "x.har", "--console", "x"], "more than one thing is asked", id="and a message"
        ),
        pytest.param(["--console", "x", "/"], "more than one thing is asked", id="without a HAR"),
    ],
)
def test_one_thing_is_asked_at_a_time(arguments: list[str], words: str) -> None:
    done = corsproxy("explain", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{words}\n  fix: one of a path, an id, --console TEXT or --har FILE" in done.stderr


CALLS = har(
    entry(error="net::ERR_FAILED"),
    preflight("DELETE", status=405),
    unsent("DELETE"),
    entry(url="https://api.test/closed/x?token=s3cr3t-of-the-page", headers=ANY, error=None),
    entry(url="https://api.test/a/..%2fclosed", headers=ANY, error=None),
)


def test_with_a_policy_it_is_told_what_that_would_do_with_each_call() -> None:
    Path("policy.yaml").write_text(POLICY, encoding="utf-8")
    done = corsproxy("explain", "--har", saved(CALLS), "-c", "policy.yaml")
    assert (done.returncode, done.stderr) == (1, "")
    first, second, third, fourth = done.stdout.split("\n\n")[0].split(" https://api.test/")[1:]
    assert "  by the policy: the page reads the response\n" in first
    assert "  by the policy: blocked\n   refused method  the method 'DELETE' is not in" in second
    assert "fix: add DELETE to allow_methods" in second
    assert "refused origin  the origin 'https://app.test' is not in allow_origins" in third
    assert "(policy.yaml:6:" in third
    assert "by the policy: 400: the path" in fourth
    assert "s3cr3t" not in done.stdout


def test_flags_may_stand_for_the_policy() -> None:
    done = corsproxy("explain", "--har", saved(BLOCKED), "--allow-origin", PAGE, "--format", "json")
    [call] = json.loads(done.stdout)["calls"]
    assert (call["policy"]["outcome"], call["policy"]["reasons"]) == ("readable", [])
    alone = json.loads(corsproxy("explain", "--har", "page.har", "--format", "json").stdout)
    assert alone["calls"][0]["policy"] is None


def test_a_policy_with_an_error_is_told_before_anything_is_judged() -> None:
    Path("policy.yaml").write_text("upstream: [", encoding="utf-8")
    done = corsproxy("explain", "--har", saved(BLOCKED), "-c", "policy.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    assert "policy.yaml:" in done.stderr


def test_a_recording_that_the_policy_names_is_neither_read_nor_written() -> None:
    Path("policy.yaml").write_text(POLICY + "har: traffic.har\n", encoding="utf-8")
    done = corsproxy("explain", "--har", saved(READABLE), "-c", "policy.yaml")
    assert done.returncode == 0
    assert not Path("traffic.har").exists()
