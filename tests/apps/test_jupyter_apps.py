"""Jupyter works at the first try: its API for a page of another origin, and JupyterLab itself."""

from pathlib import Path

import pytest

from tests.apps.servers import Backends, unused_port
from tests.apps.tab import Tab

TOKEN = "secret"


@pytest.fixture
def jupyter(backends: Backends, python: Path) -> int:
    """JupyterLab as `jupyter lab` starts it, with a home of its own; the port where it listens."""
    port = unused_port()
    lab = (python, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1")
    told = (f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}")
    home = str(backends.folder)
    return backends.command(port, *lab, *told, HOME=home, JUPYTER_RUNTIME_DIR=f"{home}/runtime")


async def test_jupyter_runs_code_for_a_page_that_has_its_token(tab: Tab, jupyter: int) -> None:
    base = tab.behind(jupyter)
    assert await tab.play("jupyter", base, TOKEN, "6 * 7") == [201, True, "42", 204]


async def test_jupyterlab_opens_a_notebook_and_runs_a_cell(tab: Tab, jupyter: int) -> None:
    base = tab.behind(jupyter)
    await tab.page.goto(f"{base}/lab?token={TOKEN}")
    await tab.page.click(".jp-LauncherCard[data-category=Notebook]")
    await tab.page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    await tab.page.click(".jp-Notebook .cm-content")
    await tab.page.keyboard.type("6 * 7")
    await tab.page.keyboard.press("Shift+Enter")
    await tab.page.wait_for_selector(".jp-OutputArea-output pre:has-text('42')")
