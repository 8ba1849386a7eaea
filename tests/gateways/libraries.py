"""Applications around the snippets that are exported for a library: one process, many ports."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import yaml

from corsproxy.gateways.conversion.registry import gateway
from tests.gateways.conftest import missing
from tests.gateways.converted import config
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire

JUDGES = Path(__file__).parent / "judges"

PYTHON = ("starlette", "flask-cors", "django", "aiohttp-cors")
NODE = ("express", "fastify", "hono", "koa")
DEBIAN = {
    "rs-cors": "golang-github-rs-cors-dev",
    "gin": "golang-github-gin-contrib-cors-dev",
    "rack-cors": "ruby-rack-cors",
    "tomcat": "libtomcat10-embed-java",
    "spring": "libspring-web-java",
}
"""Those that come as packages of Debian."""
NAMES = (*PYTHON, *NODE, *DEBIAN)

HEADERS = {"ETag": '"1"', "X-Total-Count": "1", "X-Secret": "1", "X-Reached": "1"}
"""What every application sends; CORS is its library's affair."""

_ANSWER = f"""const headers = {json.dumps(HEADERS)};
const statusOf = (path) => (path === "/error" ? 500 : 200);
"""


class Around(NamedTuple):
    """The lines before and after a snippet that make a module of it."""

    imports: str
    before: str
    after: str


_NODE = {
    "express": Around(
        'import express from "express"; import http from "node:http";',
        "const app = express();",
        """app.use((req, res) => res.set(headers).status(statusOf(req.path)).end());
export default http.createServer(app);""",
    ),
    "fastify": Around(
        'import Fastify from "fastify";',
        "const fastify = Fastify();",
        """fastify.setNotFoundHandler((request, reply) =>
  reply.code(statusOf(request.url)).headers(headers).send());
await fastify.ready();
export default fastify.listen({ port: 0, host: "127.0.0.1" }).then(() => fastify.server);""",
    ),
    "hono": Around(
        'import { Hono } from "hono"; import { createAdaptorServer } from "@hono/node-server";',
        "const app = new Hono();",
        """app.all("*", (c) => c.body(null, statusOf(c.req.path), headers));
export default createAdaptorServer({ fetch: app.fetch });""",
    ),
    "koa": Around(
        'import Koa from "koa"; import http from "node:http";',
        "const app = new Koa();",
        """app.use((ctx) => { ctx.status = statusOf(ctx.path); ctx.set(headers); ctx.body = ""; });
export default http.createServer(app.callback());""",
    ),
}

_COMMON = {
    "express": ('const express = require("express"); const http = require("node:http");'),
    "fastify": 'const Fastify = require("fastify");',
    "koa": 'const Koa = require("koa"); const http = require("node:http");',
}


GO = {
    "rs-cors": Around(
        '"net/http"; "regexp"; "time"; "github.com/rs/cors"', "", "return c.Handler(app)"
    ),
    "gin": Around(
        '"net/http"; "regexp"; "time"; "github.com/gin-contrib/cors"; "github.com/gin-gonic/gin"',
        "gin.SetMode(gin.ReleaseMode)\nr := gin.New()",
        """r.NoRoute(func(c *gin.Context) { c.Status(200); app.ServeHTTP(c.Writer, c.Request) })
return r""",
    ),
}


def _web_application(folder: Path, snippet: str) -> None:
    """The filter in a web.xml."""
    (folder / "WEB-INF").mkdir(parents=True)
    opened = '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">'
    (folder / "WEB-INF" / "web.xml").write_text(f"{opened}\n{snippet}</web-app>\n")


def _block(snippet: str) -> dict[str, Any]:
    gateway = yaml.safe_load(snippet)["spring"]["cloud"]["gateway"]["server"]["webflux"]
    block: dict[str, Any]
    [block] = gateway["globalcors"]["cors-configurations"].values()
    return block


def _properties(path: Path, snippet: str) -> None:
    """What application.yml says of every path, as Spring's own setters are called."""
    gateway = yaml.safe_load(snippet)["spring"]["cloud"]["gateway"]["server"]["webflux"]
    [block] = gateway["globalcors"]["cors-configurations"].values()
    lines = [
        f"{key}={','.join(one) if isinstance(one, list) else one}" for key, one in block.items()
    ]
    path.with_suffix(".properties").write_text("\n".join(lines))


JAVA: dict[str, tuple[Callable[[Path, str], None], str, str]] = {
    "tomcat": (
        _web_application,
        "tomcat10-embed-core tomcat10-embed-el jakarta-annotation-api",
        "TomcatApps.java",
    ),
    "spring": (
        _properties,
        "spring3-core spring3-beans spring3-context spring3-web commons-logging servlet-api"
        + "".join(
            f" jetty9-{name}" for name in ("server", "servlet", "http", "io", "util", "security")
        ),
        "SpringApps.java",
    ),
}
"""How a snippet is handed over, the jars that are needed, and the program."""


SPRING_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "*"}
"""Those that Spring 4.3 knows."""


