"""The wheel has what the package needs, and the locks what the package asks for."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from corsproxy.cli.shell_completion import script

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built as a release is, from what is installed already."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_has_every_file_of_the_package_and_no_other(wheel: zipfile.ZipFile) -> None:
    package = REPOSITORY / "corsproxy"
    files = [
        path
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".so"
    ]
    expected = {str(path.relative_to(REPOSITORY)) for path in files}
    packed = {name for name in wheel.namelist() if not re.search(r"\.(dist-info|data)/", name)}
    packed -= {
        name for name in packed if re.fullmatch(r"corsproxy/proxy/http1/_heads\..*\.so", name)
    }
    assert packed == expected
    assert "corsproxy/py.typed" in packed


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        ("bash", "share/bash-completion/completions/corsproxy"),
        ("zsh", "share/zsh/site-functions/_corsproxy"),
        ("fish", "share/fish/vendor_completions.d/corsproxy.fish"),
    ],
)
def test_the_wheel_has_completion_where_each_shell_looks(
    wheel: zipfile.ZipFile, shell: str, place: str
) -> None:
    [name] = [name for name in wheel.namelist() if name.endswith(f".data/data/{place}")]
    assert wheel.read(name).decode() == script(shell)


def test_the_wheel_has_each_man_page_where_man_looks(wheel: zipfile.ZipFile) -> None:
    pages = {path.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.glob("man/*/*")}
    packed = {name.partition(".data/data/share/")[2] for name in wheel.namelist()}
    assert pages
    assert pages <= packed


HEADER = Path(sysconfig.get_path("include"), "Python.h")


@pytest.mark.skipif(
    shutil.which("cc") is None or not HEADER.exists(),
    reason="SKIPPED: nothing can be compiled here",
)
def test_the_wheel_has_the_compiled_module_of_this_python(wheel: zipfile.ZipFile) -> None:
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    assert f"corsproxy/proxy/http1/_heads{suffix}" in wheel.namelist()
    assert wheel.filename is not None
    assert "-none-any" not in wheel.filename


def test_without_a_compiler_the_wheel_is_pure(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    nothing = {**os.environ, "PATH": str(tmp_path)}
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, env=nothing)
    (built,) = tmp_path.glob("*-py3-none-any.whl")
    assert not [name for name in zipfile.ZipFile(built).namelist() if name.endswith(".so")]


def test_the_wheel_installs_the_command_and_its_licence(wheel: zipfile.ZipFile) -> None:
    texts = {
        name.partition(".dist-info/")[2]: wheel.read(name).decode()
        for name in wheel.namelist()
        if ".dist-info/" in name
    }
    assert "corsproxy = corsproxy.cli:main" in texts["entry_points.txt"]
    assert "MIT License" in texts["licenses/LICENSE"]


def names(requirements: list[object]) -> set[str]:
    """The packages that these requirements name, as the locks spell them."""
    texts = [text for text in requirements if isinstance(text, str)]
    return {re.split(r"[^\w.-]", text)[0].lower().replace("_", "-") for text in texts}


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        pytest.param("requirements.lock", PROJECT["project"]["dependencies"], id="to run"),
        pytest.param(
            "requirements-build.lock", PROJECT["dependency-groups"]["build"], id="to build"
        ),
        pytest.param(
            "requirements-docs.lock", PROJECT["dependency-groups"]["docs"], id="to build the site"
        ),
        pytest.param("requirements-dev.lock", PROJECT["dependency-groups"]["test"], id="to test"),
        pytest.param("requirements-dev.lock", PROJECT["dependency-groups"]["dev"], id="to develop"),
    ],
)
def test_each_requirement_is_locked(lock: str, requirements: list[object]) -> None:
    locked = re.findall(r"^([\w.-]+)==", (REPOSITORY / lock).read_text(), re.MULTILINE)
    assert names(requirements) <= set(locked)


def test_what_runs_is_locked_to_the_same_versions_everywhere() -> None:
    def versions(lock: str) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==(\S+)", (REPOSITORY / lock).read_text(), re.MULTILINE))

    everything = versions("requirements-dev.lock")
    for lock in ("requirements.lock", "requirements-build.lock"):
        assert versions(lock).items() <= everything.items()
