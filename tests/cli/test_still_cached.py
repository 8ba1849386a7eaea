"""After a reload, what is said of browsers that go by an old preflight response."""

import pytest

from corsproxy.cli.run import still_cached
from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config


def config(text: str) -> Config:
    return load_text(text.encode(), "policy.yaml", {}, {}, offline=True).config


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            "cors: {max_age: 600}", "cors: {max_age: 5}", "600 s", id="the policy changed"
        ),
        pytest.param("cors: {max_age: 600}", "cors: {max_age: 600}", "", id="it did not"),
        pytest.param("cors: {max_age: -1}", "cors: {}", "", id="no cache"),
        pytest.param("cors: {}", "cors: {max_age: 600}", "", id="a few seconds are no matter"),
        pytest.param(
            "{cors: {max_age: 9}, routes: [{path: /a, cors: {max_age: 60}}]}",
            "cors: {}",
            "60 s",
            id="the longest of all routes",
        ),
    ],
)
def test_old_preflight_responses(old: str, new: str, told: str) -> None:
    lines = still_cached(config(old), config(new))
    assert bool(lines) is bool(told)
    assert told in "".join(lines)
