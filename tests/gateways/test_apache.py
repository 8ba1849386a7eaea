"""Apache: what its words cannot say is told, and no text leaves its quotes."""

import pytest

from corsproxy.config.loading import load_text
from corsproxy.gateways.apache import write
from tests.gateways.converted import config


def written(policy: str) -> str:
    return write(config(policy), "site").text


def test_a_quote_or_a_backslash_of_a_regex_stays_inside_its_word() -> None:
    text = written(r"""allow_origins: [{regex: 'https://"\d\\"'}]""")
    assert r'(?:https://\"\\d\\\\\")$" CORS_ORIGIN=$0' in text


def test_a_percent_of_a_name_begins_no_format() -> None:
    text = written("allow_origins: [https://a.test]\nexpose_headers: [x-%a]")
    assert 'Access-Control-Expose-Headers "x-%%a"' in text


@pytest.mark.parametrize("regex", ["https://$${HOME}", "https://a|\\n"])
def test_a_regex_that_it_would_change_or_cut_is_told_and_not_written(regex: str) -> None:
    policy = f'allow_origins: [https://b.test, {{regex: "{regex}"}}]'
    found = write(config(policy), "site")
    assert [str(loss.place) for loss in found.losses] == ["policy.yaml:4:35"]
    assert found.text.count("SetEnvIf Origin") == 1


def test_the_names_asked_for_are_sent_back_unless_authorization_is_among_them() -> None:
    text = written('allow_origins: [https://a.test]\nallow_headers: ["*", x-a]')
    assert "SetEnvIfNoCase Access-Control-Request-Headers" in text
    assert "-z reqenv('CORS_AUTHORIZATION')" in text
    assert "\"x-a\" \"expr=-n reqenv('CORS_ORIGIN') && -n reqenv('CORS_PREFLIGHT')" in text
    covered = written('allow_origins: [https://a.test]\nallow_headers: ["*", authorization]')
    assert "SetEnvIfNoCase" not in covered


def test_any_origin_without_credentials_does_not_vary() -> None:
    text = written('allow_origins: ["*"]')
    assert "merge Vary" not in text
    assert 'Header always set Access-Control-Allow-Origin "*"\n' in text


def test_a_policy_without_origins_grants_nothing() -> None:
    assert " set Access-Control-" not in written("max_age: 5")


def of(text: str) -> tuple[str, list[str]]:
    cors = "cors: {allow_origins: [https://a.test], refused_request: forward}"
    settings = load_text(f"{text}\n{cors}".encode(), "p.yaml", {}, {}).config
    found = write(settings, "site")
    return found.text, [loss.setting for loss in found.losses]


@pytest.mark.parametrize(
    ("host", "lines"),
    [
        ("preserve", ["ProxyPreserveHost On"]),
        ("upstream", ["ProxyPreserveHost Off"]),
        ("other.test", ["RequestHeader set Host other.test", "ProxyPreserveHost On"]),
    ],
)
def test_the_upstream_sees_the_host_that_is_settled(host: str, lines: list[str]) -> None:
    text, told = of(f"upstream: http://api.test\nforward: {{host: {host}}}")
    assert [line for line in lines if f"    {line}\n" not in text] == []
    assert ("Host" in text.split("ProxyPreserveHost")[0].split("Proto http")[1]) is (len(lines) > 1)
    assert told == []


def test_an_https_upstream_is_verified_by_its_own_name_alone() -> None:
    text, told = of("upstream: https://api.test")
    assert "SSLProxyVerify require" in text
    assert told == []
    assert of("upstream: https://api.test\nforward: {host: preserve}")[1] == ["forward.host"]


def test_an_address_of_every_kind_has_its_virtual_host() -> None:
    text, _ = of("upstream: unix:/tmp/api\nlisten: '[::1]:9000'")
    assert "Listen [::1]:9000\n<VirtualHost *:9000>\n" in text
    assert 'ProxyPass / "unix:/tmp/api|http://localhost/" nocanon' in text
