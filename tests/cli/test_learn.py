"""The real program: `corsproxy learn`, taught by real traffic."""

import os
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from corsproxy.cli.learn import _next
from corsproxy.config.loading import load_text
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


async def outcomes(base: str, calls: Sequence[Call] = CALLS) -> list[str]:
    called = [await judge(ProbeClient(), call._replace(url=base + call.url)) for call in calls]
    return [account.outcome for account in called]


async def lint(policy: Path) -> int:
    process = await started(str(policy), command="lint")
    await process.communicate()
    assert process.returncode is not None
    return process.returncode


async def test_the_policy_learned_grants_what_it_was_taught(api: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    async with learning("--upstream", api, "-o", str(policy)) as taught:
        assert await outcomes(taught.url) == ["readable"] * len(CALLS)
        code, out, err = await taught.end()
    assert (code, out) == (0, "")
    assert f"wrote {policy}; next: corsproxy run -c {policy}" in err
    assert await lint(policy) == 0
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


POLICY = """\
upstream: ${{API}}
forward: {{request_headers: {{set: {{X-Key: "${{KEY}}"}}}}}}
cors: {{allow_origins: [https://old.test], max_age: 5}}
routes:
  - {{path: /v1, strip_path: true, upstream: {api}}}
"""


@pytest.mark.parametrize("lane", ["--fast-lane", "--no-fast-lane"])
async def test_with_the_settings_of_a_file_each_route_gets_its_policy(
    api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lane: str
) -> None:
    given, policy = tmp_path / "given.yaml", tmp_path / "learned.yaml"
    given.write_text(POLICY.format(api=api))
    monkeypatch.setenv("API", api)
    monkeypatch.setenv("KEY", "s3cret")
    monkeypatch.setenv("CORSPROXY_ALLOW_METHOD", "PATCH")
    routed = [call._replace(url=f"/v1{call.url}") for call in CALLS[:2]]
    calls = [*routed, CALLS[2]]
    async with learning("-c", str(given), "-o", str(policy), lane) as taught:
        port = taught.url.rpartition(":")[2]
        where = f"call       http://localhost:{port} in place of {api}, on pages of localhost\n"
        assert where in taught.said
        assert f"  /v1 -> {api}\n" in taught.said
        assert f"the policy does not hold meanwhile ({given}:3:8); what is" in taught.said
        assert "CORSPROXY_ALLOW_METHOD: not used; unset for `corsproxy run`" in taught.said
        assert await outcomes(taught.url, calls) == ["readable"] * 3
        code, _, _ = await taught.end()
    monkeypatch.delenv("CORSPROXY_ALLOW_METHOD")
    text = policy.read_text("utf-8")
    assert (code, "s3cret" in text, "old.test" in text) == (0, False, False)
    assert 'upstream: "${API}"\n' in text
    assert f"\nfast_lane: {'false' if 'no' in lane else 'true'}\n" in text
    assert await lint(policy) == 0
    async with proxy("-c", str(policy)) as origin:
        assert await outcomes(origin, calls) == ["readable"] * 3
        across = [CALLS[1], routed[0]._replace(attempt=CALLS[2].attempt)]
        assert await outcomes(origin, across) == ["blocked"] * 2


async def test_flags_of_the_policy_are_a_mistake() -> None:
    process = await started("--upstream", "http://a.test", "--allow-origin", PAGE, "--max-age=5")
    _, err = await process.communicate()
    assert process.returncode == 2
    assert b"learn finds out the policy" in err
    assert b"fix: leave --allow-origin, --max-age out" in err


async def test_a_har_is_recorded_meanwhile(api: str, tmp_path: Path) -> None:
    har = tmp_path / "learned.har"
    async with learning("--upstream", api, "--har", str(har)) as taught:
        await outcomes(taught.url)
        _, out, _ = await taught.end()
    assert "/dev/items/1" in har.read_text("utf-8")
    assert f"har: {har}\n" in out


async def test_a_har_that_cannot_be_written_is_said(api: str, tmp_path: Path) -> None:
    process = await started("--upstream", api, "--har", str(tmp_path))
    _, err = await process.communicate()
    assert process.returncode == 3
    assert b"corsproxy learn: cannot write" in err


async def test_requests_without_their_preflight_are_told(api: str) -> None:
    async with learning("--upstream", api) as taught:
        await ProbeClient().send("DELETE", f"{taught.url}/dev/items/1", [("Origin", PAGE)])
        _, _, err = await taught.end()
    assert "one request had no preflight" in err


def test_what_must_be_set_for_what_was_learned_is_told() -> None:
    given = {"upstream": "http://h", "forward.request_headers.set": ("X-Sec: c4n4ry",)}
    config = load_text(None, "", {}, given).config
    assert _next(config, Path("a.yaml")) == "corsproxy run -c a.yaml, with X_SEC set"
