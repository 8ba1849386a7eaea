"""What reading and judging a configuration costs is linear in its size."""

import contextlib
import gc
import time
from collections.abc import Callable

import pytest

from corsproxy.config.diagnostics import ConfigError
from corsproxy.config.loading import load_text

_TOP = "upstream: http://127.0.0.1:9\ncors:\n  allow_origins: "


def _routes(number: int, line: str) -> str:
    return "routes:\n" + "".join(f"  - {line.replace('%', str(i))}\n" for i in range(number))


def _listed(number: int, item: str) -> str:
    return "\n" + "".join(f"    - {item.replace('%', str(i))}\n" for i in range(number))


_ORIGINS = "https://h%.example.com"
_ONE = "['http://a.test']\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda n: _TOP + _ONE + _routes(n, "path: /r%"), id="routes"),
        pytest.param(
            lambda n: _TOP + _ONE + _routes(n, "{path: /r%, cors: {max_age: %}}"),
            id="routes with policies of their own",
        ),
        pytest.param(
            lambda n: _TOP + _listed(n, _ORIGINS) + _routes(n, "{path: /r%, cors: {max_age: %}}"),
            id="routes that inherit as many origins",
        ),
        pytest.param(
            lambda n: (
                f"{_TOP}{_ONE}  allow_headers:{_listed(n, 'x-%')}"
                + _routes(n, "{path: /r%, cors: {allow_methods: [PUT]}}")
            ),
            id="routes that inherit as many names",
        ),
        pytest.param(lambda n: _TOP + _listed(n, _ORIGINS), id="origins"),
        pytest.param(lambda n: _TOP + _listed(n, "https://*.a.h%"), id="wildcards, each elsewhere"),
        pytest.param(lambda n: _TOP + _listed(n, "https://h.example.com"), id="one origin, often"),
        pytest.param(lambda n: _TOP + _ONE + _routes(n, "path: /r"), id="one route, often"),
        pytest.param(lambda n: _TOP + _ONE + _routes(n, "{path: r%, x: 1}"), id="mistakes"),
    ],
)
def test_four_times_the_size_costs_about_four_times_the_time(text: Callable[[int], str]) -> None:
    few, many = text(750).encode("ascii"), text(3000).encode("ascii")
    pairs = [(_seconds(few), _seconds(many)) for _ in range(3)]
    assert min(many for _, many in pairs) < 9 * min(few for few, _ in pairs)  # quadratic: 16


def _seconds(content: bytes) -> float:
    gc.collect()
    gc.disable()  # how often it runs depends on all that is alive
    start = time.process_time()
    with contextlib.suppress(ConfigError):
        load_text(content, "policy.yaml", {}, {})
    taken = time.process_time() - start
    gc.enable()
    return taken
