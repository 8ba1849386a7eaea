"""corsproxy explain: what would happen, from a policy file; what did, from the running proxy."""

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.cli.program import corsproxy
from tests.program import Program

CASES = Path(__file__).parents[1] / "cases" / "explain"
PAGE = "http://localhost:5173"
POLICY = """\
upstream: http://127.0.0.1:8000
cors:
  allow_origins:
    - http://localhost:5173
  allow_methods: [PUT]
  allow_headers: [x-a]
routes:
  - path: /open
    cors: {allow_origins: ["*"]}
"""


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(POLICY, encoding="utf-8")
    return "policy.yaml"


SCENES = [
    pytest.param(["--origin", PAGE, "/"], 0, id="readable"),
    pytest.param(
        ["--origin", PAGE, "--method", "PUT", "--header", "X-A: 1", "/"], 0, id="preflighted"
    ),
    pytest.param(["--origin", PAGE, "--credentials", "/"], 1, id="credentials"),
    pytest.param(["--origin", "http://localhost:3000", "/"], 1, id="origin"),
    pytest.param(["--origin", PAGE, "--method", "DELETE", "/"], 1, id="method"),
    pytest.param(["--origin", PAGE, "--header", "x-b", "/"], 1, id="name"),
    pytest.param(["--origin", "https://any.test", "/open/x"], 0, id="another route"),
    pytest.param(["--origin", "https://any.test", "/opened"], 1, id="no segment border"),
    pytest.param(["--origin", "http://127.0.0.1:8080", "--method", "PUT", "/"], 0, id="own page"),
]


@pytest.mark.parametrize(("arguments", "code"), SCENES)
def test_the_exit_code_says_whether_the_page_reads_the_response(
    arguments: list[str], code: int, policy: str
) -> None:
    done = corsproxy("explain", "-c", policy, *arguments)
    assert (done.returncode, done.stderr) == (code, "")
    assert ("\nreadable: " if code == 0 else "\nblocked: ") in done.stdout
    told = json.loads(corsproxy("explain", "-c", policy, "--format", "json", *arguments).stdout)
    assert told["outcome"] == ("readable" if code == 0 else "blocked")
    assert bool(told["reasons"]) is bool(code)


@pytest.mark.parametrize("origin", ["https://localhost:8443", "http://localhost:8080"])
def test_of_several_addresses_the_page_calls_the_one_of_its_scheme(
    policy: str, origin: str
) -> None:
    listen = ("--listen", "localhost:8080", "--listen", "https://localhost:8443")
    done = corsproxy("explain", "-c", policy, *listen, "--origin", origin, "/")
    assert "the page has the proxy's own origin" in done.stdout
    assert done.returncode == 0


def test_the_scene_names_the_lines_of_the_file(
    policy: str, golden: Callable[[Path, str], None]
) -> None:
    asked = ("--method", "PUT", "--header", "X-B: 1", "--origin", "http://127.0.0.1:5173")
    done = corsproxy("explain", "-c", policy, *asked, "/items")
    golden(CASES / "cli.out", done.stdout)


