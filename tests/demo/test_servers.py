"""Backend, page and proxy started together, on the ports that are free."""

import json
import socket

import pytest

from corsproxy.config.loading import load_text
from corsproxy.demo.check import play
from corsproxy.demo.explanations import Explanations
from corsproxy.demo.scenes import PAGE_FILES, scenes
from corsproxy.demo.servers import ANY, POLICY, demo_servers
from corsproxy.probe.client import ProbeClient


async def test_every_scene_comes_out_as_it_is_told() -> None:
    async with demo_servers(ANY) as opened:
        played = [scene async for scene in play(opened)]
    assert [scene.wrong for scene in played] == [""] * len(scenes())


async def test_a_port_that_is_taken_is_replaced_and_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with demo_servers(ANY._replace(backend=port)) as opened:
            moved = opened.moved
    assert [(name, wish) for name, wish, _ in moved] == [("backend", port)]
    assert opened.backend == f"http://127.0.0.1:{moved[0][2]}"


async def test_a_port_that_is_owned_without_a_response_is_taken_too() -> None:
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))  # bound, and not listening
        async with demo_servers(ANY._replace(proxy=owner.getsockname()[1])) as opened:
            assert [name for name, _, _ in opened.moved] == ["proxy"]


async def test_a_port_that_only_the_other_loopback_uses_is_taken_too() -> None:
    try:
        other = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 here")
    with other:
        port = other.getsockname()[1]
        async with demo_servers(ANY._replace(page=port)) as opened:
            assert [name for name, _, _ in opened.moved] == ["page"]


async def test_everything_is_stopped_at_the_end() -> None:
    async with demo_servers(ANY) as opened:
        pass
    for origin in (opened.page, opened.backend, opened.proxy, opened.inspector):
        port = int(origin.rpartition(":")[2])
        with socket.socket() as sock:
            assert sock.connect_ex(("127.0.0.1", port)) != 0


def test_the_policy_is_without_mistake_or_warning() -> None:
    names = [f"{name}_PORT" for name in ("PAGE", "BACKEND", "PROXY", "INSPECTOR", "NOBODY")]
    ports = {name: str(9000 + number) for number, name in enumerate(names)}
    assert load_text(POLICY.read_bytes(), POLICY.name, ports, {}).warnings == []


@pytest.mark.parametrize("file", ["", "demo.js", "demo.css", "scenes.json", "sandboxed.html"])
async def test_the_page_is_served_under_a_strict_policy_of_content(file: str) -> None:
    async with demo_servers(ANY) as opened:
        response = await ProbeClient().send("GET", f"{opened.page}/{file}", [])
    fields = dict(response.headers)
    assert response.status == 200
    assert fields["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in fields["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in fields


def test_each_scene_has_an_id_of_its_own() -> None:
    told = json.loads((PAGE_FILES / "scenes.json").read_text("utf-8"))
    assert len({scene["id"] for scene in told}) == len(told)


async def test_a_direct_call_is_explained_for_the_page_that_asks() -> None:
    async with demo_servers(ANY) as opened:
        lines = await Explanations(opened.backend).explain(
            scenes()["put"], "direct", "", "http://localhost:5173"
        )
    assert "http://localhost:5173" in lines[0].text
    assert {line.mark for line in lines} == {"refused"}
