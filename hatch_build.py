"""Compiles the one module that is written in C, which the package can do without.

Where that is impossible (no compiler, no headers, not CPython) the wheel is pure Python: the same
behaviour, and some microseconds more for each request.
"""

import shlex
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("corsproxy/proxy/http1/_heads.c")


class CompiledHeads(BuildHookInterface[Any]):
    """Puts the module into a wheel; into the tree itself where that is installed as editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        target = SOURCE.with_name(f"_heads{sysconfig.get_config_var('EXT_SUFFIX')}")
        if version == "editable":
            self._compile(Path(self.root) / target)
            return
        self._folder = tempfile.TemporaryDirectory()
        built = Path(self._folder.name) / target.name
        if self._compile(built):
            build_data["force_include"][str(built)] = str(target)
            build_data["pure_python"] = False
            build_data["infer_tag"] = True

    def _compile(self, built: Path) -> bool:
        linker = sysconfig.get_config_var("LDSHARED")
        if sys.implementation.name != "cpython" or not linker:
            return False
        command = [
            *shlex.split(linker),
            *("-O2", "-fPIC", f"-I{sysconfig.get_path('include')}"),
            *(str(Path(self.root) / SOURCE), "-o", str(built)),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            self.app.display_warning(f"pure Python, since _heads was not compiled: {error}")
            return False
        return True
