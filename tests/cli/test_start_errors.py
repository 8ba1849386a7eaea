"""What stops the start is told in the form of the log."""

import json
from pathlib import Path

import pytest

from tests.cli.program import corsproxy

UPSTREAM = ("--upstream", "http://127.0.0.1:9")
AS_JSON = ("--log-format", "json")


@pytest.mark.parametrize(
    ("text", "arguments", "code", "told"),
    [
        pytest.param("", ("--upstream", "x y", *AS_JSON), 1, "is not an upstream", id="a flag"),
        pytest.param("log: {format: json}", (), 1, "no-upstream", id="in the file"),
        pytest.param("log: {format: json}\nx: 1", UPSTREAM, 1, "unknown-key", id="a wrong file"),
        pytest.param("cors: [", (*UPSTREAM, *AS_JSON), 1, "yaml-syntax", id="no YAML"),
        pytest.param(
            "", (*UPSTREAM, *AS_JSON, "--har", "/none/a.har"), 3, "cannot write /none/a.har",
            id="no HAR",
        ),
    ],
)  # fmt: skip
def test_it_is_json_where_the_log_is(
    tmp_path: Path, text: str, arguments: tuple[str, ...], code: int, told: str
) -> None:
    policy = tmp_path / "a.yaml"
    policy.write_text(text)
    done = corsproxy("run", "-c", str(policy), *arguments)
    assert done.returncode == code
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert {event["event"] for event in events} == {"error"}
    assert told in done.stderr


def test_a_file_that_is_not_there_is_told_as_json() -> None:
    done = corsproxy("run", "-c", "/none/a.yaml", *AS_JSON)
    assert done.returncode == 3
    assert json.loads(done.stderr)["text"] == "/none/a.yaml: No such file or directory"


@pytest.mark.parametrize("text", ["log: {format: jsn}", "log: json", "cors: [", "log: [format]"])
def test_for_people_it_is_text(tmp_path: Path, text: str) -> None:
    policy = tmp_path / "a.yaml"
    policy.write_text(text)
    done = corsproxy("run", "-c", str(policy))
    assert done.returncode == 1
    assert done.stderr.startswith(f"{policy}:")
