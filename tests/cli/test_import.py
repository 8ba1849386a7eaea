"""corsproxy import."""

import json
from pathlib import Path

from corsproxy.config.loading import load_text
from tests.cli.program import corsproxy

API = {"ApiId": "a", "CorsConfiguration": {"AllowOrigins": ["https://a.test"], "MaxAge": 60}}


def imported(text: str, *more: str) -> tuple[int, str, str]:
    done = corsproxy("import", "aws-http-api", "-", *more, stdin=text.encode())
    return done.returncode, done.stdout, done.stderr


def test_what_loses_nothing_is_a_policy_that_loads_without_a_warning() -> None:
    code, told, complained = imported(json.dumps(API))
    assert (code, complained) == (0, "")
    loaded = load_text(told.encode(), "p.yaml", {}, {}, offline=True)
    assert loaded.warnings == []
    assert loaded.config.policy.allow_origins.match("https://a.test")
    assert loaded.config.policy.max_age == 60


def test_a_loss_stops_it_and_is_told_with_its_place_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    file.write_text(json.dumps(API).replace("https://a", "https://*.a"))
    output = tmp_path / "policy.yaml"
    done = corsproxy("import", "aws-http-api", str(file), "-o", str(output))
    assert (done.returncode, done.stdout, output.exists()) == (1, "", False)
    assert f"{file}:1:55: error: allow_origins: " in done.stderr


def test_an_accepted_loss_is_a_warning() -> None:
    code, told, complained = imported(json.dumps(API).replace("60", "90000"), "--allow-lossy")
    assert code == 0
    assert "max_age" not in told
    assert "warning: max_age: " in complained


def test_what_is_not_in_the_format_is_told_with_its_place() -> None:
    code, told, complained = imported("{")
    assert (code, told) == (1, "")
    assert "<stdin>:1:" in complained
    assert "neither YAML nor JSON" in complained


def test_a_file_that_is_not_there_could_not_be_read(tmp_path: Path) -> None:
    assert corsproxy("import", "aws-http-api", str(tmp_path / "none")).returncode == 3


def test_a_file_that_is_no_text_is_wrong_usage() -> None:
    done = corsproxy("import", "aws-http-api", "-", stdin=b"\xff")
    assert (done.returncode, done.stdout) == (2, "")
    assert "<stdin> is not UTF-8" in done.stderr


def test_a_policy_file_that_exists_is_replaced_only_by_force(tmp_path: Path) -> None:
    output = tmp_path / "policy.yaml"
    output.write_text("mine")
    code, _, complained = imported(json.dumps(API), "-o", str(output))
    assert (code, output.read_text()) == (2, "mine")
    assert "fix: --force" in complained
    assert imported(json.dumps(API), "-o", str(output), "--force")[0] == 0
    assert "https://a.test" in output.read_text()


def test_a_gateway_that_is_only_written_cannot_be_read() -> None:
    done = corsproxy("import", "nginx", "-")
    assert done.returncode == 2
    assert "nginx cannot be read: see formats" in done.stderr
