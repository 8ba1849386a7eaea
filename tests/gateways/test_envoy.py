"""Envoy: its wildcards echo, so they are written only where that grants no name too many."""

from typing import Any

import pytest
import yaml

from corsproxy.gateways.envoy import write
from tests.gateways.converted import config


def policy(text: str) -> dict[str, Any]:
    document = yaml.safe_load(write(config(text), "policy").text)
    found: dict[str, Any] = document["typed_per_filter_config"]["envoy.filters.http.cors"]
    return found


@pytest.mark.parametrize(
    ("names", "credentials", "written", "told"),
    [
        ('["*"]', "false", "*, accept", 0),
        ('["*", x-a]', "false", "*, x-a", 0),
        ('["*", authorization]', "true", "*", 0),
        ('["*", x-a]', "true", "x-a", 1),
        ("[x-a]", "true", "x-a", 0),
    ],
)
def test_the_wildcard_of_names_echoes_only_where_authorization_is_listed(
    names: str, credentials: str, written: str, told: int
) -> None:
    text = f"""allow_origins: [https://a.test]
allow_headers: {names}
allow_credentials: {credentials}"""
    assert policy(text)["allow_headers"] == written
    assert len(write(config(text), "policy").losses) == told


def test_a_refused_preflight_is_never_forwarded() -> None:
    assert policy("allow_origins: [https://a.test]")["forward_not_matching_preflights"] is False


def test_a_regex_that_would_open_every_origin_is_not_written() -> None:
    assert policy("allow_origins: [{regex: '.*'}]")["allow_origin_string_match"] == []


def test_numbers_are_written_as_text() -> None:
    found = policy("allow_origins: [https://a.test]\nmax_age: -1\nallow_methods: [PUT, DELETE]")
    assert (found["max_age"], found["allow_methods"]) == ("0", "PUT, DELETE")


def test_the_bootstrap_holds_the_same_policy() -> None:
    settings = config("allow_origins: [https://a.test]")
    document = yaml.safe_load(write(settings, "bootstrap").text)
    (listener,) = document["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    (host,) = manager["route_config"]["virtual_hosts"]
    alone = policy("allow_origins: [https://a.test]")
    assert host["typed_per_filter_config"]["envoy.filters.http.cors"] == alone
