"""Caddy: what a Caddyfile cannot say is told, and the origin is what was matched."""

import pytest

from corsproxy.gateways.caddy import write
from tests.gateways.converted import config, routed


@pytest.mark.parametrize("regex", ["https://a`", "https://{$HOME}", "https://{host}"])
def test_a_regex_that_ends_its_text_or_holds_a_placeholder_is_told(regex: str) -> None:
    written = write(config(f"allow_origins: [https://b.test, {{regex: '{regex}'}}]"), "caddyfile")
    assert [str(loss.place) for loss in written.losses] == ["policy.yaml:4:35"]
    assert "https://b\\.test" in written.text
    assert regex not in written.text


def test_a_repetition_is_no_placeholder() -> None:
    written = write(config("allow_origins: [{regex: 'https://a{1,5}'}]"), "caddyfile")
    assert written.losses == ()


def test_the_origin_is_what_was_matched_and_not_what_came() -> None:
    text = write(config("allow_origins: [https://a.test]"), "caddyfile").text
    assert "Access-Control-Allow-Origin {re.granted.0}" in text


def test_a_policy_without_origins_matches_none() -> None:
    text = write(config("max_age: 5"), "caddyfile").text
    assert r"header_regexp granted Origin `[^\s\S]`" in text


def test_each_policy_has_matchers_of_its_own_and_a_prefix_goes_before_the_upstream() -> None:
    settings = routed("""- path: /a
  strip_path: true
  cors: {allow_origins: [https://b.test], allow_headers: ["*"], allow_private_network: true}""")
    written = write(settings, "caddyfile")
    assert written.losses == ()
    for name in ("granted_1", "authorization_1", "private_1"):
        assert f"@{name} {{" in written.text
        assert f"header @{name} " in written.text
    assert "Access-Control-Allow-Origin {re.granted_1.0}" in written.text
    own = written.text.split("handle @path_0_0 {")[1]
    assert own.index("uri strip_prefix /a") < own.index("header_up X-Forwarded-Prefix /a")
