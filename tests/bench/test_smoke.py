"""The benchmark runs from beginning to end; what it measures is no test's affair."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("wrk", "cc", "taskset")


@pytest.mark.long
@pytest.mark.skipif(
    any(shutil.which(name) is None for name in NEEDED), reason=f"needs {', '.join(NEEDED)}"
)
def test_the_benchmark_runs(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--smoke", "--json", str(kept)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(kept.read_text(encoding="utf-8"))
    for load, peers in figures["loads"].items():
        for peer, rounds in peers.items():
            assert all(found["requests"] > 0 for found in rounds), (load, peer)
        assert not any(found["errors"] for found in peers["corsproxy"]), load
    assert figures["start_seconds"].keys() == {"corsproxy", "naive aiohttp"}
