"""A real nginx, configured by hand for two origins, as many a deployed gateway is."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from corsproxy.probe.client import ProbeClient
from corsproxy.probe.verify.asking import Asker, Pace
from corsproxy.probe.verify.findings import Findings
from corsproxy.probe.verify.questions import Plan, Subject
from tests.probe.verify.deployed import policy_of

CONFIGURATION = Path(__file__).with_name("nginx.conf")
STARTER = Path(__file__).parents[2] / "routers" / "backends" / "with_nginx.py"
POLICY = """
upstream: http://127.0.0.1:9
cors:
  allow_origins: [https://app.shop.example, http://localhost:5173]
  allow_methods: [PUT, DELETE]
  allow_headers: [authorization, content-type]
  expose_headers: [etag, x-total]
  allow_credentials: true
  max_age: 600
"""
pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def needed() -> None:
    """Skip, loudly, where the machine has no nginx; in CI, fail."""
    if shutil.which("nginx"):
        return
    message = "NO VERIFICATION OF A REAL GATEWAY: nginx missing"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@contextmanager
def nginx(folder: Path, configuration: str) -> Iterator[str]:
    """The origin of a running nginx."""
    (folder / "nginx.conf").write_text(configuration, "ascii")
    command = [sys.executable, str(STARTER), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


async def verified(url: str) -> Findings:
    main, missing = (Subject(f"{url}{path}", policy_of(POLICY)) for path in ("/users", "/missing"))
    return await Asker(ProbeClient(), Pace(1e9), 10_000).verify(Plan(main, [missing]))


LOCALHOST = '"~^http://localhost:5173$"'
OF_ERRORS = (
    "location /missing {\n            add_header Access-Control-Allow-Origin $allowed always;"
)


@pytest.mark.parametrize(
    ("text", "instead", "expected"),
    [
        pytest.param("", "", [], id="none"),
        pytest.param(
            f"        {LOCALHOST} $http_origin;\n",
            "",
            [("too closed", "origin", "http://localhost:5173")],
            id="an origin dropped",
        ),
        pytest.param(
            'default "";',
            "default $http_origin;",
            [("too open", "origin", "any")],
            id="every origin reflected",
        ),
        pytest.param(
            'default "true";',
            'default "";',
            [("too closed", "credentials", "")],
            id="credentials lost",
        ),
        pytest.param(
            r'"~^https://app\.shop\.example$"',
            '"https://app.shop.example"',
            [("different, harmless", "origin", "other-case")],
            id="a text, whose case nginx ignores",
        ),
        pytest.param(
            r"app\.shop\.example$",
            r"app\.shop\.example",
            [
                ("too open", "origin", "other-port https://app.shop.example"),
                ("too open", "origin", "prefix-match https://app.shop.example"),
                ("too open", "origin", "userinfo-look-alike https://app.shop.example"),
                ("too open", "origin", "odd-byte-in-host https://app.shop.example"),
            ],
            id="a regex without its end",
        ),
        pytest.param("PUT, DELETE", "PUT", [("too closed", "method", "DELETE")], id="a method cut"),
        pytest.param(
            OF_ERRORS,
            OF_ERRORS.replace(" always", ""),
            [
                ("too closed", "origin", "https://app.shop.example"),
            ],
            id="an error without its header",
        ),
        pytest.param(
            "            add_header Vary Origin always;\n            if",
            "            if",
            [("too closed", "vary", "")],
            id="Vary missing",
        ),
    ],
)
async def test_nginx_by_hand_differs_in_just_its_mistake(
    tmp_path: Path, text: str, instead: str, expected: list[tuple[str, str, str]]
) -> None:
    configuration = CONFIGURATION.read_text("ascii")
    assert text in configuration
    with nginx(tmp_path, configuration.replace(text, instead, 1)) as url:
        findings = await verified(url)
    found = [(one.risk.value, one.topic.value, one.subject) for one in findings.differences]
    assert found == expected
