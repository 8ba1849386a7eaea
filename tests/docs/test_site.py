"""The docs as a site: `make docs` builds it, it needs nobody else, and Chromium reads each page."""

import functools
import hashlib
import os
import re
import shutil
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request

from corsproxy.cors.reasons import CATALOGUE
from tests.browser.executables import launched
from tests.docs.pages import PAGES, REPOSITORY
from tests.node_packages import CACHE

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.timeout(400)]

PARTS = ["Makefile", "LICENSE", "zensical.toml", "requirements-docs.lock", "docs", "packaging"]
LOCK = REPOSITORY / "requirements-docs.lock"
LOOKS = [("light", 1280), ("dark", 1280), ("light", 420), ("dark", 420)]
SAID = {
    "No 'Access-Control-Allow-Origin' header is present on the requested resource": "messages",
    "Response to preflight request doesn't pass access control check: It does not have HTTP ok"
    " status": "messages",
    "CORS request did not succeed": "messages",
    "MethodDisallowedByPreflightResponse": "reasons",
    "Origin is not allowed by Access-Control-Allow-Origin. Status code": "messages",
    "postman": "questions",
    "how do I allow all localhost ports": "questions",
}
"""What somebody types into the search, and the page that has to be among those found."""

FOUND = """() => {
    const found = [];
    const walk = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) walk(element.shadowRoot);
            if (element.tagName === "A" && element.href.includes("?h=")) found.push(element.href);
        }
    };
    walk(document);
    return found;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make docs` makes of a copy of the docs."""
    folder = tmp_path_factory.mktemp("docs")
    for part in [*PARTS, *(path.name for path in REPOSITORY.glob("*.md"))]:
        source = REPOSITORY / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / part)
    for example in REPOSITORY.glob("*.example.yaml"):
        shutil.copy(example, folder)
    kept = CACHE / f"docs-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    command = ["make", "docs", f"VENV={kept}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode and os.environ.get("CI") != "true" and "pip install" in done.stderr:
        pytest.skip(f"zensical cannot be installed: {done.stderr}")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def base(site: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


class Links(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors = {"", "__skip"}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.anchors.add(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")


def built(site: Path) -> dict[str, Links]:
    """Every page by its path."""
    return {
        f"/{path.relative_to(site).as_posix()}": Links(path.read_text())
        for path in site.rglob("*.html")
    }


def test_each_page_is_built(site: Path) -> None:
    paths = {page.relative_to(REPOSITORY).with_suffix(".html").as_posix() for page in PAGES}
    paths = {"index.html" if path == "README.html" else path for path in paths}
    assert [path for path in sorted(paths) if not (site / path).is_file()] == []


def test_each_link_and_anchor_of_the_site_leads_somewhere(site: Path) -> None:
    pages = built(site)
    lost = []
    for path, page in pages.items():
        for link in page.links:
            target = urlsplit(urljoin(f"http://site{path}", link))
            if target.netloc != "site":
                continue
            there = "/index.html" if target.path == "/" else unquote(target.path)
            known = pages.get(there)
            missing = known is not None and unquote(target.fragment) not in known.anchors
            if missing or not (site / there[1:]).is_file():
                lost.append((path, link))
    assert lost == []


def test_each_reason_has_its_anchor(site: Path) -> None:
    reasons = built(site)["/docs/reasons.html"].anchors
    assert set(CATALOGUE) - reasons == set()


def test_no_markdown_is_shown_as_text(site: Path) -> None:
    code = re.compile(r"<(pre|code)\b.*?</\1>", re.DOTALL)
    texts = {path.name: code.sub("", path.read_text()) for path in site.rglob("*.html")}
    left = re.compile(r"```|\| ---|\]\(\S+\)|\*\*\w")
    assert {name: left.findall(text) for name, text in texts.items() if left.search(text)} == {}


def test_no_page_names_a_file_of_another_host(site: Path) -> None:
    loaded = re.compile(r'(?:src|srcset)="(?:https?:)?//|<link[^>]+href="(?:https?:)?//')
    assert [path.name for path in site.rglob("*.html") if loaded.search(path.read_text())] == []


async def read(page: Page, url: str) -> None:
    """Open a page, until its scripts have nothing to do."""
    await page.goto(url)
    await page.evaluate("new Promise((idle) => requestIdleCallback(idle))")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
async def test_each_page_fits_and_asks_no_other_host(
    site: Path, base: str, browser: Browser, scheme: str, width: int
) -> None:
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    asked, said = set[str](), list[str]()

    def note(request: Request) -> None:
        asked.add(request.url)

    page.on("request", note)
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    wide = []
    for path in built(site):
        await read(page, base + path)
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    shown = await page.evaluate("document.body.getAttribute('data-md-color-scheme')")
    await context.close()
    assert (wide, said, shown) == ([], [], "slate" if scheme == "dark" else "default")
    assert {url for url in asked if not url.startswith((base, "data:", "blob:"))} == set()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("typed", "expected"), SAID.items(), ids=list(SAID.values()))
async def test_the_search_finds_it(base: str, browser: Browser, typed: str, expected: str) -> None:
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    await read(page, f"{base}/index.html")
    await page.get_by_role("button", name="Search").first.click()
    field = page.get_by_role("combobox").or_(page.get_by_placeholder("Search")).first
    await field.fill(typed)
    await page.wait_for_function(f"({FOUND})().some((url) => url.includes('{expected}.html'))")
    await page.close()
