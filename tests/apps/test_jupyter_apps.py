"""Jupyter works at the first try: its API for a page of another origin, and JupyterLab itself."""

from pathlib import Path

import pytest

from tests.apps.servers import Backends, unused_port
from tests.apps.tab import Tab

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
    return backends.command(
        port, *lab, *told, exposed, HOME=home, JUPYTER_RUNTIME_DIR=f"{home}/runtime"
    )


async def test_jupyter_runs_code_for_a_page_that_has_its_token(tab: Tab, jupyter: int) -> None:
    base = tab.behind(jupyter)
    assert await tab.play("jupyter", base, TOKEN, "6 * 7") == [201, True, "42", 204]


async def test_jupyterlab_opens_a_notebook_and_runs_a_cell(tab: Tab, jupyter: int) -> None:
    base = tab.behind(jupyter)
    await tab.page.goto(f"{base}/lab?token={TOKEN}")
    await tab.page.wait_for_selector(".jp-LauncherCard[data-category=Notebook]")
    await tab.page.evaluate(RUN, "6 * 7")
    await tab.page.wait_for_selector(".jp-OutputArea-output pre:has-text('42')")
