"""The scenes of the demo: read from the page's own file, so that page and check play the same."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from corsproxy.cors.browser.verdict import Attempt
from corsproxy.cors.origin import OPAQUE

PAGE_FILES = Path(__file__).parent / "page"


@dataclass(frozen=True, slots=True)
class DemoScene:
    """One call of the page, made directly and through the proxy.

    `through` is what must come of it through the proxy: "readable", or the reason why the browser
    blocks. Directly, the browser must block. `reads` are response headers and what the page must
    read in them, None for one that is not exposed; `status` is that of a response that is readable.
    """

    id: str
    title: str
    method: str
    path: str
    about: str
    through: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: str = ""
    credentials: bool = False
    stream: bool = False
    sandbox: bool = False
    status: int = 200
    reads: Mapping[str, str | None] = field(default_factory=dict)

    def attempt(self, page: str) -> Attempt:
        """What a page of the origin `page` tries in this scene."""
        origin = OPAQUE if self.sandbox else page
        headers = tuple(self.headers.items())
        return Attempt(origin, self.method, headers, self.credentials, self.path)


@cache
def scenes() -> Mapping[str, DemoScene]:
    """Every scene by its id, in the page's order."""
    listed = json.loads((PAGE_FILES / "scenes.json").read_text("utf-8"))
    return {scene["id"]: DemoScene(**scene) for scene in listed}
