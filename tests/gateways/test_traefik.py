"""Traefik: its regexes are anchored, and its middleware is told to vary."""

from typing import Any

import yaml

from corsproxy.config.loading import load_text
from corsproxy.gateways.traefik import write
from tests.gateways.converted import config


def headers(text: str) -> dict[str, Any]:
    document = yaml.safe_load(write(config(text), "middleware").text)
    found: dict[str, Any] = document["http"]["middlewares"]["cors"]["headers"]
    return found


def test_each_regex_is_anchored() -> None:
    found = headers("allow_origins: [https://a.test, 'https://*.b.test', {regex: 'https://c|d'}]")
    assert found["accessControlAllowOriginList"] == ["https://a.test"]
    assert found["accessControlAllowOriginListRegex"] == [
        r"^https://(?:[a-z0-9_-]+\.)+b\.test$",
        "^(?:https://c|d)$",
    ]


def test_the_response_varies_and_the_upstreams_own_headers_go() -> None:
    found = headers("allow_origins: [https://a.test]")
    assert found["addVaryHeader"] is True
    assert set(found["customResponseHeaders"].values()) == {""}
    assert len(found["customResponseHeaders"]) == 7


def test_the_wildcard_of_names_beside_credentials_is_told_unless_authorization_is_listed() -> None:
    text = "allow_origins: [https://a.test]\nallow_credentials: true\nallow_headers: "
    assert headers(f"{text}['*', authorization]")["accessControlAllowHeaders"] == ["*"]
    assert headers(f"{text}['*', x-a]")["accessControlAllowHeaders"] == ["x-a"]
    assert [loss.setting for loss in write(config(f"{text}['*']"), "file").losses] == [
        "allow_headers"
    ]


def test_a_socket_of_the_file_system_and_the_private_network_are_told() -> None:
    text = """upstream: unix:/tmp/api
cors: {allow_origins: [https://a.test], refused_request: forward, allow_private_network: true}"""
    losses = write(load_text(text.encode(), "p.yaml", {}, {}).config, "file").losses
    assert {loss.setting for loss in losses} == {"allow_private_network", "upstream"}
