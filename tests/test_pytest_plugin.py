"""The plugin, as pytest finds it in a user's environment: real runs, by its entry point."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
APP = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
"""
POLICY = "cors: {allow_origins: [https://app.example]}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of a user's, and beside it the metadata by which pytest finds the plugin."""
    (module,) = PROJECT["entry-points"]["pytest11"].items()
    metadata = tmp_path / "site" / "corsproxy-0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: corsproxy\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text(f"[pytest11]\n{' = '.join(module)}\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / "pytest.ini").write_text(
        "[pytest]\ncorsproxy_policy = cors/policy.yaml\nfilterwarnings = error\n"
        "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
    )
    (project / "cors").mkdir()
    (project / "cors" / "policy.yaml").write_text(POLICY)
    (project / "app.py").write_text(APP)
    return project


def played(folder: Path, test: str, *arguments: str) -> str:
    """What pytest prints of a test file; from a folder below, as somebody may start it there."""
    (folder / "test_it.py").write_text(
        f"from app import app\n\nPAGE = 'https://app.example'\n{test}"
    )
    paths = map(str, (folder.parent / "site", REPOSITORY, folder))
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    environ.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly"]
    done = subprocess.run(
        [*command, *arguments, ".."],
        cwd=folder / "cors",
        env=environ,
        text=True,
        capture_output=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_test_has_a_gateway_with_the_policy_of_the_settings(folder: Path) -> None:
    said = played(
        folder,
        """
def test_readable(cors_gateway):
    gateway = cors_gateway(app)
    assert gateway.assert_readable(PAGE).status == 200
    gateway.assert_blocked(PAGE, "PUT", reason="method-not-allowed")

def test_of_its_own(cors_gateway):
    gateway = cors_gateway(app, {"cors": {"allow_origins": [PAGE], "allow_methods": ["PUT"]}})
    gateway.assert_readable(PAGE, "PUT")

async def test_in_a_coroutine(cors_gateway):
    cors_gateway(app).assert_readable(PAGE)
""",
    )
    assert "3 passed" in said


def test_fixtures_of_a_wider_scope_share_one(folder: Path) -> None:
    test = """
import pytest

SEEN = set()

@pytest.fixture(scope="module")
def gateway(cors_gateway_factory):
    return cors_gateway_factory(app)

@pytest.mark.parametrize("time", [1, 2])
def test_readable(gateway, time):
    SEEN.add(gateway.url)
    gateway.assert_readable(PAGE)
    assert len(SEEN) == 1
"""
    assert "2 passed" in played(folder, test)
    assert "2 passed" in played(folder, test, "-n", "2")


def test_a_failure_is_the_scene_without_the_plugins_own_code(folder: Path) -> None:
    said = played(
        folder, "def test_it(cors_gateway):\n    cors_gateway(app).assert_readable('null')"
    )
    assert "1 failed" in said
    assert "E       AssertionError: the page cannot read the response" in said
    assert "__tracebackhide__" not in said
    assert "cors/policy.yaml:1" in said


def test_what_is_wrong_with_a_policy_is_all_that_is_told(folder: Path) -> None:
    (folder / "cors" / "policy.yaml").write_text("cors: {origins: []}\n")
    said = played(folder, "def test_it(cors_gateway):\n    cors_gateway(app)")
    assert "ConfigError: " in said
    assert "no setting is called 'origins' in cors [unknown-key]" in said
    assert "corsproxy/pytest_plugin.py" not in said
    assert "corsproxy/config/" not in said


def test_without_a_policy_the_fix_is_told(folder: Path) -> None:
    (folder / "pytest.ini").write_text("[pytest]\n")
    said = played(folder, "def test_it(cors_gateway):\n    cors_gateway(app)")
    assert "no policy is given" in said
    assert "corsproxy_policy in pytest's configuration" in said


def test_nothing_is_loaded_before_a_fixture_is_used(folder: Path) -> None:
    test = """
import sys

def test_it():
    assert "corsproxy.pytest_plugin" in sys.modules
    loaded = [name for name in sys.modules if name.startswith("corsproxy")]
    assert sorted(loaded) == ["corsproxy", "corsproxy.pytest_plugin"]
    assert "aiohttp" not in sys.modules
"""
    assert "1 passed" in played(folder, test, "-p", "no:aiohttp", "-p", "no:pytest-aiohttp")


def test_it_can_be_left_out(folder: Path) -> None:
    test = "def test_it(cors_gateway):\n    cors_gateway(app)"
    said = played(folder, test, "-p", "no:corsproxy", "-W", "default")
    assert "fixture 'cors_gateway' not found" in said


def test_its_fixtures_tell_what_they_are(folder: Path) -> None:
    said = played(folder, "", "--fixtures")
    assert "cors_gateway --" in said
    assert "A function of an app and a policy that starts a gateway" in said
    assert "cors_gateway_factory [session scope] --" in said
