import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from corsproxy.config.config_writer import to_yaml
from corsproxy.config.diagnostics import PatchError
from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config
from corsproxy.cors.decision import decide
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.policy import Policy
from corsproxy.watch.inspector.allow import MAX_FILE_BYTES, change
from tests.watch.exchanges import STRANGER, exchange, preflight, refused
from tests.watch.world import from_file

TEXT = """\
# The shop.
upstream: http://127.0.0.1:8000
cors:
  allow_origins:
    - http://localhost:5173  # the front end
  allow_methods: [PUT]
  max_age: 5
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return from_file(tmp_path / "shop.yaml", TEXT)


def test_the_change_grants_what_was_refused_and_keeps_all_else(config: Config) -> None:
    proposed = change(config, refused()._replace(policy=config.policy))
    line = "    - http://localhost:5173  # the front end\n"
    assert proposed.after == TEXT.replace(line, f"{line}    - {STRANGER}\n")
    assert ("+", f"    - {STRANGER}") in proposed.lines()
    assert [text for sign, text in proposed.lines() if sign == "-"] == []


def test_everything_that_was_refused_is_allowed_at_once(config: Config) -> None:
    asked = preflight("PATCH", "x-a,x-b", origin=STRANGER, policy=config.policy)
    after = change(config, asked).after
    assert "allow_methods: [PUT, PATCH]" in after
    assert "x-a" in after
    assert "x-b" in after
    assert STRANGER in after


def test_the_file_is_written_and_keeps_its_mode(config: Config) -> None:
    assert config.source
    config.source.chmod(0o640)
    before = config.source.stat()
    proposed = change(config, refused()._replace(policy=config.policy))
    proposed.write()
    assert config.source.read_text() == proposed.after
    assert config.source.stat().st_mode == before.st_mode
    assert [path.name for path in config.source.parent.iterdir()] == [config.source.name]


def test_a_file_that_changes_before_it_is_written_is_not_touched(config: Config) -> None:
    assert config.source
    proposed = change(config, refused()._replace(policy=config.policy))
    config.source.write_text(f"{TEXT}# and more\n")
    with pytest.raises(OSError, match="changed meanwhile"):
        proposed.write()
    assert config.source.read_text() == f"{TEXT}# and more\n"


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(lambda policy: preflight("*", policy=policy), id="a method"),
        pytest.param(lambda policy: preflight("PUT", "x-a,*", policy=policy), id="a header"),
        pytest.param(lambda policy: exchange(origin="*", policy=policy), id="an origin"),
        pytest.param(
            lambda policy: exchange(origin="http://*.evil.test", policy=policy), id="subdomains"
        ),
        pytest.param(
            lambda policy: exchange(origin="http://localhost:*", policy=policy), id="ports"
        ),
        pytest.param(lambda policy: exchange(origin="null", policy=policy), id="sandboxed pages"),
    ],
)
def test_what_would_stand_for_more_than_was_asked_is_not_allowed_by_a_click(
    config: Config, asked: Callable[[Policy], Exchange]
) -> None:
    with pytest.raises(PatchError):
        change(config, asked(config.policy))


def test_of_thousands_of_lines_few_are_shown(tmp_path: Path) -> None:
    routes = "".join(f"  - path: /r{at}\n    cors: {{max_age: 5}}\n" for at in range(1000))
    config = from_file(tmp_path / "large.yaml", f"{TEXT}routes:\n{routes}")
    asked = preflight("PATCH", "x-a", origin=STRANGER, policy=config.policy)
    lines = change(config, asked).lines()
    assert len(lines) < 20
    assert [text for sign, text in lines if sign == "+" and STRANGER in text]


def test_a_file_that_has_grown_too_large_is_left_to_the_user(config: Config) -> None:
    assert config.source
    config.source.write_text(TEXT + "#" * MAX_FILE_BYTES)
    with pytest.raises(PatchError, match="change it by hand"):
        change(config, refused()._replace(policy=config.policy))


def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(config: Config) -> None:
    assert config.source
    config.source.unlink()
    os.mkfifo(config.source)
    with pytest.raises(PatchError, match="cannot be read"):
        change(config, refused()._replace(policy=config.policy))


def test_the_digest_tells_one_change_from_another(config: Config) -> None:
    one = change(config, refused()._replace(policy=config.policy))
    other = change(config, refused("http://b.test")._replace(policy=config.policy))
    assert one.digest == change(config, refused()._replace(policy=config.policy)).digest
    assert one.digest != other.digest


@pytest.fixture
def flags() -> Config:
    given = {"upstream": "http://127.0.0.1:8000", "cors.allow_origins": ("http://localhost:5173",)}
    return load_text(None, "", {}, given).config


def test_without_a_file_the_change_is_that_of_a_file_that_says_the_same(flags: Config) -> None:
    asked = refused()._replace(policy=flags.policy)
    proposed = change(flags, asked)
    assert proposed.source is None
    assert proposed.before == to_yaml(flags)
    assert ("+", f"    - {STRANGER}") in proposed.lines()
    granted = proposed.config
    assert granted.text == proposed.after
    assert not decide(granted.policy, asked.decision.request).refused
    assert [route.policy for route in granted.routes] == [granted.policy]
    assert replace(granted, policy=flags.policy, routes=flags.routes, text=None) == flags


def test_variables_that_made_the_policy_do_not_hinder_its_change(
    flags: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORSPROXY_ALLOW_ORIGIN", "http://localhost:5173")
    assert STRANGER in change(flags, refused()._replace(policy=flags.policy)).after


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_cannot_be_written_is_left_to_the_user(config: Config) -> None:
    assert config.source
    config.source.chmod(0o400)
    with pytest.raises(PatchError, match="cannot be written"):
        change(config, refused())


def test_a_file_that_is_gone_is_left_to_the_user(config: Config) -> None:
    assert config.source
    config.source.unlink()
    with pytest.raises(PatchError, match="cannot be"):
        change(config, refused())


def test_a_policy_that_has_changed_since_is_not_patched(config: Config) -> None:
    made = refused()._replace(policy=replace(config.policy, max_age=6))
    with pytest.raises(PatchError, match="the policy has changed since"):
        change(config, made)


def test_what_no_setting_can_allow_is_refused_with_its_fix(config: Config) -> None:
    with pytest.raises(PatchError, match="no setting helps here"):
        change(config, exchange(origin="nonsense", policy=config.policy))


def test_a_file_that_was_broken_meanwhile_is_not_touched(config: Config) -> None:
    assert config.source
    config.source.write_text(f"{TEXT}nonsense: 1\n")
    with pytest.raises(PatchError, match="would not load"):
        change(config, refused()._replace(policy=config.policy))
