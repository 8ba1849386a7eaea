"""The plan of the house: who may import whom, what stays pure, which test proves which file."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "corsproxy"
MODULES = sorted(PACKAGE.rglob("*.py"))

MAY_IMPORT: dict[str, set[str]] = {
    "cors": set(),
    "config": {"cors"},
    "interop": {"cors", "config"},
    "proxy": {"cors", "config"},
    "watch": {"cors", "config"},
    "probe": {"cors", "config", "watch"},  # masks what it prints
    "learn": {"cors", "config"},
    "demo": {"cors", "config", "proxy", "watch", "probe"},
    "cli": {"cors", "config", "interop", "proxy", "watch", "probe", "learn", "demo"},
}
"""Each part of the package, and the parts it may know beside itself."""


def name_of(module: Path) -> str:
    """The dotted name of a module of the package, without the package's own."""
    return ".".join(module.relative_to(PACKAGE).with_suffix("").parts)


def imported(module: Path) -> set[str]:
    """Every module that `module` imports, at the top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_imports_run_one_way(module: Path) -> None:
    part = module.relative_to(PACKAGE).parts[0]
    if part not in MAY_IMPORT:
        return  # __init__ and __main__
    own = {name.split(".")[1] for name in imported(module) if name.startswith("corsproxy.")}
    assert own - {part} <= MAY_IMPORT[part]


def test_every_part_of_the_package_has_its_place_in_the_order() -> None:
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()} <= set(
        MAY_IMPORT
    )


def loaded_by(*modules: str) -> set[str]:
    """What a fresh interpreter has loaded after importing `modules`."""
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def modules_of(part: str) -> list[str]:
    names = [name_of(path) for path in MODULES if path.is_relative_to(PACKAGE / part)]
    return [f"corsproxy.{name.removesuffix('.__init__')}" for name in names]


@pytest.mark.parametrize(
    ("part", "strangers"),
    [
        pytest.param("cors", {"aiohttp", "yaml", "click", "asyncio"}, id="the rule is pure"),
        pytest.param("config", {"aiohttp", "click", "asyncio"}, id="reading needs no server"),
    ],
)
def test_what_is_pure_loads_nothing_of_the_outside(part: str, strangers: set[str]) -> None:
    assert loaded_by(*modules_of(part)) & strangers == set()