def unplayed(name: str, snippet: str) -> bool:
    """Whether the program that is here is too old for a snippet: Debian has Spring 4.3."""
    if name != "spring":
        return False
    block = _block(snippet)
    newer = {"allowedOriginPatterns", "allowPrivateNetwork"} & block.keys()
    beyond = {*block["allowedMethods"]} - SPRING_METHODS
    return bool(newer or beyond) or "*" in block.get("exposedHeaders", ())


def es_module(name: str, snippet: str) -> str:
    """The snippet as it is, in a module that exports a server."""
    around = _NODE[name]
    parts = [around.imports, _ANSWER, around.before, snippet, around.after]
    return "\n".join(parts)


def common_module(name: str, snippet: str) -> str:
    """The same of CommonJS."""
    around = _NODE[name]
    after = around.after.replace("await fastify.ready();\n", "")
    after = after.replace("export default", "module.exports.served =")
    return "\n".join((_COMMON[name], _ANSWER, around.before, snippet, after))


def exported(name: str, policy: str, form: str | None = None) -> str:
    """The snippet of a policy."""
    found = gateway(name)
    assert found.write is not None
    return found.write(config(policy), form or next(iter(found.forms))).text


def answer(wire: Wire, request: Message) -> None:
    """What the applications answer, as an upstream that knows nothing of CORS."""
    wire.read_content(request)
    status = b"500 Internal Server Error" if request.target == b"/error" else b"200 OK"
    named = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    wire.send(b"HTTP/1.1 %b\r\n%bContent-Length: 0\r\n\r\n" % (status, named.encode()))


def upstream() -> Upstream:
    found = Upstream()
    found.script = answer
    return found


@contextmanager
def serving(command: list[str], given: str, folder: Path) -> Iterator[list[int]]:
    """The ports that a judge writes, after it was given a line."""
    with (
        (folder / "log").open("w+") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=folder,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield _ports(process.stdin, process.stdout, given, folder / "log")
        finally:
            process.stdin.close()
            process.wait(20)


def _ports(stdin: IO[str], stdout: IO[str], given: str, log: Path) -> list[int]:
    stdin.write(f"{given}\n")
    stdin.flush()
    line = stdout.readline()
    assert line, log.read_text()
    found: list[int] = json.loads(line)
    return found


@contextmanager
def running(
    name: str, snippets: list[str], folder: Path, fixture: Callable[[str], Path]
) -> Iterator[list[int]]:
    """The ports of applications, one for each snippet; `fixture` gives `judges` or `packages`."""
    if name in DEBIAN and not _installed(DEBIAN[name]):
        missing(f"{DEBIAN[name]} is not installed")
    given = json.dumps(snippets)
    if name in PYTHON:
        given = json.dumps({"library": name, "snippets": snippets})
        command = [str(fixture("judges") / "python"), str(JUDGES / "python_apps.py")]
    elif name in GO:
        command = [_go_program(GO[name], snippets, folder)]
    elif name in JAVA:
        write, jars, program = JAVA[name]
        for i, snippet in enumerate(snippets):
            write(folder / f"app-{i}", snippet)
        given = str(len(snippets))
        found = ":".join(f"/usr/share/java/{jar}.jar" for jar in jars.split())
        command = ["java", "-cp", found, str(JUDGES / program)]
    elif name == "rack-cors":
        command = ["ruby", str(JUDGES / "ruby_apps.rb")]
    else:
        (folder / "node_modules").symlink_to(fixture("packages"))
        given = json.dumps(list(_modules(name, snippets, folder)))
        command = ["node", str(JUDGES / "node_apps.mjs")]
    with serving(command, given, folder) as ports:
        yield ports


def _installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${Status}", package]
    try:
        done = subprocess.run(query, capture_output=True, text=True, check=False)
    except OSError:
        return False
    return "ok installed" in done.stdout


def _go_program(library: Around, snippets: list[str], folder: Path) -> str:
    """Build one program of all snippets; Debian's packages of Go are sources below GOPATH."""
    around = "\n".join(
        f"func(app http.Handler) http.Handler {{\n{library.before}\n{snippet}{library.after}\n}},"
        for snippet in snippets
    )
    (folder / "around.go").write_text(
        f"package main\nimport ({library.imports})\nvar _ = regexp.MustCompile\n"
        f"var _ time.Duration\nvar around = []func(http.Handler) http.Handler{{\n{around}\n}}\n"
    )
    shutil.copy(JUDGES / "go_apps.go", folder)
    environ = os.environ | {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": ""}
    files = ["around.go", "go_apps.go"]
    build = ["go", "build", "-o", str(folder / "apps"), *files]
    done = subprocess.run(build, cwd=folder, env=environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return str(folder / "apps")


def _modules(name: str, snippets: list[str], folder: Path) -> Iterator[str]:
    """Write a module around each snippet, and yield its path."""
    for i, snippet in enumerate(snippets):
        common = "require(" in snippet
        path = folder / f"app-{i}.{'cjs' if common else 'mjs'}"
        path.write_text((common_module if common else es_module)(name, snippet))
        yield str(path)
