"""The public API: what is listed, loaded when it is used, documented, and typed."""

import doctest
import ssl
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from aiohttp import ClientConnectorError, ClientSession, web
from pytest_aiohttp import AiohttpServer

import corsproxy
from corsproxy import (
    Attempt,
    Config,
    ConfigError,
    Diagnostic,
    Gateway,
    Policy,
    Request,
    explain,
    load,
)

REPOSITORY = Path(__file__).parents[1]
PAGE = "https://app.example"
NAMES = [name for name in corsproxy.__all__ if name != "__version__"]


def test_the_package_loads_nothing_until_it_is_used() -> None:
    program = "import sys; before = set(sys.modules); import corsproxy; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("corsproxy")} == {"corsproxy"}
    assert loaded & {"aiohttp", "asyncio", "yaml", "typing", "dataclasses"} == set()


def test_a_policy_is_used_without_a_server() -> None:
    program = "import sys; from corsproxy import Policy, decide; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert set(done.stdout.split()) & {"aiohttp", "asyncio", "yaml"} == set()


def test_what_is_listed_is_there_and_nothing_else_is() -> None:
    assert dir(corsproxy) == sorted(corsproxy.__all__)
    assert [name for name in NAMES if getattr(corsproxy, name, None) is None] == []
    with pytest.raises(AttributeError, match="has no attribute 'decided'"):
        corsproxy.decided  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("name", NAMES)
def test_each_public_name_has_an_example_that_works(name: str) -> None:
    documented = getattr(corsproxy, name)
    module = import_module(documented.__module__)
    finder = doctest.DocTestFinder(recurse=documented is Policy)
    tests = [test for test in finder.find(documented, name, module) if test.examples]
    assert tests
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF)
    for test in tests:
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("name", NAMES)
def test_each_public_name_stands_in_the_docs(name: str) -> None:
    assert f"`{name}" in (REPOSITORY / "docs" / "api.md").read_text()


def test_a_users_program_is_typed() -> None:
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "tests/typing/user_program.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout


def test_a_file_is_loaded_with_variables_and_settings(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("upstream: ${API}\n")
    config = load(path, environ={"API": "http://127.0.0.1:9"}, settings={"listen": "127.0.0.1:0"})
    assert str(config.upstream) == "http://127.0.0.1:9"
    assert [str(address) for address in config.listen] == ["127.0.0.1:0"]
    assert config.source == path
    assert load(text="upstream: http://127.0.0.1:9").source is None
    assert load(settings={"upstream": "http://127.0.0.1:9"}).source is None


def test_loading_raises_what_is_wrong() -> None:
    with pytest.raises(ConfigError, match="unknown-key"):
        load(text="upstream: http://127.0.0.1:9\norigins: []")
    with pytest.raises(ConfigError, match="unset-variable"):
        load(text="upstream: ${API}")
    with pytest.raises(FileNotFoundError):
        load("no-such-file.yaml")
    with pytest.raises(TypeError, match="not both"):
        load("policy.yaml", text="")


def test_warnings_are_handed_over() -> None:
    warnings: list[Diagnostic] = []
    text = "upstream: http://127.0.0.1:9\ncors: {allow_origins: ['null']}"
    load(text=text, on_warning=warnings.append)
    assert [warning.id for warning in warnings] == ["opaque-origin"]


def test_an_attempt_is_explained_to_its_end_and_a_request_by_itself() -> None:
    policy = Policy.from_lists(origins=[PAGE])
    found = explain(policy, Attempt(PAGE, "PUT"))
    assert not found.allowed
    assert found.data["reasons"][0]["id"] == "method-not-allowed"
    assert "blocked" in found.text
    refused = explain(policy, Request("GET", "https://other.example"))
    assert not refused.allowed
    assert refused.data["checks"][0]["reason"] == "origin-not-allowed"
    assert refused.text.startswith("refused origin")
    assert explain(policy, Request("GET", PAGE)).allowed
    assert explain(policy, Attempt(PAGE, "PUT"), own_origin=PAGE).allowed


@pytest.fixture
async def config(aiohttp_server: AiohttpServer) -> Config:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    upstream = await aiohttp_server(app)
    text = f"upstream: http://127.0.0.1:{upstream.port}\ncors: {{allow_origins: [{PAGE}]}}"
    return load(text=text, settings={"listen": "127.0.0.1:0"})


async def test_a_gateway_serves_while_its_block_runs(config: Config) -> None:
    gateway = Gateway(config)
    with pytest.raises(RuntimeError, match="does not listen"):
        _ = gateway.url
    async with gateway, ClientSession() as session:
        url = gateway.url
        assert not url.endswith(":0")
        async with session.get(url, headers={"Origin": PAGE}) as response:
            assert await response.text() == "hello"
            assert response.headers["Access-Control-Allow-Origin"] == PAGE
        with pytest.raises(RuntimeError, match="running already"):
            await gateway.start()
    async with ClientSession() as session:
        with pytest.raises(ClientConnectorError):
            await session.get(url)


async def test_a_gateway_stops_when_its_block_fails(config: Config) -> None:
    urls: list[str] = []

    async def fail() -> None:
        async with Gateway(config) as gateway:
            urls.append(gateway.url)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with ClientSession() as session:
        with pytest.raises(ClientConnectorError):
            await session.get(urls[0])


async def test_a_port_in_use_is_named(config: Config) -> None:
    async with Gateway(config) as gateway:
        address = gateway.url.removeprefix("http://")
        text = f"upstream: http://127.0.0.1:9\nlisten: {address}\nadmin: off"
        with pytest.raises(OSError, match=address):
            async with Gateway(load(text=text)):
                pass


async def test_the_url_of_an_https_gateway_says_so(config: Config) -> None:
    pem = Path(__file__).parent / "cases" / "lint" / "pem"
    settings = {
        "listen": "https://localhost:0",
        "tls.certificate": str(pem / "certificate.pem"),
        "tls.key": str(pem / "key.pem"),
    }
    trusting = ssl.create_default_context(cafile=pem / "certificate.pem")
    async with (
        Gateway(load(text=f"upstream: {config.upstream}", settings=settings)) as gateway,
        ClientSession() as session,
        session.get(gateway.url, ssl=trusting) as response,
    ):
        assert gateway.url.startswith("https://localhost:")
        assert response.status == 200


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "localhost:0"])
async def test_the_url_is_one_that_this_machine_reaches(config: Config, listen: str) -> None:
    text = f"upstream: {config.upstream}"
    async with (
        Gateway(load(text=text, settings={"listen": listen})) as gateway,
        ClientSession() as session,
        session.get(gateway.url) as response,
    ):
        assert response.status == 200
