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


async def test_webpack_replaces_a_changed_module_in_the_page(
    tab: Tab, backends: Backends, node_app: Start
) -> None:
    source = backends.folder / "main.js"
    source.write_text(HOT.format(version=1).replace("import.meta.hot", "module.hot"))
    (backends.folder / "public").mkdir()
    (backends.folder / "public/index.html").write_text('<body><script src="/main.js"></script>')
    base = tab.behind(node_app("webpack"))
    async with tab.page.expect_console_message(lambda it: "Server started" in it.text):
        await tab.page.goto(base)
    await tab.page.wait_for_selector("text=version 1")
    await tab.page.evaluate("window.kept = true")
    source.write_text(HOT.format(version=2).replace("import.meta.hot", "module.hot"))
    await tab.page.wait_for_selector("text=version 2")
    assert await tab.page.evaluate("window.kept") is True


NEXT = {
    "app/layout.js": """export default function Layout({ children }) {
        return <html><body>{children}</body></html>;
    }""",
    "app/page.js": """import { cookies } from "next/headers";
    import { redirect } from "next/navigation";
    async function keep(form) {
        "use server";
        (await cookies()).set("word", form.get("word"));
        redirect("/");
    }
    export default async function Page() {
        const word = (await cookies()).get("word")?.value;
        return <form action={keep}><p>kept {word}</p><input name="word" /><button /></form>;
    }""",
}


async def test_next_takes_a_server_action_from_its_page(
    tab: Tab, backends: Backends, node: Path
) -> None:
    for name, text in NEXT.items():
        file = backends.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    port = unused_port()
    next_ = backends.packages(node) / "next/dist/bin/next"
    dev = ("dev", "--webpack", "--hostname", "127.0.0.1", "--port", str(port))
    started = backends.command(port, "node", next_, *dev, NEXT_TELEMETRY_DISABLED="1")
    base = tab.behind(started)
    await tab.page.goto(base)
    await tab.page.fill("[name=word]", "lamp")
    await tab.page.click("button")
    await tab.page.wait_for_selector("text=kept lamp")
    assert tab.page.url == f"{base}/"
