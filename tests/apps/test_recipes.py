"""The recipes of the docs work as they are written: their files, their commands, in Chromium."""

import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiohttp import web

from tests.apps.conftest import missing
from tests.apps.recipes import Recipe, on
from tests.apps.servers import Backends, client, unused_port
from tests.apps.tab import Tab
from tests.browser.world import served
from tests.node_packages import node_modules
from tests.program import Program

ANGULAR = Path(__file__).parent / "angular"
ANYWHERE = ("--listen", "127.0.0.1:0", "--admin", "off")
WHO = {"username": "ada", "password": "lamp"}
SERVE_WEBPACK = """
const webpack = require("webpack");
const Server = require("webpack-dev-server");
const { devServer, ...config } = require("./webpack.config.js");
new Server(devServer, webpack({ ...config, context: __dirname, stats: "none" })).start();
"""
"""What `webpack serve` does; its command line is a package of its own."""
ADA = (
    "from django.contrib.auth.models import User; User.objects.create_user('ada', password='lamp')"
)


class Played:
    """A recipe on the ports of this run: its files written, the proxy by its own command."""

    def __init__(self, recipe: Recipe, backends: Backends, stack: ExitStack, page: int) -> None:
        self.recipe, self.folder = recipe, backends.folder
        self.ports = {"5173": page, "8000": unused_port()}
        self._backends, self._stack = backends, stack

    def serve(self, *flags: str) -> str:
        """Start the proxy, write the files; where the page calls it."""
        arguments = flags or self.command("corsproxy")
        program = self._stack.enter_context(Program(*arguments, *ANYWHERE))
        self.ports["8080"] = program.port
        self.recipe.write(self.folder, self.ports)
        return f"http://localhost:{program.port}"

    def command(self, program: str) -> list[str]:
        """The arguments of the recipe's command."""
        return [on(self.ports, word) for word in self.recipe.command(program)]

    def start(self, program: str, *launcher: str | Path) -> None:
        """The backend, by the recipe's command; `launcher` in place of the program's name."""
        self._backends.command(
            self.ports["8000"], *(launcher or (program,)), *self.command(program)
        )


Play = Callable[[str, str], Played]


@pytest.fixture
def play(tab: Tab, backends: Backends, stack: ExitStack) -> Play:
    page = int(tab.origin.rpartition(":")[2])
    return lambda of, heading: Played(Recipe(of, heading), backends, stack, page)


def users() -> web.Application:
    """An API without CORS."""

    async def user(_: web.Request) -> web.Response:
        return web.json_response({"name": "ada"})

    app = web.Application()
    app.add_routes([web.get("/users/7", user)])
    return app


async def shown(tab: Tab, played: Played, backends: Backends, *command: str | Path) -> None:
    """The page of the dev server shows what it got from the API, through the proxy."""
    async with served(users()) as api:
        page = unused_port()
        played.ports |= {"8000": api, "5173": page}
        played.serve()
        told = [on(played.ports, str(word)) for word in command]
        backends.command(page, "node", *told, NEXT_TELEMETRY_DISABLED="1")
        await tab.page.goto(f"http://localhost:{page}/")
        await tab.page.wait_for_selector("text=ada")


async def test_a_page_of_vite_calls_the_proxy(
    tab: Tab, play: Play, backends: Backends, node: Path
) -> None:
    played = play("dev-servers", "Vite")
    vite = backends.packages(node) / "vite/bin/vite.js"
    _, *arguments = played.recipe.command("npx")
    await shown(tab, played, backends, vite, *arguments, "--host", "127.0.0.1")


async def test_a_page_of_next_calls_the_proxy(
    tab: Tab, play: Play, backends: Backends, node: Path
) -> None:
    played = play("dev-servers", "Next")
    next_ = backends.packages(node) / "next/dist/bin/next"
    _, *arguments = played.recipe.command("npx")
    here = ("--webpack", "--hostname", "127.0.0.1")
    await shown(tab, played, backends, next_, *arguments, *here)


@pytest.fixture
def angular() -> Path:
    """Where Angular's packages are; it has a lock of its own."""
    try:
        return node_modules(ANGULAR)
    except (OSError, subprocess.CalledProcessError) as error:
        missing(f"npm is missing, or cannot install Angular: {error}")


async def test_a_page_of_angular_calls_the_proxy(
    tab: Tab, play: Play, backends: Backends, angular: Path
) -> None:
    for file in ("angular.json", "package.json", "tsconfig.json", "src"):
        source = ANGULAR / file
        (shutil.copytree if source.is_dir() else shutil.copy)(source, backends.folder / file)
    played = play("dev-servers", "Angular")
    ng = backends.packages(angular) / "@angular/cli/bin/ng.js"
    _, *arguments = played.recipe.command("npx")
    await shown(tab, played, backends, ng, *arguments, "--host", "127.0.0.1")


