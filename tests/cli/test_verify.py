"""The real program: `corsproxy verify`, against the proxy and against servers with a mistake."""

import asyncio
import json
import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.scripted import Scripted
from tests.cli.program import corsproxy
from tests.probe.verify.deployed import POLICY, Deployed, Spoil, policy_of
from tests.probe.verify.test_findings import (
    no_case,
    no_preflights,
    reflecting,
    with_line,
    without,
)
from tests.program import running
from tests.upstreams import Upstream

CANARY = "s3cret-canary"
FAST = ("--rate", "100000")
CREDENTIALS = "  allow_credentials: true\n"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A backend, as the real proxy needs one."""
    server = Upstream()
    yield server
    server.close()


def differences(out: str) -> list[tuple[str, str, str]]:
    return [(one["risk"], one["id"], one["subject"]) for one in json.loads(out)["differences"]]


def test_the_proxy_with_the_same_policy_has_no_difference(policy: Path, upstream: Upstream) -> None:
    with running(POLICY.replace("http://127.0.0.1:9", upstream.url)) as (program, _):
        url = f"http://127.0.0.1:{program.port}/users"
        done = corsproxy("verify", "-c", str(policy), url, *FAST, "--path", "/missing")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no difference was found" in done.stdout


@pytest.mark.parametrize(
    ("text", "instead", "expected"),
    [
        pytest.param(
            "    - https://app.shop.example\n",
            "",
            [("too closed", "origin", "https://app.shop.example")],
            id="origin dropped",
        ),
        pytest.param(
            "http://localhost:5173",
            "http://localhost:*",
            [
                ("too open", "origin", "http://localhost"),
                ("too open", "origin", "http://localhost:3000"),
                ("too open", "origin", "http://localhost:4200"),
                ("too open", "origin", "http://localhost:8000"),
                ("too open", "origin", "http://localhost:8080"),
                ("too open", "origin", "other-port http://localhost:5173"),
            ],
            id="origin widened",
        ),
        pytest.param(CREDENTIALS, "", [("too closed", "credentials", "")], id="credentials"),
        pytest.param(
            "[authorization, content-type]",
            "[content-type]",
            [("too closed", "header-name", "authorization")],
            id="name missing",
        ),
        pytest.param(
            "max_age: 600", "max_age: 60", [("different, harmless", "max-age", "")], id="max age"
        ),
    ],
)
def test_the_proxy_with_another_policy_differs_in_just_that(
    policy: Path,
    upstream: Upstream,
    text: str,
    instead: str,
    expected: list[tuple[str, str, str]],
) -> None:
    other = POLICY.replace(text, instead, 1).replace("http://127.0.0.1:9", upstream.url)
    with running(other) as (program, _):
        url = f"http://127.0.0.1:{program.port}/users"
        done = corsproxy("verify", "-c", str(policy), url, *FAST, "--format", "json")
    assert differences(done.stdout) == expected
    assert done.returncode == any(risk.startswith("too") for risk, _, _ in expected)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("spoil", "words", "code"),
    [
        pytest.param(reflecting, "too open: every origin is reflected", 1, id="reflecting"),
        pytest.param(without("Vary"), "too closed: Vary does not name Origin", 1, id="no Vary"),
        pytest.param(no_preflights, "too closed: preflights are answered with", 1, id="405"),
        pytest.param(no_case, "different, harmless: an allowed host in capitals", 0, id="case"),
        pytest.param(
            with_line("Access-Control-Expose-Headers", "X-Internal", preflights=False),
            "too open: pages can read the response header x-internal",
            1,
            id="the backend's own header",
        ),
    ],
)
async def test_another_server_is_asked_over_the_wire(
    policy: Path, spoil: Spoil, words: str, code: int
) -> None:
    server = Scripted(Deployed(policy_of(), spoil).reply)
    url = f"http://127.0.0.1:{await server.listen()}/users"
    arguments = ("verify", "-c", str(policy), url, *FAST, "--header", f"Authorization: {CANARY}")
    done = await asyncio.to_thread(corsproxy, *arguments)
    server.close()
    assert (done.returncode, done.stderr) == (code, "")
    told = done.stdout.splitlines()
    assert [line[: len(words)] for line in told if ": " in line and line[0] in "td"] == [words]
    assert CANARY not in done.stdout
    carried = {one.method: ("Authorization", CANARY) in one.fields for one in server.asked}
    assert carried == {"GET": True, "OPTIONS": False}


@pytest.mark.parametrize("form", ["text", "json", "junit", "github"])
async def test_each_format_is_written(policy: Path, form: str) -> None:
    server = Scripted(Deployed(policy_of(POLICY.replace("[PUT, DELETE]", "[PUT]"))).reply)
    url = f"http://127.0.0.1:{await server.listen()}/users"
    arguments = ("verify", "-c", str(policy), url, *FAST, "--format", form)
    done = await asyncio.to_thread(corsproxy, *arguments)
    server.close()
    assert done.returncode == 1
    words = {"text": "too closed: ", "json": '"risk"', "junit": "<failure", "github": "::error "}
    assert words[form] in done.stdout


@pytest.mark.parametrize(
    ("form", "words"), [("text", "requests, none sent"), ("json", '"Access-Control-Request')]
)
def test_a_dry_run_lists_the_requests_and_sends_none(policy: Path, form: str, words: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and not listening
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        done = corsproxy("verify", "-c", str(policy), url, "--dry-run", "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert words in done.stdout


def test_flags_are_a_policy_too_and_no_more_is_asked_than_told() -> None:
    given = ("--upstream", "http://127.0.0.1:9", "--allow-origin", "https://a.example")
    done = corsproxy("verify", "http://a.test/", *given, "--dry-run", "--max-requests", "3")
    assert done.stdout.endswith("\n3 requests, none sent\n")
    assert "Origin: https://a.example" in done.stdout


def test_the_policy_of_the_route_is_meant(policy: Path) -> None:
    routes = "routes:\n  - {path: /open, cors: {allow_origins: [https://open.example]}}\n"
    policy.write_text(POLICY + routes)
    done = corsproxy("verify", "-c", str(policy), "http://a.test/open/x", "--dry-run")
    assert "GET http://a.test/open/x, Origin: https://open.example" in done.stdout
    assert "app.shop.example" not in done.stdout


def test_a_server_that_is_not_there_exits_3(policy: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        done = corsproxy("verify", "-c", str(policy), url)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.endswith("cannot be reached: nothing listens there\n")


def test_progress_is_shown_on_a_terminal_and_taken_away(policy: Path, upstream: Upstream) -> None:
    mine, theirs = pty.openpty()
    with running(POLICY.replace("http://127.0.0.1:9", upstream.url)) as (program, _):
        url = f"http://127.0.0.1:{program.port}/users"
        command = [sys.executable, "-m", "corsproxy", "verify", "-c", str(policy), url, *FAST]
        few = [*command, "--max-requests", "12"]
        done = subprocess.run(few, stdout=subprocess.PIPE, stderr=theirs, text=True, check=False)
    shown = os.read(mine, 1 << 16).decode()
    os.close(mine)
    os.close(theirs)
    assert done.returncode == 0
    assert "12 of 12 requests" in shown
    assert shown.endswith("\r\x1b[K")
    assert "of 12 requests" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["a.test"], "fix: http://a.test", id="no scheme"),
        pytest.param(["http://a.test", "--path", "missing"], "is not a path", id="no path"),
        pytest.param(["http://a.test", "--path", "//b.test/"], "is not a path", id="other server"),
        pytest.param(["http://a.test", "--max-requests", "0"], "max-requests", id="nothing"),
        pytest.param(["http://a.test", "--origin", "https://*.a.test"], "names many", id="pattern"),
        pytest.param(
            ["http://a.test", "--dry-run", "--format", "junit"], "fix: --format json", id="junit"
        ),
        pytest.param(
            ["http://a.test", "--mode", "passthrough"], "fix: --mode enforce", id="no policy"
        ),
        pytest.param(
            ["http://a.test", "--header", f"Host: {CANARY}"], "no script can set", id="name"
        ),
    ],
)
def test_wrong_usage_exits_2_and_says_what_was_expected(
    policy: Path, arguments: list[str], words: str
) -> None:
    done = corsproxy("verify", "-c", str(policy), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert CANARY not in done.stderr
