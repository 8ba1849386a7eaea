"""The limit of open files, raised for real, in a process of its own."""

import subprocess
import sys

import pytest

resource = pytest.importorskip("resource")

GRANTED = """
import resource
from corsproxy.accept.open_files import granted
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(granted({wanted}), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "expected"),
    [
        pytest.param(64, 512, 300, 300, id="as far as wanted"),
        pytest.param(64, 256, 300, 256, id="as far as the system lets it"),
        pytest.param(128, 256, 100, 128, id="never lowered"),
    ],
)
def test_the_soft_limit_is_raised(soft: int, hard: int, wanted: int, expected: int) -> None:
    program = GRANTED.format(soft=soft, hard=hard, wanted=wanted)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"%d" % expected] * 2
