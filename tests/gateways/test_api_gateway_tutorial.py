"""The tutorial of API Gateway, played: its files, its commands, its page in Chromium.

What `get-api` says comes from moto, of an API that was made with the tutorial's configuration.
"""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from playwright.async_api import Page

from corsproxy.gateways.aws_http_api import read
from tests.apps.servers import served as serving
from tests.apps.servers import unused_port
from tests.browser.executables import launched
from tests.browser.world import served
from tests.docs.pages import REPOSITORY, blocks
from tests.gateways.aws_tools import created, linted
from tests.gateways.converted import differing
from tests.probe.verify.deployed import policy_of
from tests.program import Program

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.timeout(400)]

TUTORIAL = REPOSITORY / "docs" / "tutorial-api-gateway.md"
BLOCKS = [
    block
    for block in blocks("json", "py", "html", "yaml", "shell", "console")
    if block.page == TUTORIAL
]
FILES = {block.name: block.text for block in BLOCKS if block.name}
NARROW = next(block.text for block in BLOCKS if block.text.startswith("# narrow.yaml"))
READABLE, BLOCKED = "Hello from CORS!", "blocked"


def command(*beginning: str) -> list[str]:
    """The arguments of the tutorial's one command for `corsproxy` that begins so."""
    lines = [line.removeprefix("$ ") for block in BLOCKS for line in block.text.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("corsproxy ")]
    found = [words for words in commands if words[: len(beginning)] == [*beginning]]
    assert len(found) == 1, f"{beginning}: {found}"
    return found[0]


class Stage:
    """A folder with the tutorial's files, in which its ports are those of this run."""

    def __init__(self, folder: Path, pages: int) -> None:
        self.folder = folder
        self.ports = {"5173": str(pages), "8000": str(unused_port())}
        for name in ("hello.py", "index.html"):
            self.write(name, FILES[name])

    def own(self, text: str) -> str:
        """`text` with the ports of this run."""
        return re.sub(r"(?<=[ :])\d{4}\b", lambda port: self.ports.get(port[0], port[0]), text)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(self.own(text))
        return path

    def run(self, arguments: list[str]) -> str:
        """What a command prints; it fails where it fails."""
        program = [sys.executable, "-m", "corsproxy", *arguments]
        environ = {"PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1"}
        done = subprocess.run(
            program, cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def proxy(self, arguments: list[str]) -> Program:
        """The proxy as the tutorial runs it, on a port that the page is told."""
        there = [self.own(str(self.folder / a) if a.endswith(".yaml") else a) for a in arguments]
        program = Program(*there, "--listen", "127.0.0.1:0", "--admin", "off")
        self.ports["8080"] = str(program.port)
        self.write("index.html", FILES["index.html"])
        return program


Played = tuple[Stage, list[str], Page]


async def shown(page: Page, origin: str) -> tuple[str, str]:
    """What a page of `origin` shows: of the backend itself, and of the proxy."""
    await page.goto(origin)
    places = [page.locator(f"#{name}") for name in ("itself", "proxied")]
    for place in places:
        await place.filter(has_not_text="...").wait_for()
    itself, proxied = [await place.inner_text() for place in places]
    return itself, proxied


def site(folder: Path) -> web.Application:
    """The page, as it stands in the folder when it is asked for."""

    async def page(_: web.Request) -> web.Response:
        text = (folder / "index.html").read_text()
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", page)])
    return app


@pytest.fixture
def in_production(judges: Path) -> dict[str, Any]:
    """What `get-api` says of an API with the tutorial's configuration."""
    block = json.loads(FILES["api.json"])["CorsConfiguration"]
    resource = {"Type": "AWS::Serverless::HttpApi", "Properties": {"CorsConfiguration": block}}
    ((_, api),) = created(judges, [{"Resources": {"HttpApi": resource}}])
    return api


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Played]:
    """The stage, the origins of two pages and a tab for them; the backend listens."""
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(served(site(tmp_path))) for _ in range(2)]
        stage = Stage(tmp_path, ports[0])
        backend = (sys.executable, str(tmp_path / "hello.py"))
        stack.enter_context(serving(int(stage.ports["8000"]), *backend))
        browser = await stack.enter_async_context(launched())
        page = await browser.new_page()
        yield stage, [f"http://localhost:{port}" for port in ports], page


async def test_pages_read_through_the_proxy_what_they_read_in_production_then_only_those_named(
    played: Played, in_production: dict[str, Any]
) -> None:
    stage, (named, stranger), page = played
    stage.write("api.json", json.dumps(in_production, indent=2))
    stage.run(command("import", "aws-http-api", "api.json", "-o"))
    with stage.proxy(command("run", "-c", "policy.yaml")):
        for origin in (named, stranger):
            assert await shown(page, origin) == (BLOCKED, READABLE)
    stage.write("narrow.yaml", NARROW)
    with stage.proxy(command("run", "-c", "narrow.yaml")) as program:
        assert await shown(page, named) == (BLOCKED, READABLE)
        assert await shown(page, stranger) == (BLOCKED, BLOCKED)
        program.wait_for(f"'?{stranger}'? is not in allow_origins")


def exported(folder: Path) -> Path:
    stage = Stage(folder, 5173)
    stage.write("narrow.yaml", NARROW)
    return stage.write("template.yaml", stage.run(command("export", "aws-http-api")))


def test_the_template_is_one_for_cfn_lint(judges: Path, tmp_path: Path) -> None:
    done = linted(judges, exported(tmp_path))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_the_api_made_of_the_template_says_the_policy_that_was_exported(
    judges: Path, tmp_path: Path
) -> None:
    template = yaml.safe_load(exported(tmp_path).read_text())
    ((_, api),) = created(judges, [template])
    back = read(json.dumps(api), "get-api")
    policy = replace(policy_of(NARROW), emulate=None)
    assert (differing(policy, back.policy), back.losses) == (set(), ())


def test_moto_says_of_the_open_api_what_the_tutorial_prints(in_production: dict[str, Any]) -> None:
    printed = json.loads(FILES["api.json"])
    assert in_production["CorsConfiguration"] == printed["CorsConfiguration"]
    assert printed.keys() <= in_production.keys()
