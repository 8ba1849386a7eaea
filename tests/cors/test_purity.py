"""The rule stands alone: no server, no YAML, no command line is loaded with it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import corsproxy

ROOT = Path(corsproxy.__file__).parent
MODULES = sorted(
    ".".join(("corsproxy", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in (ROOT / "cors").rglob("*.py")
)
FORBIDDEN = {"aiohttp", "yaml", "click", "multidict", "yarl", "uvloop", "asyncio", "socket", "idna"}
LOAD = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
print(json.dumps(sorted(n for n in sys.modules if n.startswith("corsproxy."))))
"""


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_the_rule_loads_nothing_from_outside(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOAD, module], capture_output=True, text=True, check=True
    )
    loaded, own = (set(json.loads(line)) for line in done.stdout.splitlines())
    assert not loaded & FORBIDDEN
    assert all(name.startswith("corsproxy.cors") for name in own)


def test_each_room_of_the_rule_is_looked_at() -> None:
    assert {"corsproxy.cors", "corsproxy.cors.decision", "corsproxy.cors.browser.verdict"} <= set(
        MODULES
    )
