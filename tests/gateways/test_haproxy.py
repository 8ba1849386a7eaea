"""HAProxy: what a line of its configuration cannot say is told, and no text leaves its quotes."""

import pytest

from corsproxy.config.loading import load_text
from corsproxy.gateways.haproxy import write
from tests.gateways.converted import config, routed


def written(policy: str) -> str:
    return write(config(policy), "haproxy.cfg").text


def test_a_quote_of_a_regex_stays_inside_its_word() -> None:
    text = written(r"""allow_origins: [{regex: "https://'\\d #\""}]""")
    assert r"""(?:https://'\''\d #")$' }""" in text


def test_a_percent_of_a_name_begins_no_format() -> None:
    assert "Access-Control-Allow-Headers 'x-%%a'" in written(
        "allow_origins: [https://a.test]\nallow_headers: [x-%a]"
    )


def test_a_line_break_of_a_regex_is_told_and_not_written() -> None:
    found = write(
        config('allow_origins: [https://b.test, {regex: "https://a|\\n"}]'), "haproxy.cfg"
    )
    assert [str(loss.place) for loss in found.losses] == ["policy.yaml:4:35"]
    assert "https://a|" not in found.text
    assert r"https://b\.test" in found.text


def test_the_names_asked_for_are_sent_back_unless_authorization_is_among_them() -> None:
    text = written('allow_origins: [https://a.test]\nallow_headers: ["*", x-a]')
    assert "set-var-fmt(txn.cors_names) 'x-a' if { req.fhdr(Access-Control-Request-Headers)" in text
    alone = written('allow_origins: [https://a.test]\nallow_headers: ["*"]')
    assert "unset-var(txn.cors_names) if" in alone
    covered = written('allow_origins: [https://a.test]\nallow_headers: ["*", authorization]')
    assert "cors_names) if" not in covered


def test_any_origin_without_credentials_does_not_vary() -> None:
    text = written('allow_origins: ["*"]')
    assert "add-header Vary Origin" not in text
    assert "set-header Access-Control-Allow-Origin *\n" in text


def test_a_policy_without_origins_grants_nothing() -> None:
    assert "set-header Access-Control-" not in written("max_age: 5")


@pytest.mark.parametrize(
    ("upstream", "server"),
    [
        ("http://api.test", "server upstream 'api.test:80'\n"),
        ("http://[::1]:8000", "server upstream '[::1]:8000'\n"),
        ("unix:/tmp/an api", "server upstream 'unix@/tmp/an api'\n"),
        ("https://api.test", "verifyhost api.test sni str(api.test)\n"),
        ("https://192.0.2.1", "verifyhost 192.0.2.1\n"),
    ],
)
def test_the_upstream_is_a_server_whose_certificate_is_verified(upstream: str, server: str) -> None:
    text = f"upstream: {upstream}\ncors: {{allow_origins: [https://a.test]}}"
    settings = load_text(text.encode(), "p.yaml", {}, {}).config
    found = write(settings, "haproxy.cfg").text
    assert server in found
    assert ("ssl verify required" in found) is upstream.startswith("https")


def test_each_route_has_a_backend_and_a_path_of_two_readings_has_none() -> None:
    routes = "- {path: /a, strip_path: true, cors: {max_age: 5}}\n"
    host = "- {path: /, host: b.test, cors: {max_age: 6}}"
    text = write(routed(routes + host), "haproxy.cfg").text
    assert "acl host_1 req.hdr(host),field(1,:) -m str -i b.test b.test.\n" in text
    assert "use_backend upstream-2 if host_1\n" in text
    assert "use_backend refused if host_1 unsound\n" in text
    assert "http-request replace-path '^/a/?(.*)$' '/\\1'\n" in text
    assert text.endswith("backend refused\n    http-request deny deny_status 400\n")