def test_the_value_of_a_field_is_never_printed(policy: str) -> None:
    asked = ("--origin", PAGE, "--header", "authorization: Bearer secret-1", "/")
    done = corsproxy("explain", "-c", policy, *asked)
    assert "secret-1" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ["--origin", PAGE, "http://me:secret-1@localhost:8080/items?a&b"],
            "expected a path, or the id of a decision, and not a URL\n  fix: '/items?a&b'\n",
            id="URL for a path",
        ),
        pytest.param(
            ["--origin", "http://me:secret-1@localhost:5173", "/"],
            "an origin has no user name and no password\n  fix: http://localhost:5173\n",
            id="origin",
        ),
        pytest.param(
            ["--upstream", "me:secret-1@localhost:8000", "--origin", PAGE, "/"],
            "the upstream's URL must not contain a user name or password [not-an-address]\n"
            "  fix: http://localhost:8000\n",
            id="upstream",
        ),
        pytest.param(
            ["--allow-origin", "https://me:secret-1@a.test", "--origin", PAGE, "/"],
            "'https://***@a.test' is not an origin",
            id="allowed origin",
        ),
        pytest.param(
            ["--listen", "me:secret-1@127.0.0.1:80", "--origin", PAGE, "/"],
            "'***@127.0.0.1:80' is not an address to listen on",
            id="listen",
        ),
        pytest.param(
            ["--allowed-host", "https://me:secret-1@a.test", "--origin", PAGE, "/"],
            "'https://***@a.test' is not a host name",
            id="allowed host",
        ),
        pytest.param(
            ["--forward-host", "me:secret-1@a.test", "--origin", PAGE, "/"],
            "'***@a.test' is not a host",
            id="forwarded host",
        ),
    ],
)
def test_a_url_with_a_password_is_refused_and_the_password_not_printed(
    arguments: list[str], words: str
) -> None:
    done = corsproxy("explain", *arguments)
    assert done.returncode != 0
    assert words in done.stderr
    assert "secret-1" not in done.stdout + done.stderr


def test_flags_may_stand_for_the_file() -> None:
    done = corsproxy("explain", "--allow-origin", PAGE, "--origin", PAGE, "--credentials", "/")
    assert done.returncode == 0
    assert "(--allow-origin)" in done.stdout


MESSAGE = (
    "Access to fetch at 'http://a.test/x' from origin 'http://localhost:3000' has been blocked by"
    " CORS policy: Method PURGE is not allowed by Access-Control-Allow-Methods in preflight."
)


