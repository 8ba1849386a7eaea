"""The policy that a test names: in each form, and made to lead to the app under test."""

from pathlib import Path

import pytest

from corsproxy import ConfigError, Policy
from corsproxy.testing.app_policy import PolicySource, config_for

PAGE = "https://app.example"
URL = "http://127.0.0.1:9"
TEXT = f"""
upstream: https://api.example.com
listen: https://localhost:8443
tls: auto
allowed_hosts: [api.example.com]
cors: {{allow_origins: ["{PAGE}"]}}
routes:
  - path: /admin
    upstream: https://admin.example.com
    cors: {{allow_origins: ["https://admin.example"]}}
"""


@pytest.mark.parametrize("form", ["path", "text", "mapping", "policy"])
def test_a_policy_is_named_in_each_form(form: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT)
    forms: dict[str, PolicySource] = {
        "path": path,
        "text": TEXT,
        "mapping": {"cors": {"allow_origins": (PAGE,)}},
        "policy": Policy.from_lists(origins=[PAGE]),
    }
    config = config_for(forms[form], URL)
    assert str(config.policy.allow_origins) == f"Origins({PAGE})"
    assert config.routes[-1].policy == config.policy
    assert [str(address) for address in config.listen] == ["127.0.0.1:0"]
    assert config_for(str(path), URL).policy == config_for(TEXT, URL).policy


def test_each_route_leads_to_the_app_and_keeps_its_policy() -> None:
    config = config_for(TEXT, URL)
    assert {str(route.upstream) for route in config.routes} == {URL}
    assert [str(route.policy.allow_origins) for route in config.routes] == [
        "Origins(https://admin.example)",
        f"Origins({PAGE})",
    ]


def test_variables_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGE", PAGE)
    text = 'cors:\n  allow_origins: ["${PAGE}"]\n'
    assert str(config_for(text, URL).policy.allow_origins) == f"Origins({PAGE})"


def test_what_is_wrong_with_a_policy_is_raised_with_its_place() -> None:
    with pytest.raises(ConfigError, match="unknown-key"):
        config_for({"cors": {"origins": [PAGE]}}, URL)
    with pytest.raises(ConfigError, match=r"<policy>:2:"):
        config_for("cors:\n  origins: []\n", URL)
    with pytest.raises(FileNotFoundError):
        config_for("no-such-file.yaml", URL)
