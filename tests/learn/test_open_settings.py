"""The settings of `run`, but for the policy: everything passes, and what was given is kept."""

from pathlib import Path

import pytest

from corsproxy.config.diagnostics import ConfigError
from corsproxy.learn.open_settings import OPEN, OpenSettings, open_settings

POLICY = """\
upstream: http://127.0.0.1:8000
timeouts: {head: 7}
cors:
  allow_origins: [https://app.test]
  mode: strip
  max_age: 60
routes:
  - path: /a
    cors: {allow_methods: [PUT], refused_request: forward}
  - {path: /b, strip_path: true}
"""


@pytest.fixture
def opened(tmp_path: Path) -> OpenSettings:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    flags = {"forward.host": "upstream"}
    return open_settings(path, {"CORSPROXY_ALLOW_METHOD": "PATCH"}, flags)


def test_everything_passes_and_every_route_has_a_policy_of_its_own(opened: OpenSettings) -> None:
    policies = [route.policy for route in opened.config.routes]
    assert policies == [OPEN] * 3
    assert len({id(policy) for policy in policies}) == 3
    assert opened.config.policy is policies[-1]


def test_the_other_settings_hold(opened: OpenSettings) -> None:
    config = opened.config
    assert (config.timeouts.head, config.forward.host, config.admin) == (7, "upstream", None)
    assert [route.stripped_prefix for route in config.routes] == ["", "/b", ""]


def test_it_is_told_where_a_policy_stands_that_does_not_hold(opened: OpenSettings) -> None:
    path = opened.config.source
    assert sorted(map(str, opened.left_aside)) == sorted(
        ["CORSPROXY_ALLOW_METHOD", f"{path}:4:3", f"{path}:5:3", f"{path}:9:12"]
    )


def test_a_policy_that_is_not_sound_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("upstream: http://a.test\ncors: {allow_origins: [nonsense]}\n")
    assert open_settings(path, {}, {}).config.policy == OPEN


def test_any_other_mistake_is_one_and_what_is_kept_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("upstraem: http://a.test\ncors: {max_age: soon}\nroutes: [{cors: 1}, 2]\n")
    with pytest.raises(ConfigError) as raised:
        open_settings(path, {}, {})
    found = {(found.span.line, found.id) for found in raised.value.diagnostics}
    assert {line for line, _ in found} == {1, 2, 3}
    assert (1, "unknown-key") in found


def test_routes_that_are_no_list_are_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("upstream: http://a.test\nroutes: none\n")
    with pytest.raises(ConfigError, match="expected a list of routes"):
        open_settings(path, {}, {})
