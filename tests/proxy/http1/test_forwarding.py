"""Forwarding: what leaves for the upstream and for the client, field by field."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.settings import Forward, Forwarded, ForwardedOrigin
from corsproxy.cors.headers import fields_of
from corsproxy.proxy.http1 import forwarded, forwarding, plain_request_head
from corsproxy.proxy.http1.forwarding import Forwarder, Looping
from corsproxy.proxy.http1.incoming_request import Client, Incoming

CLIENT = Client("127.0.0.1")
OURS = {"via", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"}


UPSTREAM = UpstreamAddress("https", "up.test", 81)


def forwarder(host: str = "upstream", prefix: str = "", **settings: Any) -> Forwarder:
    forward = Forward(host, **settings)
    return Forwarder(UPSTREAM, forward, prefix=prefix, pseudonym="corsproxy-1")


def incoming(*fields: tuple[str, str], method: str = "GET", host: str = "a.test") -> Incoming:
    return Incoming(method, "/x", fields, host)


def kept(*fields: tuple[str, str], method: str = "GET") -> list[tuple[str, str]]:
    """What is left of these fields."""
    left = forwarder().request_fields(incoming(*fields, method=method), CLIENT)
    return [pair for pair in left if pair[0].lower() not in OURS]


NAME = st.from_regex(r"\A[A-Za-z][A-Za-z0-9-]{0,12}\Z")
VALUE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))


@given(st.lists(st.tuples(NAME, VALUE)))
def test_whatever_is_not_named_passes_in_order(fields: list[tuple[str, str]]) -> None:
    named = forwarding.REQUEST_DROPPED | {"via"}
    end_to_end = [pair for pair in fields if pair[0].lower() not in named]
    assert kept(*end_to_end) == end_to_end


@given(st.lists(st.tuples(NAME, VALUE)))
def test_a_head_has_as_many_lines_as_it_has_fields(fields: list[tuple[str, str]]) -> None:
    head = forwarder().request_head(incoming(*fields), CLIENT, target="/x")
    sent = forwarder().request_fields(incoming(*fields), CLIENT)
    assert head.endswith(b"\r\n\r\n")
    assert len(head.split(b"\r\n")) == len(sent) + 4


@pytest.mark.parametrize(
    ("host", "sent"), [("upstream", "up.test:81"), ("preserve", "a.test"), ("b.test", "b.test")]
)
def test_host_is_whose_it_should_be(host: str, sent: str) -> None:
    assert forwarder(host).host_for("a.test") == sent


def test_an_old_client_has_no_host_to_preserve() -> None:
    assert forwarder("preserve").host_for("") == "up.test:81"


@pytest.mark.parametrize("trusted", [False, True])
def test_what_looks_like_our_word_is_dropped_whoever_said_it(trusted: bool) -> None:
    said = incoming(("X-Real-IP", "10.0.0.1"), ("X_Real_IP", "10.0.0.2"), ("X_Other", "1"))
    sent = forwarder().request_fields(said, Client("127.0.0.1", trusted=trusted))
    assert [value for name, value in sent if "Real" in name] == ["10.0.0.1"] * trusted
    assert ("X_Other", "1") in sent


MARKED = st.text("!#$%&'*+-.^_`|~", min_size=1, max_size=1)


@given(st.sampled_from(sorted(forwarding.LOOK_ALIKES)), st.data())
def test_both_lanes_look_at_every_look_alike(name: str, data: st.DataObject) -> None:
    alike = "".join(data.draw(MARKED) if letter == "-" else letter for letter in name)
    line = f"{alike}: 10.0.0.1".encode()
    pieces = plain_request_head.split(b"GET / HTTP/1.1\r\n" + line + b"\r\n\r\n")
    assert pieces[2::3] == [line]
    assert alike == "content-length" or kept((alike.title(), "10.0.0.1")) == []


def test_without_a_host_nothing_is_said_of_one() -> None:
    sent = dict(forwarder().request_fields(incoming(host=""), CLIENT))
    assert "X-Forwarded-Host" not in sent
    assert sent["Forwarded"] == "for=127.0.0.1;proto=http"


@pytest.mark.parametrize(
    ("address", "node"),
    [("127.0.0.1", "127.0.0.1"), ("::1", '"[::1]"'), ("unix", "unknown")],
)
def test_an_address_is_spelled_as_forwarded_wants_it(address: str, node: str) -> None:
    assert Client(address).node == node


def test_a_loop_is_seen_in_any_line_of_via() -> None:
    with pytest.raises(Looping):
        kept(("Via", "1.1 a"), ("via", "1.0 b, 1.1 corsproxy-1"))


def test_another_instance_is_no_loop() -> None:
    assert forwarding.new_pseudonym() != forwarding.new_pseudonym()


def test_the_word_of_a_trusted_proxy_is_completed() -> None:
    said = (("X-Forwarded-For", "10.0.0.1"), ("X-Forwarded-Port", "443"), ("x-forwarded-for", "b"))
    trusted = Client("127.0.0.1", trusted=True)
    sent = dict(forwarder().request_fields(incoming(*said), trusted))
    assert sent["X-Forwarded-For"] == "10.0.0.1, b, 127.0.0.1"
    assert sent["X-Forwarded-Port"] == "443"
    assert sent["X-Forwarded-Proto"] == "http"


def test_a_stripped_prefix_is_told_behind_those_of_trusted_proxies() -> None:
    told = forwarder(prefix="/api")
    said = incoming(("X-Forwarded-Prefix", "/shop/"))
    assert dict(told.request_fields(said, CLIENT))["X-Forwarded-Prefix"] == "/api"
    trusted = Client("127.0.0.1", trusted=True)
    assert dict(told.request_fields(said, trusted))["X-Forwarded-Prefix"] == "/shop/api"
    assert "X-Forwarded-Prefix" not in dict(forwarder().request_fields(incoming(), CLIENT))


SAID = incoming(("X-Forwarded-For", "10.0.0.1"), ("X-Forwarded-Port", "443"))


@pytest.mark.parametrize(
    ("rule", "trusted", "sent"),
    [
        pytest.param("add", False, "127.0.0.1", id="always"),
        pytest.param("add", True, "10.0.0.1, 127.0.0.1", id="always, completed"),
        pytest.param("trusted", False, None, id="of no client"),
        pytest.param("trusted", True, "10.0.0.1, 127.0.0.1", id="of a trusted proxy's clients"),
        pytest.param("off", False, None, id="not at all"),
        pytest.param("off", True, None, id="not at all, whoever says it"),
    ],
)
def test_whether_the_client_is_told_of_is_a_setting(
    rule: str, trusted: bool, sent: str | None
) -> None:
    fields = forwarder(forwarded=Forwarded(rule)).request_fields(
        SAID, Client("127.0.0.1", trusted=trusted)
    )
    assert dict(fields).get("X-Forwarded-For") == sent
    told = {name for name, _ in fields if name.lower() in forwarded.FORWARDED}
    assert bool(told) is (sent is not None)


@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("upstream", "https://up.test:81"),
        ("preserve", "https://a.test"),
        ("b.test", "https://b.test"),
    ],
)
def test_a_rewritten_origin_agrees_with_all_that_a_backend_compares_it_with(
    host: str, origin: str, trusted: bool
) -> None:
    told = forwarder(host, origin=ForwardedOrigin.REWRITE)
    said = incoming(
        ("Origin", "http://localhost:5173"),
        ("Referer", "http://localhost:5173/a?b"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", "localhost:5173"),
        method="POST",
    )
    head = told.request_head(said, Client("127.0.0.1", trusted=trusted), target="/x")
    sent = dict(fields_of(head))
    assert sent["Origin"] == origin
    assert sent["Referer"] == f"{origin}/a?b"
    assert f"{sent['X-Forwarded-Proto']}://{sent['X-Forwarded-Host']}" == origin
    assert f"{sent['X-Forwarded-Proto']}://{sent['Host']}" == origin


@pytest.mark.parametrize(
    ("origin", "referer", "sent"),
    [
        pytest.param("keep", "http://a.test/x", "http://a.test/x", id="kept"),
        pytest.param("drop", "http://a.test/x", None, id="dropped"),
        pytest.param("rewrite", "HTTPS://a.test?x", "https://up.test:81?x", id="without a path"),
        pytest.param("rewrite", "http://a.test", "https://up.test:81", id="an origin alone"),
        pytest.param("rewrite", "/x", "/x", id="no URL"),
        pytest.param("rewrite", "about:client", "about:client", id="of no host"),
    ],
)
def test_referer_follows_origin(origin: str, referer: str, sent: str | None) -> None:
    told = forwarder(origin=ForwardedOrigin(origin))
    said = incoming(("X-Referer", "http://a.test/"), ("rEFERER", referer), ("X-A", "1"))
    left = fields_of(told.request_head(said, CLIENT, target="/x"))[1:4]
    assert left[:1] == [("X-Referer", "http://a.test/")]
    assert ("X-A", "1") in left
    assert dict(left).get("rEFERER") == sent


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("10.1.2.3", True),
        ("11.1.2.3", False),
        ("::1", True),
        ("fe80::1%eth0", False),
        ("unix", False),
    ],
)
def test_networks_are_trusted_by_address(address: str, trusted: bool) -> None:
    networks = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128"))
    assert forwarded.trusts(networks, address) is trusted


@pytest.mark.parametrize(
    ("method", "value", "left"),
    [
        ("OPTIONS", "0", 0),
        ("TRACE", "3", 3),
        ("GET", "0", None),
        ("OPTIONS", "x", None),
        ("OPTIONS", "9" * 20, None),
    ],
)
def test_hops_count_for_two_methods(method: str, value: str, left: int | None) -> None:
    assert forwarding.hops_left(incoming(("Max-Forwards", value), method=method)) == left


def test_a_response_loses_what_its_connection_names() -> None:
    fields = [("Connection", "close, X-Hop"), ("X-Hop", "1"), ("Vary", "a"), ("Upgrade", "h2c")]
    assert forwarding.response_fields(fields) == [("Vary", "a")]
