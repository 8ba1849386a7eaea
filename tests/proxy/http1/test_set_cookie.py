"""A cookie of the upstream's leaves as the client's browser keeps it, and no other is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.proxy.http1.set_cookie import CookieRewriting

LOCAL, OPEN, SECURE = "http://localhost:8080", "http://10.0.0.1:8080", "https://app.test"
AGENTS = {
    "chromium": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    "firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "webkit": "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
}


def head(agent: str) -> bytes:
    return f"GET / HTTP/1.1\r\nhost: a\r\nuser-AGENT: {AGENTS.get(agent, agent)}\r\n\r\n".encode()


def adapted(line: str, own: str = LOCAL, agent: str = "chromium", prefix: str = "") -> str:
    """The value of Set-Cookie as it leaves."""
    rewriting = CookieRewriting(prefix)
    fields = [("X-A", line), ("sET-cOOKIE", line), ("Set-Cookie2", line)]
    first, (name, value), last = rewriting.response_fields(fields, own, head(agent))
    assert (first, name, last) == (("X-A", line), "sET-cOOKIE", ("Set-Cookie2", line))
    raw = f"HTTP/1.1 200 OK\r\nsET-cOOKIE:{line}\r\n\r\n".encode("latin-1")
    assert value == line or rewriting.changes(own, raw)
    return value


@pytest.mark.parametrize(
    ("domain", "own", "leaves"),
    [
        pytest.param("api.example.com", LOCAL, "s=1; HttpOnly", id="a foreign name"),
        pytest.param(".Example.com", LOCAL, "s=1; HttpOnly", id="a dot and capitals"),
        pytest.param("localhost", LOCAL, None, id="the very name"),
        pytest.param("LOCALHOST", LOCAL, None, id="the very name in capitals"),
        pytest.param("localhost", "http://app.localhost", "s=1; HttpOnly", id="a suffix"),
        pytest.param("app.test", SECURE, None, id="the very name, over https"),
        pytest.param("app.test", "https://api.app.test", None, id="the domain above"),
        pytest.param("api.app.test", SECURE, "s=1; HttpOnly", id="the domain below"),
        pytest.param("xapp.test", SECURE, "s=1; HttpOnly", id="a name that ends alike"),
        pytest.param("co.uk", "https://a.co.uk", "s=1; HttpOnly", id="a public suffix"),
        pytest.param("10.0.0.1", OPEN, None, id="the very address"),
        pytest.param("0.0.1", OPEN, "s=1; HttpOnly", id="the end of an address"),
        pytest.param("", LOCAL, None, id="none: it counts as left out"),
        pytest.param("api.example.com", "", None, id="a client that named no host"),
    ],
)
def test_a_domain_goes_where_the_browser_would_refuse_it(
    domain: str, own: str, leaves: str | None
) -> None:
    line = f"s=1; Domain={domain}; HttpOnly"
    assert adapted(line, own) == (leaves or line)


@pytest.mark.parametrize(
    ("path", "leaves"),
    [
        ("/", "/api"),
        ("/account", "/api/account"),
        ("/Account/", "/api/Account/"),
        ("/api", "/api"),
        ("/api/x", "/api/x"),
        ("/apis", "/api/apis"),
        ("", ""),
        ("x", "x"),
    ],
)
def test_a_path_gets_the_prefix_that_was_stripped(path: str, leaves: str) -> None:
    assert adapted(f"s=1; PATH = {path};HttpOnly", prefix="/api") in (
        f"s=1; PATH ={leaves};HttpOnly",
        f"s=1; PATH = {leaves};HttpOnly",
    )
    assert adapted(f"s=1; Path={path}") == f"s=1; Path={path}"


NONE = "s=1; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=5"


@pytest.mark.parametrize(
    ("own", "agent", "leaves"),
    [
        pytest.param(SECURE, "chromium", None, id="https"),
        pytest.param(SECURE, "webkit", None, id="https, Safari"),
        pytest.param(LOCAL, "chromium", None, id="localhost"),
        pytest.param("http://127.0.0.2", "firefox", None, id="a loopback address"),
        pytest.param("http://[::1]:8080", "chromium", None, id="IPv6 loopback"),
        pytest.param("http://app.localhost", "chromium", None, id="below localhost"),
        pytest.param(LOCAL, "curl/8", None, id="no browser"),
        pytest.param(
            LOCAL, "webkit", "s=1; Path=/; HttpOnly; SameSite=None; Max-Age=5", id="Safari"
        ),
        pytest.param(OPEN, "webkit", "s=1; Path=/; HttpOnly; SameSite=None; Max-Age=5", id="lan"),
        pytest.param(OPEN, "chromium", "s=1; Path=/; HttpOnly; Max-Age=5", id="Chromium, lan"),
        pytest.param(OPEN, "firefox", "s=1; Path=/; HttpOnly; Max-Age=5", id="Firefox, lan"),
        pytest.param("", "chromium", None, id="a client that named no host"),
    ],
)
def test_secure_and_what_needs_it_go_where_no_browser_would_keep_it(
    own: str, agent: str, leaves: str | None
) -> None:
    assert adapted(NONE, own, agent) == (leaves or NONE)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("s=1; SameSite=None", id="None without Secure: the upstream's own affair"),
        pytest.param("s=1; Partitioned", id="Partitioned without Secure"),
        pytest.param("s=secure; HttpOnly", id="a value"),
        pytest.param("secure=domain; x-domain=a.test; securely", id="other names"),
        pytest.param("s=1", id="no attributes"),
        pytest.param("", id="nothing"),
        pytest.param(";;=;", id="no cookie"),
        pytest.param("__Host-s=1; Secure; Path=/; Domain=a.test", id="__Host-"),
        pytest.param("__secure-s=1; Secure; SameSite=Strict", id="__Secure-, whose promise it is"),
    ],
)
def test_other_cookies_are_left_to_the_byte(line: str) -> None:
    assert adapted(line, OPEN, "firefox") == line


def test_a_promise_of_secure_says_nothing_of_domain_and_path() -> None:
    line = "__Secure-s=1; Secure; Domain=a.test; Path=/"
    assert adapted(line, OPEN, prefix="/api") == "__Secure-s=1; Secure; Path=/api"


@given(
    st.text(st.sampled_from("sDomainPathSecure=/; .\t\xe4-_"), max_size=60),
    st.sampled_from([LOCAL, OPEN, SECURE, ""]),
    st.sampled_from(sorted(AGENTS)),
    st.sampled_from(["", "/api"]),
)
def test_whatever_changes_is_foreseen(line: str, own: str, agent: str, prefix: str) -> None:
    adapted(line, own, agent, prefix)


@given(
    st.lists(
        st.sampled_from(
            [
                "Domain=a.test",
                "domain=.localhost",
                "Path=/",
                "PATH=/x",
                "Secure",
                "SameSite=None",
                "Partitioned",
                "HttpOnly",
                "Max-Age=1",
                "",
            ]
        )
    ),
    st.sampled_from(["s=1", "__Host-s=1", "__Secure-s=1"]),
    st.sampled_from([LOCAL, OPEN, SECURE, ""]),
    st.sampled_from(sorted(AGENTS)),
    st.sampled_from(["", "/api"]),
)
def test_what_was_adapted_once_stays(
    attributes: list[str], pair: str, own: str, agent: str, prefix: str
) -> None:
    once = adapted("; ".join([pair, *attributes]), own, agent, prefix)
    assert adapted(once, own, agent, prefix) == once
