"""What `--help` says: everything, in sections, none of it wider than a terminal."""

import re

import pytest

from corsproxy.cli import COMMANDS, SECTIONS
from corsproxy.cli.help_text import SECTIONS as OF_SETTINGS
from corsproxy.cli.help_text import group_of
from corsproxy.config.default_text import default_text
from corsproxy.config.schema import SETTINGS, Setting
from tests.cli.program import corsproxy


@pytest.fixture(scope="module")
def of_run() -> str:
    return corsproxy("run", "--help", environ={"COLUMNS": "80"}).stdout


def test_each_command_stands_in_one_section() -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    assert listed == list(COMMANDS)


def test_each_group_of_settings_stands_in_one_section() -> None:
    listed = [group for groups in OF_SETTINGS.values() for group in groups]
    assert sorted(listed) == sorted({group_of(setting) for setting in SETTINGS})


def test_run_tells_of_what_a_setting_is_about_below_its_title(of_run: str) -> None:
    titles = re.findall(r"^(\S.*):$", of_run, re.MULTILINE)
    assert titles == ["Options", *OF_SETTINGS]
    policy = of_run[of_run.index("\nPolicy:") : of_run.index("\nListening:")]
    assert "--allow-origin" in policy
    assert "--upstream" not in policy


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.flag)
def test_run_tells_the_variable_and_the_default_of_each_setting(
    setting: Setting, of_run: str
) -> None:
    default = default_text(setting)
    known = f"[env var: {setting.variable}" + (f"; default: {default}]" if default else "]")
    assert known in " ".join(of_run.split())


@pytest.mark.parametrize("name", ["", *COMMANDS])
@pytest.mark.parametrize("columns", ["80", "200"])
def test_no_line_of_help_is_wider_than_80_columns(name: str, columns: str) -> None:
    done = corsproxy(*[name][: len(name)], "--help", environ={"COLUMNS": columns})
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_each_command_knows_both_flags_of_help(name: str) -> None:
    words = [name][: len(name)]
    short, long = corsproxy(*words, "-h"), corsproxy(*words, "--help")
    assert short.stdout == long.stdout
    assert (short.returncode, short.stdout.startswith("Usage: corsproxy")) == (0, True)


def test_the_version_has_a_short_flag() -> None:
    assert corsproxy("-V").stdout == corsproxy("--version").stdout


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        pytest.param("explain", "--allow-origin", "--timeout-head", id="explain"),
        pytest.param("probe", "--audit", "--allow-origin", id="probe"),
        pytest.param("healthcheck", "--admin", "--allow-origin", id="healthcheck"),
        pytest.param("learn", "--upstream", "--allow-origin", id="learn"),
        pytest.param("trust", "--allowed-host", "--upstream", id="trust"),
        pytest.param("verify", "--allow-origin", "--upstream", id="verify"),
        pytest.param("compare", "--allow-origin", "--upstream", id="compare"),
        pytest.param("export", "--upstream", "--log-level", id="export"),
    ],
)
def test_a_command_shows_the_flags_that_mean_something_to_it(
    name: str, shown: str, hidden: str
) -> None:
    told = corsproxy(name, "--help").stdout.split()
    assert (shown in told, hidden in told) == (True, False)


def test_a_flag_that_is_not_shown_is_taken_nevertheless() -> None:
    done = corsproxy("healthcheck", "--upstream", "http://127.0.0.1:9", "--admin", "off")
    assert (done.returncode, "admin is off" in done.stderr) == (1, True)
