"""Pages that are loaded through the proxy work as from their own server, at the first try."""

from pathlib import Path

from tests.apps.conftest import Start
from tests.apps.servers import Backends, unused_port
from tests.apps.tab import Tab

PAGE = '<body><script type="module" src="/main.js"></script>'
HOT = """document.body.textContent = "version {version}";
import.meta.hot.accept();
"""


async def test_vite_replaces_a_changed_module_in_the_page(
    tab: Tab, backends: Backends, node: Path
) -> None:
    port = unused_port()
    (backends.folder / "index.html").write_text(PAGE)
    (backends.folder / "main.js").write_text(HOT.format(version=1))
    vite = backends.packages(node) / "vite/bin/vite.js"
    where = ("--host", "127.0.0.1", "--strictPort", "--port", str(port))
    base = tab.behind(backends.command(port, "node", vite, *where))
    async with tab.page.expect_console_message(lambda it: "[vite] connected" in it.text):
        await tab.page.goto(base)
    await tab.page.wait_for_selector("text=version 1")
    await tab.page.evaluate("window.kept = true")
    (backends.folder / "main.js").write_text(HOT.format(version=2))
    await tab.page.wait_for_selector("text=version 2")
    assert await tab.page.evaluate("window.kept") is True


async def test_oauth_posts_its_code_from_another_site(tab: Tab, python_app: Start) -> None:
    provider = f"http://127.0.0.1:{python_app('provider')}"
    base = tab.behind(python_app("oauth", provider, tab.origin))
    async with tab.page.expect_request(f"{base}/callback") as posted:
        await tab.page.goto(f"{base}/login")
    await tab.page.wait_for_url(tab.origin + "/")
    assert (await (await posted.value).all_headers())["origin"] == provider
    assert (await tab.fetch("GET", f"{base}/me")).json == {"token": "ada's"}
