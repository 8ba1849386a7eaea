import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corsproxy.config.config_writer import secrets_of, to_yaml
from corsproxy.config.diagnostics import PatchError
from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config
from corsproxy.cors.decision import decide
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.policy import Policy
from corsproxy.watch.inspector.allow import MAX_FILE_BYTES, Reader, change
from tests.watch.exchanges import STRANGER, exchange, preflight, refused
from tests.watch.world import from_file

CANARY = "c4n4ry"
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
    assert to_yaml(granted) == proposed.after
    assert str(granted.policy.span("allow_origins")) == "--allow-origin"
    assert not decide(granted.policy, asked.decision.request).refused
    assert [route.policy for route in granted.routes] == [granted.policy]
    assert replace(granted, policy=flags.policy, routes=flags.routes) == flags


def test_a_secret_of_a_flag_does_not_hinder_it_and_is_not_shown() -> None:
    given = {"upstream": "http://h", "cors.allow_origins": ("http://localhost:5173",)}
    secret = {"forward.request_headers.set": ("X-Api-Key: c4n4ry",)}
    config = load_text(None, "", {}, given | secret).config
    proposed = change(config, refused()._replace(policy=config.policy))
    assert STRANGER in proposed.after
    assert CANARY not in proposed.after
    assert proposed.config.forward == config.forward
    assert secrets_of(config) == {"X_API_KEY": CANARY}


def of_file(path: Path, text: str, flags: dict[str, Any]) -> tuple[Config, Reader]:
    """A file beside flags, and what is read of it anew."""

    def read(text: str) -> Config:
        return load_text(text.encode(), str(path), {}, flags).config

    path.write_text(text)
    return read(text), read


def test_what_a_flag_decides_is_not_written_into_the_file(tmp_path: Path) -> None:
    flags = {"cors.allow_origins": ("http://flag.test",)}
    config, read = of_file(tmp_path / "a.yaml", TEXT, flags)
    with pytest.raises(PatchError, match=r"--allow-origin decides it.*add --allow-origin http"):
        change(config, refused()._replace(policy=config.policy), read)


def test_what_the_file_decides_is_written_though_a_flag_decides_the_rest(tmp_path: Path) -> None:
    flags = {"cors.allow_origins": ("http://flag.test",)}
    config, read = of_file(tmp_path / "a.yaml", TEXT, flags)
    asked = preflight("DELETE", origin="http://flag.test", policy=config.policy)
    assert "allow_methods: [PUT, DELETE]" in change(config, asked, read).after


def test_routes_that_inherit_what_is_changed_are_named(tmp_path: Path) -> None:
    routes = (
        "routes:\n- path: /a\n  cors: {max_age: 6}\n- path: /b\n  cors: {allow_methods: [PUT]}\n"
    )
    config, read = of_file(tmp_path / "a.yaml", TEXT + routes, {})
    policy = config.routes[0].policy
    asked = preflight("DELETE", policy=policy)._replace(route="/a")
    assert change(config, asked, read).others == ("/",)


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
    with pytest.raises(PatchError, match="is gone"):
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