async def test_a_page_of_webpack_calls_the_proxy(
    tab: Tab, play: Play, backends: Backends, node: Path
) -> None:
    backends.packages(node)
    (backends.folder / "serve.cjs").write_text(SERVE_WEBPACK)
    await shown(tab, play("dev-servers", "webpack"), backends, "serve.cjs")


async def known(tab: Tab, url: str) -> None:
    assert (await tab.fetch("GET", url)).json["name"] == "ada"


def project(played: Played, python: Path) -> str:
    """What `startproject` writes, with the recipe's settings and URLs; where the page calls it."""

    def run(*command: str | Path) -> None:
        subprocess.run([python, *command], cwd=played.folder, check=True)

    run("-m", "django", "startproject", "project", ".")
    base = played.serve()
    settings = played.folder / "project/settings.py"
    settings.write_text(settings.read_text() + (played.folder / "settings.py").read_text())
    (played.folder / "urls.py").rename(played.folder / "project/urls.py")
    run("manage.py", "migrate", "--verbosity", "0")
    run("manage.py", "shell", "--verbosity", "0", "-c", ADA)
    return base


async def test_django_logs_in_with_its_token(tab: Tab, play: Play, python: Path) -> None:
    played = play("backends", "Django")
    base = project(played, python)
    played.start("python", python)
    told = await tab.play("page", *WHO.values(), function="logIn")
    assert told["content"]["name"] == "ada"
    await known(tab, f"{base}/session/")
    assert (await tab.fetch("POST", f"{base}/session/", "{}")).status == 403  # without a token


async def log_in(tab: Tab, base: str, path: str) -> None:
    """By the recipes' own `call`; afterwards the cookie alone tells who it is."""
    assert (await tab.fetch("GET", f"{base}/me")).status == 401
    told = await tab.play("api", "POST", path, WHO, function="call")
    assert told == {"status": 200, "content": {"name": "ada"}}
    await known(tab, f"{base}/me")


async def test_fastapi_logs_in_by_a_path_that_it_redirects(
    tab: Tab, play: Play, python: Path
) -> None:
    played = play("backends", "FastAPI")
    base = played.serve()
    played.start("uvicorn", python, "-m", "uvicorn")
    await log_in(tab, base, "/session")


async def test_flask_logs_in_for_the_domain_of_production(
    tab: Tab, play: Play, python: Path
) -> None:
    played = play("backends", "Flask")
    base = played.serve()
    played.start("flask", python, "-m", "flask")
    await log_in(tab, base, "/session/")


async def test_express_logs_in_for_the_domain_of_production(
    tab: Tab, play: Play, backends: Backends, node: Path
) -> None:
    played = play("backends", "Express")
    base = played.serve()
    backends.packages(node)
    played.start("node")
    await log_in(tab, base, "/session/")


async def test_socket_io_polls_and_upgrades(
    tab: Tab, play: Play, backends: Backends, node: Path
) -> None:
    played = play("live", "socket.io")
    played.serve()
    backends.packages(node)
    played.start("node")
    tab.bundle(node, "recipe", played.folder / "page.js")
    assert await tab.play("recipe", [1, 2, 3], function="add") == [6, "websocket"]


async def test_events_are_heard_by_who_is_logged_in(tab: Tab, play: Play, python: Path) -> None:
    played = play("live", "Server-sent events")
    played.serve()
    played.start("uvicorn", python, "-m", "uvicorn")
    assert await tab.play("page", 3, function="listen") == ["ada 0", "ada 1", "ada 2"]


@pytest.mark.parametrize("by", ["the quick policy", "the policy of the page"])
async def test_tus_uploads_in_parts(
    tab: Tab, play: Play, backends: Backends, node: Path, by: str
) -> None:
    played = play("uploads", "tus")
    policy = played.folder / "policy.yaml"
    policy.write_text(on(played.ports, played.recipe.policy))
    base = played.serve(*(() if by == "the quick policy" else ("run", "-c", str(policy))))
    backends.packages(node)
    played.start("node")
    tab.bundle(node, "recipe", played.folder / "page.js")
    upload = "import('/recipe.js').then(it => it.upload(new Blob(['x'.repeat(300000)])))"
    url = await tab.page.evaluate(upload)
    assert url.startswith(f"{base}/files/")


async def test_s3_takes_what_a_page_puts_by_a_signed_url(
    tab: Tab, play: Play, backends: Backends, python: Path
) -> None:
    played = play("uploads", "S3, MinIO and the like")
    base = played.serve()
    port = played.ports["8000"]
    backends.command(port, python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    put, get = client([python, played.folder / "sign.py"])
    assert put.startswith(f"{base}/things/lamp.txt?")
    status, etag = await tab.play("page", put, "hello", function="put")
    assert (status, bool(re.fullmatch(r'"[0-9a-f]+"', etag))) == (200, True)
    assert (await tab.fetch("GET", get)).text == "hello"
