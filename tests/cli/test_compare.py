"""corsproxy compare."""

import json
from pathlib import Path

import pytest

from tests.cli.program import corsproxy

POLICY = """\
upstream: http://127.0.0.1:8000
cors:
  allow_origins: [https://a.test]
  allow_methods: [PUT]
  allow_headers: ["*"]
  allow_credentials: true
"""


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "p.yaml"
    path.write_text(POLICY)
    return str(path)


def test_a_call_is_a_table_of_all_gateways(policy: str) -> None:
    asked = ("--origin", "https://a.test", "--method", "PUT", "--header", "x-a", "--credentials")
    done = corsproxy("compare", "-c", policy, *asked)
    assert (done.returncode, done.stderr) == (1, "")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["fetch", "answered", "204", "forwarded", "readable"] in rows
    assert any(row[:1] == ["envoy"] and row[-1] == "allow-headers-lacks-name" for row in rows)


def test_where_all_do_the_same_the_exit_code_is_0(policy: str) -> None:
    done = corsproxy("compare", "-c", policy, "--origin", "https://evil.test", "--format", "json")
    outcomes = {one["outcome"] for one in json.loads(done.stdout)["gateways"]}
    assert (done.returncode == 0) is (outcomes == {"blocked"})


def test_all_lines_on_which_they_disagree_are_told(policy: str) -> None:
    done = corsproxy("compare", "-c", policy, "--all")
    assert done.returncode == 1
    assert f"{policy}:5:3" in done.stdout
    told = json.loads(corsproxy("compare", "-c", policy, "--all", "--format", "json").stdout)
    assert told["disagreements"]


def test_without_an_origin_there_is_nothing_to_compare(policy: str) -> None:
    done = corsproxy("compare", "-c", policy)
    assert done.returncode == 2
    assert "--origin http://localhost:5173" in done.stderr
