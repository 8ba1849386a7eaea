"""nginx: what its language cannot say is told, and its text cannot be left."""

import pytest

from corsproxy.config.loading import load_text
from corsproxy.gateways.nginx import write
from tests.gateways.converted import config


def test_a_quote_or_a_backslash_of_a_regex_stays_inside_its_key() -> None:
    text = write(config(r"""allow_origins: [{regex: 'https://"\d\\"; }'}]"""), "conf.d").text
    assert r'"~^(?:https://\"\\d\\\\\"; })$" $http_origin;' in text


def test_keys_are_regexes_since_plain_ones_ignore_case() -> None:
    text = write(config("allow_origins: [https://a.test]"), "conf.d").text
    assert r'"~^https://a\\.test$" $http_origin;' in text


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ('allow_headers: ["x-$a"]', "allow_headers"),
        ('expose_headers: ["x-$a"]', "expose_headers"),
        ('allow_methods: ["$A"]', "allow_methods"),
        ("allow_methods: [patch]", "allow_methods"),
    ],
)
def test_a_name_that_it_cannot_write_or_read_is_told(line: str, setting: str) -> None:
    losses = write(config(f"allow_origins: [https://a.test]\n{line}"), "conf.d").losses
    assert {loss.setting for loss in losses} == {setting}
    assert all(loss.place.line == 5 for loss in losses)


def test_a_dollar_is_never_written_as_a_part_of_a_name() -> None:
    policy = 'allow_origins: [https://a.test]\nallow_headers: ["*", "x-$args"]'
    assert "$args" not in write(config(policy), "conf.d").text


def test_an_https_upstream_is_verified() -> None:
    text = "upstream: https://api.example.com\ncors: {allow_origins: [https://a.test]}"
    written = write(load_text(text.encode(), "p.yaml", {}, {}).config, "nginx.conf").text
    assert "proxy_ssl_verify on;" in written
    assert "proxy_ssl_name api.example.com;" in written


def test_any_origin_without_credentials_does_not_vary() -> None:
    text = write(config('allow_origins: ["*"]'), "conf.d").text
    assert "add_header Vary Origin" not in text


def test_the_whole_file_is_the_part_inside_of_http() -> None:
    settings = config("allow_origins: [https://a.test]")
    part = write(settings, "conf.d").text.splitlines()[1:]
    whole = write(settings, "nginx.conf").text.splitlines()
    assert [line.removeprefix("    ") for line in whole[3:-1]] == part
    assert whole[:3] == ["events {}", "", "http {"]
