"""The real program: `corsproxy learn`, taught by real traffic."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.demo.backend import backend
from corsproxy.probe.client import ProbeClient
from corsproxy.probe.judge import Call, judge
from tests.browser.world import proxy, served
from tests.cli.learning import learning, started

PAGE = "http://localhost:5173"
CALLS = [
    Call(Attempt(PAGE), "/dev/cors"),
    Call(Attempt(PAGE, "PUT", [("X-Demo", "1")]), "/dev/items/1", content=b"lamp"),
    Call(Attempt(PAGE, "DELETE"), "/dev/items/1"),
    Call(Attempt("https://app.test", credentials=True), "/dev/me", cookie="session=demo"),
]


@pytest.fixture
async def api() -> AsyncIterator[str]:
    async with served(backend()) as port:
        yield f"http://127.0.0.1:{port}"


async def outcomes(base: str) -> list[str]:
    called = [await judge(ProbeClient(), call._replace(url=base + call.url)) for call in CALLS]
    return [account.outcome for account in called]


async def test_the_policy_learned_grants_what_it_was_taught(api: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    async with learning("--upstream", api, "-o", str(policy)) as taught:
        assert await outcomes(taught.url) == ["readable"] * len(CALLS)
        code, out, err = await taught.end()
    assert (code, out) == (0, "")
    assert f"wrote {policy}; next: corsproxy run -c {policy}" in err
    lint = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "corsproxy", "lint", str(policy)
    )
    assert await lint.wait() == 0
    async with proxy("-c", str(policy)) as origin:
        assert await outcomes(origin) == ["readable"] * len(CALLS)
        stranger = Call(Attempt("https://stranger.test"), f"{origin}/dev/cors")
        assert (await judge(ProbeClient(), stranger)).outcome == "blocked"


async def test_without_a_file_the_policy_goes_to_standard_output(api: str) -> None:
    async with learning("--upstream", api) as taught:
        await outcomes(taught.url)
        code, out, _ = await taught.end()
    assert code == 0
    assert "    - PUT # once: PUT /dev/items/1\n" in out
    assert "s3cret" not in out


async def test_without_traffic_there_is_nothing_to_write(api: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    async with learning("--upstream", api, "-o", str(policy)) as taught:
        code, _, err = await taught.end()
    assert code == 1
    assert "no page of another origin called, so there is no policy to write" in err
    assert not policy.exists()


async def test_a_file_that_cannot_be_written_loses_nothing(api: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "policy.yaml"
    async with learning("--upstream", api, "-o", str(missing)) as taught:
        await outcomes(taught.url)
        code, out, err = await taught.end()
    assert code == 3
    assert "allow_origins" in out
    assert "cannot be written (No such file or directory); here it is" in err


async def test_a_file_that_exists_is_kept(api: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("mine", "utf-8")
    process = await started("--upstream", api, "-o", str(policy))
    _, err = await process.communicate()
    assert process.returncode == 2
    assert b"fix: --force to replace it" in err
    assert policy.read_text("utf-8") == "mine"


async def test_a_file_that_came_meanwhile_is_kept(api: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    async with learning("--upstream", api, "-o", str(policy)) as taught:
        await outcomes(taught.url)
        policy.write_text("mine", "utf-8")
        code, out, err = await taught.end()
    assert (code, policy.read_text("utf-8")) == (3, "mine")
    assert "allow_origins" in out
    assert "cannot be written (File exists); here it is" in err


async def test_by_force_a_file_is_replaced_and_keeps_its_mode(api: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("mine", "utf-8")
    policy.chmod(0o640)
    async with learning("--upstream", api, "-o", str(policy), "--force") as taught:
        await outcomes(taught.url)
        code, _, _ = await taught.end()
    assert (code, policy.stat().st_mode & 0o777) == (0, 0o640)
    assert "allow_origins" in policy.read_text("utf-8")
    assert os.listdir(tmp_path) == ["policy.yaml"]  # noqa: PTH208 - takes no time


async def test_patterns_that_are_sent_as_origins_are_not_learned(api: str) -> None:
    async with learning("--upstream", api) as taught:
        for origin in ("http://*.evil.test", "http://localhost:*", PAGE):
            response = await ProbeClient().send(
                "GET", f"{taught.url}/dev/cors", [("Origin", origin)]
            )
            assert response.status == 200
        code, out, err = await taught.end()
    assert code == 0
    assert out.count("    - http") == 1
    assert "left out 2 requests: a pattern is sent as Origin" in err


async def test_a_port_that_is_taken_is_said(api: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        process = await started("--upstream", api, "--listen", where)
        _, err = await process.communicate()
    assert process.returncode == 3
    assert f"cannot listen on {where}: it is in use".encode() in err


async def test_an_upstream_that_is_no_url_is_a_mistake() -> None:
    process = await started("--upstream", "127.0.0.1:8000/api")
    _, err = await process.communicate()
    assert process.returncode == 1
    assert b"--upstream" in err
