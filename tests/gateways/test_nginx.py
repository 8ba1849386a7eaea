"""nginx: what its language cannot say is told, and its text cannot be left."""

import pytest

from corsproxy.config.loading import load_text
from corsproxy.gateways.nginx import write
from tests.gateways.converted import config, routed


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


def test_each_policy_has_variables_of_its_own_and_equal_ones_share_them() -> None:
    settings = routed("""- {path: /a, cors: {allow_headers: ["*"], allow_private_network: true}}
- {path: /b, upstream: 'http://127.0.0.1:9000'}""")
    written = write(settings, "conf.d")
    assert written.losses == ()
    assert (
        "map $cors_origin_1 $cors_headers_1 {\n    default $cors_asked_headers_1;" in written.text
    )
    assert 'map "$cors_origin_1|$http_access_control_request_private_network"' in written.text
    assert written.text.count("map $http_origin") == 2
    assert written.text.count("add_header Access-Control-Allow-Origin $cors_origin always;") == 4
    assert written.text.count("add_header Access-Control-Allow-Origin $cors_origin_1 always;") == 2


def test_what_one_route_allows_and_nginx_cannot_write_is_told_in_its_place() -> None:
    written = write(routed("- {path: /a, cors: {allow_methods: [patch]}}"), "conf.d")
    assert [str(loss.place) for loss in written.losses] == ["policy.yaml:4:37"]
