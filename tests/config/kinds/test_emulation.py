"""`emulate`: a gateway by its name, with what is known better of it; read and written."""

import pytest

from corsproxy.config import ConfigError, load_text
from corsproxy.config.config_writer import to_yaml
from corsproxy.config.differences import differences
from corsproxy.config.settings import Config
from corsproxy.gateways.emulation.gateway_emulation import Overrides, emulation_of

FILE = "upstream: http://127.0.0.1:8000\ncors: {{allow_origins: [https://a.test], emulate: {}}}\n"


def config(emulate: str, **flags: object) -> Config:
    return load_text(FILE.format(emulate).encode(), "f.yaml", {}, flags).config


def test_a_name_is_the_gateway() -> None:
    assert config("envoy").policy.emulate == emulation_of("envoy")


def test_fetch_is_no_gateway() -> None:
    assert config("fetch").policy.emulate is None


def test_what_is_known_better_stands_beside_the_gateway() -> None:
    found = config("{gateway: traefik, preflight_status: 204, headers_on_errors: false}")
    overrides = Overrides(preflight_status=204, headers_on_errors=False)
    assert found.policy.emulate == emulation_of("traefik", overrides)


@pytest.mark.parametrize("emulate", ["nginx", "{gateway: envoy, preflight_status: 204}"])
def test_a_config_that_is_written_says_it_again(emulate: str) -> None:
    found = config(emulate)
    assert load_text(to_yaml(found).encode(), "g.yaml", {}, {}).config.policy == found.policy


def test_a_flag_replaces_the_whole_value_and_that_is_no_list() -> None:
    text = FILE.format("{gateway: envoy, preflight_status: 204}").encode()
    loaded = load_text(text, "f.yaml", {}, {"cors.emulate": "fetch"})
    assert loaded.config.policy.emulate is None
    assert loaded.warnings == []


def test_a_reload_tells_that_it_changed() -> None:
    told = differences(config("fetch"), config("{gateway: envoy, preflight_status: 204}"))
    assert told == ["cors.emulate: none -> {gateway: envoy, preflight_status: 204}"]


@pytest.mark.parametrize("emulate", ["[envoy]", "{gateway: [envoy]}", "{gateway: fetchh}", "{}"])
def test_what_is_no_gateway_is_a_mistake(emulate: str) -> None:
    with pytest.raises(ConfigError):
        config(emulate)
