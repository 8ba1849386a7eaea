"""Upstreams that are reached in a way of their own: at once, or told with a fix that works."""

import re
from pathlib import Path

import pytest
import trustme

from tests.apps.conftest import Start
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
