"""Tomcat: single origins, well-formed XML, and 403 for what is refused."""

from xml.etree import ElementTree as ET

import pytest

from corsproxy.config.loading import load_text
from corsproxy.gateways.tomcat import write
from tests.gateways.snippets import ONE, text, told


def parameters(policy: str) -> dict[str, str]:
    root = ET.fromstring(f"<web-app>{text('tomcat', policy)}</web-app>")
    pairs = [[child.text or "" for child in one] for one in root.iter("init-param")]
    return {name.removeprefix("cors."): value for name, value in pairs}


def test_lists_are_texts_with_commas_and_all_are_written() -> None:
    lists = "allow_methods: [PUT, 'M&1']\nallow_headers: [x-a, x-b]"
    found = parameters(f"{ONE}\n{lists}")
    assert found["allowed.methods"] == "GET,HEAD,POST,PUT,M&1"
    assert found["allowed.origins"] == "https://a.test"
    assert found["allowed.headers"] == "x-a,x-b"
    assert found["support.credentials"] == "false"
    assert found["preflight.maxage"] == "-1"


def test_no_names_are_one_that_needs_no_leave_since_none_would_be_its_own_list() -> None:
    assert parameters(ONE)["allowed.headers"] == "Accept"


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        ("", ["refused_request"]),
        ("allow_methods: ['*']", ["refused_request", "allow_methods"]),
        ("allow_headers: ['*', authorization]", ["refused_request", "allow_headers"]),
        ("max_age: 0", ["refused_request", "max_age"]),
    ],
)
def test_what_it_cannot_say_is_told(lines: str, lost: list[str]) -> None:
    assert told("tomcat", f"{ONE}\n{lines}") == lost


def test_a_refusal_of_requests_is_what_it_does() -> None:
    lines = "upstream: http://a.test\ncors: {allow_origins: [https://a.test, 'https://*.b.test']}"
    losses = write(load_text(lines.encode(), "p.yaml", {}, {}).config, "web.xml").losses
    assert [loss.setting for loss in losses] == ["allow_origins"]
