"""What names the upstream comes to name the proxy, and nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.proxy.http1.rewriting import REWRITTEN, Rewriting

OWN = "http://localhost:8080"
REWRITING = Rewriting(frozenset({"http://127.0.0.1:8000", "http://api.test"}), "http", "")
STRIPPED = Rewriting(frozenset({"http://127.0.0.1:8000", "http://api.test"}), "http", "/api")


@pytest.mark.parametrize(
    ("came", "leaves", "with_prefix"),
    [
        pytest.param("http://127.0.0.1:8000/x?y#z", f"{OWN}/x?y#z", f"{OWN}/api/x?y#z", id="own"),
        pytest.param("HTTP://127.0.0.1:8000/x", f"{OWN}/x", f"{OWN}/api/x", id="in capitals"),
        pytest.param("http://API.test:80/x", f"{OWN}/x", f"{OWN}/api/x", id="the default port"),
        pytest.param("http://127.0.0.1:8000", OWN, f"{OWN}/api", id="no path"),
        pytest.param("http://127.0.0.1:8000?a", f"{OWN}?a", f"{OWN}/api?a", id="a query only"),
        pytest.param("//127.0.0.1:8000/x", f"{OWN}/x", f"{OWN}/api/x", id="no scheme"),
        pytest.param(f"{OWN}/x", f"{OWN}/x", f"{OWN}/api/x", id="the client's Host, preserved"),
        pytest.param(f"{OWN}/api/x", f"{OWN}/api/x", f"{OWN}/api/x", id="it knows its prefix"),
        pytest.param("/x", "/x", "/api/x", id="a path"),
        pytest.param("/api", "/api", "/api", id="the prefix itself"),
        pytest.param("/api?x", "/api?x", "/api?x", id="the prefix and a query"),
        pytest.param("/apis", "/apis", "/api/apis", id="a name that begins like the prefix"),
        pytest.param("x/y", "x/y", "x/y", id="relative"),
        pytest.param("?page=2", "?page=2", "?page=2", id="a query"),
        pytest.param("", "", "", id="nothing"),
        pytest.param("https://127.0.0.1:8000/x", None, None, id="another scheme"),
        pytest.param("http://127.0.0.1:80001/x", None, None, id="another port"),
        pytest.param("http://127.0.0.1:8000.evil.test/", None, None, id="a host that begins so"),
        pytest.param("http://u@127.0.0.1:8000/", None, None, id="a user name"),
        pytest.param("http://127.0.0.1:8000\\@evil.test/", None, None, id="a backslash"),
        pytest.param("//evil.test/x", None, None, id="another host without a scheme"),
        pytest.param("https://login.test/?u=http://127.0.0.1:8000/", None, None, id="in a query"),
        pytest.param("mailto:a@b.test", None, None, id="no address at all"),
    ],
)
def test_a_reference_to_the_upstream_leads_to_the_proxy(
    came: str, leaves: str | None, with_prefix: str | None
) -> None:
    wanted = (came, came) if leaves is None else (leaves, with_prefix)
    assert (REWRITING.reference(came, OWN), STRIPPED.reference(came, OWN)) == wanted


@pytest.mark.parametrize(
    ("came", "leaves"),
    [
        pytest.param("http://localhost:8443/x", "https://localhost:8443/x", id="our Host, in http"),
        pytest.param("https://localhost:8443/x", "https://localhost:8443/x", id="as it is"),
        pytest.param("http://127.0.0.1:8000/x", "https://localhost:8443/x", id="its own address"),
        pytest.param("http://localhost:8080/x", "http://localhost:8080/x", id="another port"),
        pytest.param("https://127.0.0.1:8000/x", "https://127.0.0.1:8000/x", id="not its scheme"),
    ],
)
def test_an_upstream_that_does_not_know_of_https_leads_to_the_proxy_too(
    came: str, leaves: str
) -> None:
    assert REWRITING.reference(came, "https://localhost:8443") == leaves


@pytest.mark.parametrize(
    ("name", "came", "leaves"),
    [
        pytest.param("Location", "http://api.test/x", f"{OWN}/api/x", id="Location"),
        pytest.param("content-location", "/x", "/api/x", id="Content-Location"),
        pytest.param("Refresh", "5; url=http://api.test/x", f"5; url={OWN}/api/x", id="Refresh"),
        pytest.param("Refresh", "0;URL='/x'", "0;URL='/api/x'", id="Refresh in quotes"),
        pytest.param("Refresh", "5", "5", id="Refresh without an address"),
        pytest.param("Refresh", "http://api.test/", "http://api.test/", id="no Refresh"),
        pytest.param(
            "Link",
            '</a>; rel=next, <http://api.test/b>; title="<http://api.test/c>", <https://cdn.test/>',
            f'</api/a>; rel=next, <{OWN}/api/b>; title="<http://api.test/c>", <https://cdn.test/>',
            id="Link",
        ),
        pytest.param(
            "Link", '</a>; title="</b>', '</api/a>; title="</b>', id="a quote without end"
        ),
        pytest.param("X-Location", "http://api.test/x", "http://api.test/x", id="another header"),
    ],
)
def test_every_header_with_references_is_looked_at(name: str, came: str, leaves: str) -> None:
    assert STRIPPED.response_fields([(name, came)], OWN) == [(name, leaves)]


@pytest.mark.parametrize(
    ("own", "came", "leaves"),
    [
        pytest.param(OWN, "http://localhost:8000/x", f"{OWN}/x", id="its own port"),
        pytest.param("http://[::1]:8080", "http://[::1]:8000/", "http://[::1]:8080/", id="IPv6"),
        pytest.param("http://[::1]", "http://[::1]:8000/", "http://[::1]/", id="no port of ours"),
        pytest.param(OWN, "http://localhost:5173/x", None, id="the port of another server"),
        pytest.param(OWN, "https://localhost:8000/x", None, id="not its scheme"),
        pytest.param(OWN, "http://api.localhost:8000/", None, id="a name that was not told"),
    ],
)
def test_an_upstream_that_puts_its_port_behind_our_name_leads_to_the_proxy_too(
    own: str, came: str, leaves: str | None
) -> None:
    nginx = Rewriting(frozenset({"http://127.0.0.1:8000"}), "http", "", "8000")
    assert nginx.reference(came, own) == (leaves or came)
    assert REWRITING.reference(came, own) == came


def test_where_the_client_named_no_origin_only_the_prefix_is_put_back() -> None:
    came = [("Location", "http://api.test/x"), ("Content-Location", "/x")]
    assert STRIPPED.response_fields(came, "") == [came[0], ("Content-Location", "/api/x")]


@given(
    st.sampled_from(sorted(REWRITTEN)),
    st.text(st.sampled_from('ht:/p.a1"<>;=,\\ \tuRL#?'), max_size=40),
    st.sampled_from(["", OWN]),
)
def test_what_names_no_upstream_and_no_prefix_is_left_to_the_byte(
    name: str, value: str, own: str
) -> None:
    nobody = Rewriting(frozenset(), "http", "")
    assert nobody.response_fields([(name, value)], own) == [(name, value)]


@pytest.mark.parametrize(
    ("came", "arrives"),
    [
        pytest.param(f"{OWN}/api/b", "http://127.0.0.1:8000/b", id="the client's address"),
        pytest.param("HTTP://LOCALHOST:8080/api/b", "http://127.0.0.1:8000/b", id="in capitals"),
        pytest.param("/api/b", "/b", id="a path"),
        pytest.param("/other", "/other", id="a path elsewhere"),
        pytest.param("http://other.test/api/b", "http://other.test/api/b", id="another server"),
        pytest.param("//localhost:8080/api/b", "//localhost:8080/api/b", id="no scheme"),
    ],
)
def test_a_destination_is_told_as_the_upstream_knows_it(came: str, arrives: str) -> None:
    assert STRIPPED.destination(came, OWN, "http://127.0.0.1:8000") == arrives


def test_without_an_origin_of_ours_no_destination_is_taken_for_one() -> None:
    assert STRIPPED.destination("//a.test/b", "", "http://up.test") == "//a.test/b"
