"""The tests on the page of the pytest plugin pass, as somebody runs them who copies them."""

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import REPOSITORY, blocks
from tests.docs.pytest_page import PAGE, project


def test_each_test_of_the_page_passes(tmp_path: Path) -> None:
    project(tmp_path)
    files = [block for block in blocks("py") if block.page == PAGE]
    plugins = ("-p", "corsproxy.pytest_plugin", "-p", "no:corsproxy", "-p", "no:randomly")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--asyncio-mode=auto", "-q"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        text=True,
        capture_output=True,
        check=False,
    )
    tests = sum(block.text.count("def test_") for block in files)
    assert f"{tests + 2} passed" in done.stdout, done.stdout + done.stderr
