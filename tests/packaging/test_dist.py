"""What is published: the same bytes wherever it is made, and all that an installation needs."""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import corsproxy
from tests.packaging.conftest import REPOSITORY, Made, make_dist, run

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
POLICY = "upstream: http://127.0.0.1:8000\ncors: {allow_origins: [http://localhost:5173]}\n"


def digests(made: Made) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in made.folder.iterdir()
    }


def test_the_same_tree_gives_the_same_bytes_in_another_place_at_another_time(
    dist: Made, copy: Path
) -> None:
    assert digests(make_dist(copy, copy.parent / "made elsewhere")) == digests(dist)


def test_an_sdist_a_wheel_of_this_python_a_pure_one_and_a_formula_are_made(dist: Made) -> None:
    version = corsproxy.__version__
    names = sorted(digests(dist))
    assert f"corsproxy-{version}.tar.gz" in names
    assert f"corsproxy-{version}-py3-none-any.whl" in names
    assert "corsproxy.rb" in names
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    compiled = [name for name in names if name.startswith(f"corsproxy-{version}-{tag}")]
    assert len(compiled) == 1
    assert len(names) == 4


def test_the_two_wheels_differ_in_the_compiled_module_alone(dist: Made) -> None:
    def files(wheel: Path) -> dict[str, str]:
        with zipfile.ZipFile(wheel) as archive:
            kept = [name for name in archive.namelist() if not name.endswith(("RECORD", "WHEEL"))]
            return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in kept}

    pure, compiled = files(dist.one("*-none-any.whl")), files(dist.one("*-cp*.whl"))
    assert pure.items() <= compiled.items()
    assert [name.rpartition(".")[2] for name in compiled.keys() - pure.keys()] == ["so"]


def serves(command: list[str | Path], folder: Path) -> None:
    """The program answers, lints, and knows its own schema, which are files of the package."""
    (folder / "policy.yaml").write_text(POLICY)
    assert run([*command, "--version"], folder) == f"corsproxy {corsproxy.__version__}\n"
    run([*command, "lint", "policy.yaml"], folder)
    run([*command, "demo", "--check"], folder)
    assert json.loads(run([*command, "schema"], folder))["title"] == "corsproxy policy file"


def test_pip_installs_the_wheel_alone_in_a_fresh_environment(dist: Made, tmp_path: Path) -> None:
    run([sys.executable, "-m", "venv", tmp_path / "fresh"], tmp_path)
    installed = tmp_path / "fresh" / "bin"
    run([installed / "python", "-m", "pip", "install", "-q", dist.one("*-cp*.whl")], tmp_path)
    serves([installed / "corsproxy"], tmp_path)
    run([installed / "python", "-c", "import corsproxy.proxy.http1._heads"], tmp_path)


def test_pip_installs_the_sdist(dist: Made, tmp_path: Path) -> None:
    run([sys.executable, "-m", "venv", tmp_path / "fresh"], tmp_path)
    installed = tmp_path / "fresh" / "bin"
    run([installed / "python", "-m", "pip", "install", "-q", dist.one("*.tar.gz")], tmp_path)
    serves([installed / "corsproxy"], tmp_path)


def test_pipx_installs_the_pure_wheel(dist: Made, tmp_path: Path) -> None:
    places = {"PIPX_HOME": str(tmp_path / "home"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    wheel = dist.one("*-none-any.whl")
    run([dist.tools / "pipx", "install", "-q", wheel], tmp_path, **places)
    serves([tmp_path / "bin" / "corsproxy"], tmp_path)


def test_uv_installs_it_as_a_tool_and_runs_it_without(dist: Made, tmp_path: Path) -> None:
    places = {
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
        "UV_PYTHON": sys.executable,
    }
    wheel = dist.one("*-none-any.whl")
    run([dist.tools / "uv", "tool", "install", "-q", wheel], tmp_path, **places)
    serves([tmp_path / "bin" / "corsproxy"], tmp_path)
    told = run([dist.tools / "uvx", "--from", wheel, "corsproxy", "--version"], tmp_path, **places)
    assert f"corsproxy {corsproxy.__version__}\n" in told


def test_the_sdist_has_the_tests_and_what_they_need(dist: Made) -> None:
    with tarfile.open(dist.one("*.tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"tests/conftest.py", "config.example.yaml", "requirements.lock", "Dockerfile"} <= names
    assert not [name for name in names if name.startswith((".ci", ".github", "dist"))]


def test_the_formula_names_the_sdist_by_its_hash(dist: Made, tmp_path: Path) -> None:
    formula, sdist = dist.one("corsproxy.rb"), dist.one("*.tar.gz")
    text = formula.read_text()
    assert f'sha256 "{hashlib.sha256(sdist.read_bytes()).hexdigest()}"' in text
    assert f'/corsproxy/{sdist.name}"' in text
    assert "@" not in text.replace("python@3.13", "")
    if ruby := shutil.which("ruby"):
        assert run([ruby, "-c", formula], tmp_path) == "Syntax OK\n"


@pytest.mark.parametrize(
    ("tag", "version", "changelog", "wrong"),
    [
        pytest.param("v1.2.3", "1.2.3", "## [1.2.3] - 2026-01-31\n", [], id="all agree"),
        pytest.param(
            *("v1.2.4", "1.2.3", "## [1.2.3] - 2026-01-31\n"),
            ["the tag is v1.2.4, and corsproxy/__init__.py says 1.2.3"],
            id="another version",
        ),
        pytest.param(
            *("v1.2.3", "1.2.3", "## [Unreleased]\n"),
            ["CHANGELOG.md has no section '## [1.2.3] - YYYY-MM-DD'"],
            id="not in the changelog",
        ),
    ],
)
def test_a_tag_is_released_where(
    tag: str, version: str, changelog: str, wrong: list[str], tmp_path: Path
) -> None:
    package = tmp_path / "corsproxy"
    package.mkdir()
    (package / "__init__.py").write_text(f'__version__ = "{version}"\n')
    (tmp_path / "CHANGELOG.md").write_text(changelog)
    script = tmp_path / "packaging" / "released.py"
    script.parent.mkdir()
    shutil.copy(REPOSITORY / "packaging" / "released.py", script)
    done = subprocess.run(
        [sys.executable, script, tag], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.splitlines()) == (bool(wrong), wrong)
