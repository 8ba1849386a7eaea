"""Programs that some tests need: without one they are skipped, which CI does not accept."""

import os
import shutil

import pytest


def needed(tool: str) -> None:
    """Skip the test that asks, loudly, where `tool` is not installed."""
    if shutil.which(tool) is None:
        message = f"SKIPPED: {tool} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{message}, and CI skips nothing")
        pytest.skip(message)
