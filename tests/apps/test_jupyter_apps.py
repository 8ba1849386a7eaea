"""Jupyter works at the first try: its API for a page of another origin, and JupyterLab itself."""

import contextlib
import urllib.request
from pathlib import Path

import pytest

from tests.apps.servers import Backends, unused_port
from tests.apps.tab import Tab
from tests.until import until

TOKEN = "secret"
RUN = """async code => {
    const { commands } = window.jupyterapp;
    const panel = await commands.execute("notebook:create-new", { kernelName: "python3" });
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
    panel.content.activeCell.model.sharedModel.setSource(code);
    await commands.execute("notebook:run-cell");
}"""
"""By the commands behind its buttons: a button takes no notice of a kernel that only starts."""


@pytest.fixture
def jupyter(backends: Backends, python: Path) -> int:
    """JupyterLab as `jupyter lab` starts it, with a home of its own; the port where it listens."""
    port = unused_port()
    lab = (python, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1")
    exposed = "--LabApp.expose_app_in_browser=True"
    told = (f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}")
    home = str(backends.folder)
    backends.command(port, *lab, *told, exposed, HOME=home, JUPYTER_RUNTIME_DIR=f"{home}/runtime")
    until(lambda: responds(f"http://127.0.0.1:{port}/api"))
    return port


def responds(url: str) -> bool:
    """Jupyter listens once only to see whether the port is free, and closes again."""
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
        return True
    return False


async def test_jupyter_runs_code_for_a_page_that_has_its_token(tab: Tab, jupyter: int) -> None:
    base = tab.behind(jupyter)
    assert await tab.play("jupyter", base, TOKEN, "6 * 7") == [201, True, "42", 204]


async def test_jupyterlab_opens_a_notebook_and_runs_a_cell(tab: Tab, jupyter: int) -> None:
    base = tab.behind(jupyter)
    await tab.page.goto(f"{base}/lab?token={TOKEN}")
    await tab.page.wait_for_selector(".jp-LauncherCard[data-category=Notebook]")
    await tab.page.evaluate(RUN, "6 * 7")
    await tab.page.wait_for_selector(".jp-OutputArea-output pre:has-text('42')")
