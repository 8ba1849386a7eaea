"""Settings are written as they were given: what is read of them again is the same."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given

from corsproxy.config.config_writer import to_yaml
from corsproxy.config.loading import gather, load_text
from corsproxy.config.settings import Config, Route
from corsproxy.config.yaml_text.tree import Listing, Node, Notes, Scalar
from corsproxy.cors.policy import Policy
from corsproxy.learn.comments import Comments
from corsproxy.learn.given_text import sections
from corsproxy.learn.observations import Observations
from corsproxy.learn.open_settings import open_settings
from corsproxy.learn.policy_text import policy_text
from tests.config.test_config_writer import configs

ENVIRON = {"TOKEN": "s3cret", "PORT": "8000"}
EVERYTHING = """\
listen: [127.0.0.1:8080, "https://127.0.0.1:8443"]
tls: auto
upstream: http://127.0.0.1:${PORT}
allowed_hosts: [a.test]
forward:
  origin: drop
  request_headers:
    set: {X-Token: "${TOKEN}", X-Literal: 'a $${b} ${TOKEN:-c}', X-Odd: "NO: #1"}
    remove: [accept-language]
rewrite: {cookies: NO}
upstream_tls: {verify: false}
timeouts: {idle: 1.5h}
limits: {connections: 20, body_bytes: null}
trusted_proxies: [10.0.0.0/8]
admin: off
log: {level: debug}
har: null
fast_lane: false
"""


def written(content: str, flags: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    notes = Notes("policy.yaml")
    found = sections(gather(content.encode(), notes, environ, flags), Comments(notes.lines))
    return "\n".join(line for lines in found.values() for line in lines)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(EVERYTHING, id="every kind of setting"),
        pytest.param("listen: 8080\nlog: {level: ~}", id="what is no text"),
        pytest.param("tls: {certificate: a.pem, key: a.key}", id="a group with a short form"),
        pytest.param("listen: &a [1, 2]\nallowed_hosts: *a", id="an alias, once for each place"),
        pytest.param("forward: {request_headers: {set: {}}}", id="nothing to set"),
        pytest.param("upstream: {a: [{b: c}]}", id="what no setting takes"),
    ],
)
def test_what_is_written_is_read_as_the_same_settings(content: str) -> None:
    given = gather(content.encode(), Notes("policy.yaml"), ENVIRON, {})
    again = gather(written(content, {}, ENVIRON).encode(), Notes("again.yaml"), ENVIRON, {})
    assert list(map(plain, again.nodes.values())) == list(map(plain, given.nodes.values()))
    assert again.nodes.keys() == given.nodes.keys()


def plain(node: Node) -> Any:
    """What a node says, without its place."""
    if isinstance(node, Scalar):
        return node.text, node.type, node.written
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.values.items()}


def test_a_setting_that_is_left_empty_says_so() -> None:
    assert written("har:\n", {}, {}) == "har: null"


def test_a_reference_stays_one() -> None:
    text = written(EVERYTHING, {}, ENVIRON)
    assert 'upstream: "http://127.0.0.1:${PORT}"\n' in text
    assert 'set: {X-Token: "${TOKEN}", X-Literal: "a $${b} ${TOKEN:-c}", ' in text
    assert "s3cret" not in text


def test_flags_and_variables_are_written_in_their_place_and_their_secrets_are_not() -> None:
    flags = {
        "forward.request_headers.set": ("X-Key: s3cret",),
        "fast_lane": False,
        "listen": ("127.0.0.1:1", "127.0.0.1:2"),
    }
    text = written("log: {level: debug}\n", flags, {"CORSPROXY_UPSTREAM": "http://a.test"})
    assert text == (
        "listen: [127.0.0.1:1, 127.0.0.1:2]\n"
        "upstream: http://a.test\n"
        "forward:\n"
        "  request_headers:\n"
        "    set:\n"
        '      X-Key: "${X_KEY}"\n'
        "log:\n"
        "  level: debug\n"
        "fast_lane: false"
    )


def test_a_long_list_has_a_line_for_each_element() -> None:
    hosts = [f"name-{number}.test" for number in range(10)]
    text = written(f"allowed_hosts: [{', '.join(hosts)}]", {}, {})
    assert text.splitlines() == ["allowed_hosts:", *(f"  - {host}" for host in hosts)]


@given(configs())
def test_any_settings_learned_with_are_written_as_the_same_settings(config: Config) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "policy.yaml")
        path.write_text(to_yaml(config), "utf-8")
        opened = open_settings(path, {}, {})
    text = policy_text(opened, [Observations() for _ in opened.config.routes])
    again = load_text(text.encode(), "policy.yaml", {}, {}).config
    assert [_unjudged(route) for route in again.routes] == [*map(_unjudged, config.routes)]
    routes = config.routes
    assert dataclasses.replace(again, policy=config.policy, routes=routes) == config


def _unjudged(route: Route) -> Route:
    return dataclasses.replace(route, policy=Policy())
