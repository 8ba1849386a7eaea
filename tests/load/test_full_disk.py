"""A disk that is full under the log and the HAR: it is told, and no request fails of it."""

import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import Program
from tests.until import until
from tests.upstreams import Upstream

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        if os.environ.get("CI") == "true":
            pytest.fail("no file system can be mounted")
        pytest.skip("SKIPPED: no file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def ask(program: Program) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{program.port}/{'x' * 500}", headers={"Origin": "https://evil.test"}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        status: int = response.status
        return status


def test_requests_go_on_and_the_log_too_once_there_is_room(
    small_disk: Path, upstream: Upstream
) -> None:
    log, har = small_disk / "proxy.log", small_disk / "proxy.har"
    arguments = (
        *("run", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"),
        *("--upstream", upstream.url, "--allow-origin", "https://a.test"),
        *("--refused-request", "forward", "--log-file", str(log), "--log-format", "json"),
        *("--har", str(har)),
    )
    with Program(*arguments) as program:
        for _ in range(300):
            assert ask(program) == 200
        until(lambda: "No space left on device" in program.output)
        assert ask(program) == 200
        log.write_text("")
        (small_disk / "filling").unlink(missing_ok=True)
        until(lambda: ask(program) == 200 and log.stat().st_size > 0)
        program.process.terminate()
        assert program.process.wait(20) == 0
        assert "Traceback" not in program.output
