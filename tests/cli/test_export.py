"""corsproxy export."""

from pathlib import Path

import pytest

from tests.cli.program import corsproxy

PLAIN = """upstream: http://127.0.0.1:8000
cors:
  allow_origins: [https://a.test]
  refused_request: forward
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(PLAIN)
    return path


def test_what_loses_nothing_is_printed(policy: Path) -> None:
    done = corsproxy("export", "aws-http-api", "-c", str(policy))
    assert (done.returncode, done.stderr) == (0, "")
    assert "- https://a.test" in done.stdout


def test_a_loss_stops_it_and_is_told_with_line_caret_and_fix(policy: Path) -> None:
    policy.write_text(PLAIN.replace("a.test", "*.a.test"))
    output = policy.parent / "template.yaml"
    done = corsproxy("export", "aws-http-api", "-c", str(policy), "-o", str(output))
    assert (done.returncode, done.stdout, output.exists()) == (1, "", False)
    assert f"{policy}:3:19: error: allow_origins: " in done.stderr
    assert "^^^^^^" in done.stderr
    assert "fix: list each origin" in done.stderr
    assert "nothing is written\n  fix: " in done.stderr


def test_an_accepted_loss_is_a_warning(policy: Path) -> None:
    policy.write_text(PLAIN.replace("https://a.test", "https://a.test, 'null'"))
    output = policy.parent / "template.yaml"
    given = ("export", "aws-http-api", "-c", str(policy), "-o", str(output), "--allow-lossy")
    done = corsproxy(*given)
    assert (done.returncode, done.stdout) == (0, "")
    assert ":3:35: warning: allow_origins: null" in done.stderr
    assert "- https://a.test\n" in output.read_text()


def test_a_form_is_chosen_and_an_unknown_one_is_wrong_usage(policy: Path) -> None:
    done = corsproxy("export", "aws-http-api", "-c", str(policy), "--as", "json")
    assert (done.returncode, done.stdout[:1]) == (0, "{")
    done = corsproxy("export", "aws-http-api", "-c", str(policy), "--as", "xml")
    assert done.returncode == 2
    assert "expected sam, cloudformation, openapi, json" in done.stderr


def test_an_unknown_gateway_is_wrong_usage_and_the_nearest_is_named(policy: Path) -> None:
    done = corsproxy("export", "aws-http", "-c", str(policy))
    assert done.returncode == 2
    assert "no gateway is called 'aws-http'" in done.stderr
    assert "fix: aws-http-api" in done.stderr


def test_flags_are_exported_as_a_run_has_them(policy: Path) -> None:
    done = corsproxy("export", "aws-http-api", "-c", str(policy), "--max-age", "60")
    assert "MaxAge: 60" in done.stdout


def test_the_policy_itself_is_not_written_over(policy: Path) -> None:
    done = corsproxy("export", "aws-http-api", "-c", str(policy), "-o", str(policy))
    assert done.returncode == 2
    assert done.stderr.endswith("is the policy itself\n  fix: another file after -o\n")
    assert policy.read_text() == PLAIN
