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


def test_reading_the_configuration_needs_no_server() -> None:
    modules = [name_of(path) for path in MODULES if path.is_relative_to(PACKAGE / "config")]
    imports = ", ".join(f"corsproxy.{name.removesuffix('.__init__')}" for name in modules)
    program = f"import sys, {imports}; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded & {"aiohttp", "click", "asyncio"} == set()