def test_a_message_of_a_console_is_explained_by_the_policy_too(policy: str) -> None:
    done = corsproxy("explain", "-c", policy, "--console", MESSAGE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Chromium says MethodDisallowedByPreflightResponse")
    assert "\nPURGE /x from http://localhost:3000\n" in done.stdout
    assert "[origin-not-allowed]" in done.stdout


def test_a_message_comes_through_a_pipe_too() -> None:
    done = corsproxy("explain", "--console", "-", "--format", "json", stdin=MESSAGE.encode())
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert (found["key"], found["scene"]) == ("MethodDisallowedByPreflightResponse", None)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        pytest.param("hello", "the whole line", id="no browser says it"),
        pytest.param("TypeError: Failed to fetch", "the line beside it", id="it never says why"),
    ],
)
def test_what_says_nothing_of_cors_is_told_as_that(text: str, fix: str) -> None:
    done = corsproxy("explain", "--console", text)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"\n  fix: {fix}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(["/"], 2, "fix: --origin http://localhost:5173", id="no origin"),
        pytest.param(["--origin", f"{PAGE}/", "/"], 2, f"fix: {PAGE}\n", id="no such origin"),
        pytest.param(
            ["--origin", PAGE, "/a/../open"], 2, "leads to the route /open", id="ambiguous path"
        ),
        pytest.param(["--origin", PAGE, "a b"], 2, "fix: '/a b'\n", id="a path without its slash"),
        pytest.param(["--origin", PAGE, "\x1b[2J"], 2, '"\\x1b[2J" is neither', id="control bytes"),
        pytest.param(["--admin", "off", "k3-1"], 3, "admin is off", id="nobody to ask"),
        pytest.param(["--admin", "127.0.0.1:1", "k3-1"], 3, "gives no response", id="no response"),
    ],
)
def test_what_cannot_be_told_says_why(
    arguments: list[str], code: int, told: str, policy: str
) -> None:
    done = corsproxy("explain", "-c", policy, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr


def test_no_server_is_loaded_for_it() -> None:
    program = (
        "import sys\nfrom corsproxy.cli import main\n"
        f"try: main(['explain', '--allow-origin', '{PAGE}', '--origin', '{PAGE}', '/'])\n"
        "except SystemExit: print('aiohttp' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("False\n")


class Running(NamedTuple):
    """A running proxy: its port, and its admin address."""

    port: int
    admin: str


@pytest.fixture
def running() -> Iterator[Running]:
    listening = ("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--allow-origin", PAGE)
    with Program("run", "--upstream", "http://127.0.0.1:9", *listening) as program:
        yield Running(program.port, f"127.0.0.1:{program.admin}")


def decision(running: Running, origin: str) -> str:
    """The id that a refused response carries."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
    connection.request("GET", "/items", headers={"Origin": origin})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.headers["X-Corsproxy-Decision"]


def test_a_past_decision_is_told_by_the_running_proxy(running: Running) -> None:
    refused = decision(running, "http://localhost:3000")
    done = corsproxy("explain", "--admin", running.admin, refused)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"{refused}: actual /items from http://localhost:3000 -> 403\n")
    assert "refused origin  the origin 'http://localhost:3000' is not in allow_orig" in done.stdout
    assert "fix: add --allow-origin http://localhost:3000\n" in done.stdout
    as_json = corsproxy("explain", "--admin", running.admin, "--format", "json", refused)
    assert json.loads(as_json.stdout)["id"] == refused


def test_an_unknown_id_is_not_found(running: Running) -> None:
    done = corsproxy("explain", "--admin", running.admin, "0000-1")
    assert (done.returncode, done.stdout) == (3, "")
    assert "knows no exchange" in done.stderr


@pytest.mark.parametrize(
    ("asked", "flags", "named"),
    [
        pytest.param(["--console", "x"], ["--origin", PAGE], "--origin", id="a message"),
        pytest.param(["--har", "x"], ["--method", "PUT", "--header", "x-a"], "--method, --header"),
        pytest.param(["k3-1"], ["--credentials"], "--credentials", id="an id"),
    ],
)
def test_flags_of_a_call_are_refused_where_it_is_told_already(
    asked: list[str], flags: list[str], named: str
) -> None:
    done = corsproxy("explain", *asked, *flags)
    assert done.returncode == 2
    assert f"fix: leave {named} out" in done.stderr


def test_it_is_coloured_where_that_is_demanded(tmp_path: Path) -> None:
    policy = tmp_path / "a.yaml"
    policy.write_text("upstream: http://a\ncors: {allow_origins: [http://localhost:5173]}\n")
    arguments = ("explain", "-c", str(policy), "--origin", "http://a.test", "/a")
    plain = corsproxy(*arguments).stdout
    coloured = corsproxy(*arguments, environ={"FORCE_COLOR": "1", "NO_COLOR": ""}).stdout
    assert "\033[31mblocked\033[0m: " in coloured
    assert "\033" not in plain


ROUTES = """upstream: http://a
cors: {allow_origins: [http://localhost:5173]}
routes:
- {path: /own, cors: {allow_origins: [https://r.example]}}
- {path: /inherits, cors: {allow_methods: [PUT]}}
"""


@pytest.mark.parametrize("path", ["/own/1", "/inherits/1", "/"])
def test_the_patch_of_a_route_works_where_it_stands(tmp_path: Path, path: str) -> None:
    policy = tmp_path / "a.yaml"
    policy.write_text(ROUTES)
    asked = ("--origin", "http://localhost:3000", path, "--format", "json")
    before = json.loads(corsproxy("explain", "-c", str(policy), *asked).stdout)
    now, fix = yaml.safe_load(ROUTES), yaml.safe_load(before["patch"])
    if "cors" in fix:
        now["cors"] |= fix["cors"]
    for route in fix.get("routes", []):
        [there] = [one for one in now["routes"] if one["path"] == route["path"]]
        there["cors"] |= route["cors"]
    policy.write_text(yaml.safe_dump(now))
    after = json.loads(corsproxy("explain", "-c", str(policy), *asked).stdout)
    assert (before["outcome"], after["outcome"]) == ("blocked", "readable")
    assert ("routes" in fix) is (path == "/own/1")
