"""What every gateway that forwards needs: an address, the upstream's Host, lists that hold."""

import pytest

from corsproxy.config.loading import load_text
from corsproxy.cors.names import Names
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import (
    covers_authorization,
    host,
    is_address,
    listen,
    methods,
)


def export(text: str) -> Export:
    policy = "cors: {allow_origins: [https://a.test], refused_request: forward}"
    return Export.of(load_text(f"{text}\n{policy}".encode(), "p.yaml", {}, {}).config)


@pytest.mark.parametrize(
    ("listens", "on", "told"),
    [
        ("127.0.0.1:9000", "127.0.0.1:9000", 0),
        ("'[::1]:9000'", "[::1]:9000", 0),
        ("[127.0.0.1:9000, '[::1]:9000']", "127.0.0.1:9000", 1),
        ("unix:/tmp/socket", "127.0.0.1:8080", 1),
    ],
)
def test_it_listens_on_the_first_address_and_the_others_are_told(
    listens: str, on: str, told: int
) -> None:
    found = export(f"upstream: http://127.0.0.1:8000\nlisten: {listens}")
    assert (listen(found).authority, len(found.losses)) == (on, told)


@pytest.mark.parametrize(
    ("text", "sees"),
    [
        ("upstream: http://127.0.0.1:8000", ""),
        ("upstream: https://api.example.com", "api.example.com"),
        ("upstream: https://api.example.com\nforward: {host: preserve}", ""),
        ("upstream: http://127.0.0.1:8000\nforward: {host: other.test}", "other.test"),
    ],
)
def test_the_upstream_sees_the_host_that_the_policy_settles(text: str, sees: str) -> None:
    assert host(export(text)) == sees


def test_a_list_of_methods_is_never_left_out() -> None:
    assert methods(Names()) == "GET, HEAD, POST"
    assert methods(Names(("PUT",))) == "PUT"


def test_the_wildcard_alone_does_not_cover_authorization() -> None:
    assert not covers_authorization(Names(any=True))
    assert covers_authorization(Names(("Authorization",), any=True))


@pytest.mark.parametrize(
    ("name", "there"), [("192.0.2.1", True), ("::1", True), ("localhost", False), ("1.test", False)]
)
def test_an_address_is_no_name(name: str, there: bool) -> None:
    assert is_address(name) is there
