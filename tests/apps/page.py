"""A page on localhost:5173, as far as the proxy sees it: Origin, cookies, what it may read."""

import json
import urllib.error
import urllib.request
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any, NamedTuple

from tests.program import Program

ORIGIN = "http://localhost:5173"


class Got(NamedTuple):
    """A response that the page may read."""

    status: int
    headers: "Message[str, str]"
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    def exposes(self, name: str) -> bool:
        return name.lower() in (self.headers["Access-Control-Expose-Headers"] or "").lower()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: the test looks at the redirect first."""


class Page:
    """Calls the proxy as a browser does for a page of ORIGIN, with credentials."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.base = f"http://localhost:{program.port}"
        self.cookies = CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self.cookies)
        self._opener = urllib.request.build_opener(_Stay, cookies)

    def send(self, method: str, path: str, content: bytes | None = None, **headers: str) -> Got:
        """What the proxy responds, whoever asks."""
        url = path if path.startswith("http") else self.base + path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, content, named, method=method)
        try:
            with self._opener.open(request, timeout=30) as response:
                return Got(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Got(error.code, error.headers, error.read())

    def fetch(self, method: str, path: str, content: bytes | None = None, **headers: str) -> Got:
        """A call of another origin: preflight and all; it fails where a browser would block."""
        simple = method in ("GET", "HEAD", "POST") and not headers
        if not simple:
            asked = {"Origin": ORIGIN, "Access_Control_Request_Method": method}
            if headers:
                names = sorted(name.replace("_", "-").lower() for name in headers)
                asked["Access_Control_Request_Headers"] = ",".join(names)
            preflight = self.send("OPTIONS", path, None, **asked)
            assert preflight.status == 204, preflight
            self._granted(preflight)
        got = self.send(method, path, content, Origin=ORIGIN, **headers)
        self._granted(got)
        return got

    def follow(self, got: Got) -> Got:
        """Where a redirect leads: to the proxy again, as the browser keeps the page's origin."""
        location = got.headers["Location"]
        assert location.startswith((f"{self.base}/", "/")), location
        return self.fetch("GET", location)

    @staticmethod
    def _granted(got: Got) -> None:
        assert got.headers["Access-Control-Allow-Origin"] == ORIGIN, got
        assert got.headers["Access-Control-Allow-Credentials"] == "true", got
