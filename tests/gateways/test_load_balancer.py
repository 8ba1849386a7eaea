"""Two Envoys with what was exported, behind an nginx: `verify` as a user runs it, by the docs."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from corsproxy.cors.request import Request
from tests.docs.pages import REPOSITORY, blocks
from tests.gateways.conftest import missing
from tests.gateways.played import Player, answer
from tests.gateways.programs import running
from tests.until import until
from tests.upstreams import Upstream

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

PAGE = REPOSITORY / "docs" / "behind-a-load-balancer.md"
BLOCKS = [block for block in blocks("yaml", "nginx", "shell", "sh") if block.page == PAGE]
POLICY = next(block.text for block in BLOCKS if block.text.startswith("# policy.yaml"))
FRONT = next(block.text for block in BLOCKS if block.name == "front.conf")


def commands(name: str) -> list[list[str]]:
    """The arguments of each `corsproxy NAME` of the page."""
    lines = [line for block in BLOCKS for line in block.text.splitlines()]
    return [line.split()[1:] for line in lines if line.startswith(f"corsproxy {name} ")]


def corsproxy(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "corsproxy", *arguments]
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1"}
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


class House(ExitStack):
    """The upstream, two Envoys and the nginx; the page's ports are those of this run."""

    def __init__(self, judges: Path, folder: Path) -> None:
        super().__init__()
        self._judges, self._folder = judges, folder
        self._upstream = Upstream()
        self._upstream.script = answer
        self.callback(self._upstream.close)
        self._ports = {"8000": self._upstream.port}

    def own(self, text: str) -> str:
        return re.sub(r"(?<=:)\d{4}\b", lambda port: str(self._ports.get(port[0], port[0])), text)

    def envoy(self, arguments: list[str], policy: str) -> None:
        """One, with the policy exported by the page's command."""
        listen, name = (arguments[arguments.index(flag) + 1] for flag in ("--listen", "-o"))

        def export(_: str, port: int) -> str:
            self._ports[listen.rpartition(":")[2]] = port
            (self._folder / "policy.yaml").write_text(self.own(policy))
            done = corsproxy([self.own(word) for word in arguments], self._folder)
            assert (done.returncode, done.stderr) == (0, "")
            return (self._folder / name).read_text()

        place = self._folder / name.removesuffix(".yaml")
        self.enter_context(running("envoy", self._judges, place, export))

    def nginx(self) -> None:
        def export(_: str, port: int) -> str:
            self._ports["9000"] = port
            return self.own(FRONT)

        port = self.enter_context(running("nginx", self._judges, self._folder / "front", export))
        self._player = Player(port, self._upstream)
        self.callback(self._player.close)
        for _ in range(2):
            until(lambda: self.ask() == 200)

    def ask(self) -> int:
        """The status of one request: the next goes to the other of the two."""
        return self._player.ask(Request("GET")).status

    def verify(self, *more: str) -> subprocess.CompletedProcess[str]:
        (self._folder / "policy.yaml").write_text(self.own(POLICY))
        ((*arguments,),) = commands("verify")
        quick = ("--rate", "1000", *more)
        return corsproxy([*(self.own(word) for word in arguments), *quick], self._folder)


@pytest.fixture
def house(judges: Path, tmp_path: Path) -> Iterator[House]:
    if shutil.which("nginx") is None:
        missing("nginx is not installed")
    with House(judges, tmp_path) as house:
        yield house


def found(done: subprocess.CompletedProcess[str]) -> Any:
    report = json.loads(done.stdout)
    return [(one["risk"], one["id"], one["subject"]) for one in report["differences"]]


def test_nothing_differs_whichever_of_the_two_answers(house: House) -> None:
    for arguments in commands("export"):
        house.envoy(arguments, POLICY)
    house.nginx()
    done = house.verify()
    assert (done.returncode, done.stderr) == (0, "")
    assert "no difference was found" in done.stdout


@pytest.mark.parametrize(
    ("there", "instead", "difference"),
    [
        pytest.param(
            '"https://*.preview.example.com"',
            "https://old.example.com",
            ("too closed", "origin", "https://*.preview.example.com"),
            id="an origin",
        ),
        pytest.param("PUT, DELETE", "PUT", ("too closed", "method", "DELETE"), id="a method"),
    ],
)
def test_an_instance_with_an_older_policy_is_found(
    house: House, there: str, instead: str, difference: tuple[str, str, str]
) -> None:
    new, old = commands("export")
    house.envoy(new, POLICY)
    house.envoy(old, POLICY.replace(there, instead))
    house.nginx()
    seen = found(house.verify("--format", "json"))
    house.ask()
    seen += found(house.verify("--format", "json"))
    assert difference in seen
