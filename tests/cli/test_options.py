"""Flags for every setting."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from corsproxy.cli.options import Sources, settings
from corsproxy.config import load_text
from corsproxy.config.schema import SETTINGS, Setting, value_of
from corsproxy.config.settings import Config
from tests.cli.program import corsproxy

QUICK = ["--upstream", "http://127.0.0.1:8000", "--allow-origin", "http://localhost:5173"]


def config_of(*arguments: str) -> Config:
    seen: list[Config] = []

    @click.command()
    @settings
    def command(sources: Sources) -> None:
        seen.append(sources.load().config)

    CliRunner().invoke(command, arguments, catch_exceptions=False)
    return seen[0]


def test_help_has_each_flag_and_its_meaning() -> None:
    unwrapped = "".join(corsproxy("run", "--help").stdout.split())
    for setting in SETTINGS:
        assert f"--{setting.flag}" in unwrapped
        assert "".join(setting.help.split()) in unwrapped


@pytest.mark.parametrize(
    ("arguments", "key", "value"),
    [
        pytest.param(["--max-age", "-1"], "max_age", -1, id="a number that looks like a flag"),
        pytest.param(["--no-allow-credentials"], "allow_credentials", False, id="switched off"),
        pytest.param(["--mode", "add"], "mode", "add", id="a choice"),
    ],
)
def test_a_flag_sets_its_setting(arguments: list[str], key: str, value: object) -> None:
    assert getattr(config_of(*QUICK, *arguments).policy, key) == value


def test_a_list_s_flag_is_repeated() -> None:
    policy = config_of(*QUICK, "--allow-method", "PUT", "--allow-method", "DELETE").policy
    assert policy.allow_methods.listed == ("PUT", "DELETE")


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.kind.many], ids=lambda s: s.flag)
def test_each_flag_of_a_list_may_be_repeated(setting: Setting) -> None:
    values = {"allow-origin": ("http://a.test", "http://b.test"), "trusted-proxy": ("::1", "::2")}
    values |= dict.fromkeys(("set-request-header", "set-response-header"), ("X-A: a, b", "X-B: c"))
    values |= {"listen": ("127.0.0.1:1", "127.0.0.1:2")}
    first, second = values.get(setting.flag, ("x-a", "x-b"))
    config = config_of(*QUICK[:2], f"--{setting.flag}", first, f"--{setting.flag}", second)
    found = value_of(config, setting)
    listed = getattr(found, "listed", None) or getattr(found, "patterns", None) or found
    assert len(listed) == 2


def test_a_file_is_read_and_flags_win(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("upstream: http://a.test\nlisten: 1\nadmin: off\n")
    config = config_of("-c", str(path), "--listen", "2")
    assert (list(map(str, config.listen)), str(config.upstream)) == (
        ["127.0.0.1:2"],
        "http://a.test",
    )
    assert config.source == path


def test_the_settings_are_printed_as_a_file_that_means_the_same() -> None:
    done = corsproxy(*QUICK, "--print-config")
    assert (done.returncode, done.stderr) == (0, "")
    assert load_text(done.stdout.encode(), "f", {}, {}).config == config_of(*QUICK)


def test_variables_count_and_the_file_may_be_named_by_one(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("upstream: http://a.test\n")
    environ = {"CORSPROXY_CONFIG": str(path), "CORSPROXY_ADMIN": "off"}
    done = corsproxy("run", "--print-config", environ=environ)
    assert "upstream: http://a.test" in done.stdout
    assert "admin: off" in done.stdout


@pytest.mark.parametrize(
    ("flag", "ours"),
    [
        ("--target", "--upstream"),
        ("--to", "--upstream"),
        ("--port", "--listen"),
        ("-p", "--listen"),
        ("--origin", "--allow-origin"),
        ("--connections", "--limit-connections"),
    ],
)
def test_a_flag_of_other_tools_is_told_by_ours(flag: str, ours: str) -> None:
    done = corsproxy("run", flag, "1")
    assert done.returncode == 2
    assert f"No such option '{flag}'. Did you mean '{ours}'?" in done.stderr
