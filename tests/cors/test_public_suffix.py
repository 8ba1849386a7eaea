"""Public suffixes, and the registrable domains below them."""

import subprocess
import sys

import pytest

from corsproxy.cors.public_suffix import is_public_suffix, registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        pytest.param("a.co.uk", "a.co.uk", id="below a suffix of two labels"),
        pytest.param("www.a.co.uk", "a.co.uk", id="a subdomain"),
        pytest.param("co.uk", None, id="a suffix"),
        pytest.param("user.github.io", "user.github.io", id="the private part of the list"),
        pytest.param("github.io", None, id="a private suffix"),
        pytest.param("b.a.test", "a.test", id="a last label that is not listed"),
        pytest.param("localhost", None, id="a single label"),
        pytest.param("app.localhost", "app.localhost", id="below localhost"),
        pytest.param("127.0.0.1", None, id="an IPv4 address"),
        pytest.param("::1", None, id="an IPv6 address"),
        pytest.param("a.b.ck", "a.b.ck", id="below a wildcard rule"),
        pytest.param("www.ck", "www.ck", id="an exception of a wildcard rule"),
        pytest.param("www.xn--55qx5d.cn", "www.xn--55qx5d.cn", id="a suffix in punycode"),
        pytest.param("b.a.xn--p1ai", "a.xn--p1ai", id="a last label in punycode"),
        pytest.param("www.a.co.uk.", "a.co.uk.", id="with the root's dot"),
    ],
)
def test_the_registrable_domain(host: str, domain: str | None) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("host", "public"),
    [("co.uk", True), ("co.uk.", True), ("github.io", True), ("a.co.uk", False), ("test", False)],
)
def test_a_public_suffix_is_one_that_the_list_names(host: str, public: bool) -> None:
    assert is_public_suffix(host) is public


def test_the_list_is_loaded_when_it_is_asked_for() -> None:
    program = "import sys, corsproxy.cors.explain; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "publicsuffixlist" not in done.stdout.split()
