"""Upstreams with an address of their own, or that refuse something at first: told with a fix."""

import re
import subprocess
from pathlib import Path

import pytest
import trustme

from tests.apps.conftest import Start, missing
from tests.apps.tab import Tab


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate with its key for a server, and the private authority that issued it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "leaf.pem"))
    return tmp_path / "leaf.pem", tmp_path / "ca.pem"


async def test_hypercorn_with_a_private_authority_is_told_with_a_fix_that_works(
    tab: Tab, python_app: Start, certified: tuple[Path, Path]
) -> None:
    leaf, ca = certified
    upstream = f"https://127.0.0.1:{python_app('hypercorn', str(leaf))}"
    got = await tab.fetch("GET", tab.behind(upstream))
    assert (got.status, got.json["id"]) == (502, "tls")
    flag = got.json["fix"].split(" ")[0]
    tab.programs[0].wait_for(re.escape(f"fix: {flag} FILE"))
    base = tab.behind(upstream, flag, str(ca))
    assert (await tab.fetch("POST", base, "content")).text == "content"


async def test_strawberry_wants_its_own_origin_and_is_told_with_a_fix_that_works(
    tab: Tab, python_app: Start, node: Path
) -> None:
    port = python_app("strawberry")
    tab.bundle(node, "subscribed")
    asked = '{"query": "{ hello(name: \\"ada\\") }"}'
    base = tab.behind(port)
    got = await tab.fetch("POST", f"{base}/graphql", asked, Content_Type="application/json")
    assert got.json["data"] == {"hello": "hello ada"}
    counting = "subscription { count(to: 2) }"
    with pytest.raises(AssertionError, match="Unexpected response code: 403"):
        await tab.play("subscribed", base, counting)
    fix = tab.programs[0].wait_for(r"fix: .*(--forward-origin rewrite)")[1]
    told = await tab.play("subscribed", tab.behind(port, *fix.split()), counting)
    assert told == [{"count": 1}, {"count": 2}]


async def test_django_trusts_its_own_origin_alone_and_is_told_with_a_fix_that_works(
    tab: Tab, python_app: Start
) -> None:
    port = python_app("django", "https://app.example.com")
    who = '{"username": "admin", "password": "admin"}'
    base = tab.behind(port)
    token = (await tab.fetch("GET", f"{base}/api/")).json["token"]
    assert (await tab.fetch("POST", f"{base}/api/", who, X_CSRFToken=token)).status == 403
    fix = tab.programs[0].wait_for(r"fix: .*(--forward-origin rewrite)")[1]
    base = tab.behind(port, *fix.split())
    got = await tab.fetch("POST", f"{base}/api/", who, X_CSRFToken=token)
    assert got.json == {"name": "admin"}


async def test_a_server_of_http_2_alone_is_told_with_a_fix(
    tab: Tab, node_app: Start, node: Path
) -> None:
    got = await tab.fetch("GET", tab.behind(node_app("connect", "h2")))
    assert (got.status, got.json["id"]) == (502, "malformed")
    assert got.json["fix"] == "let the upstream speak HTTP/1.1 as well"
    tab.bundle(node, "connect")
    base = tab.behind(node_app("connect"))
    assert await tab.play("connect", base, "connect") == ["LAMP", ["b", "a", "d"], "no more"]


NAMED = 'mount --bind "$0" /etc/hosts && exec "$@"'
"""The hosts of a compose network for one program and nobody else: its mounts are its own."""


@pytest.fixture
def in_compose(tmp_path: Path) -> tuple[str, ...]:
    """What starts a program that knows the service `backend` by its name."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost backend\n")
    started = ("unshare", "--mount", "sh", "-c", NAMED, str(hosts))
    try:
        subprocess.run([*started, "true"], check=True)
    except (OSError, subprocess.CalledProcessError):
        missing("no mounts of one's own here: that needs Linux and root")
    return started


async def test_a_service_of_compose_is_called_by_its_name(
    tab: Tab, python_app: Start, in_compose: tuple[str, ...]
) -> None:
    upstream = f"http://backend:{python_app('django', tab.origin)}"
    base = tab.behind(upstream, before=in_compose)
    got = await tab.fetch("GET", f"{base}/items/")
    assert (got.status, got.headers["x-total-count"]) == (200, "3")
    await tab.page.goto(f"{base}/admin")  # Django appends the slash
    assert tab.page.url.startswith(f"{base}/admin/login/")
