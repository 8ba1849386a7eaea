"""The tests that write to real stores of NSS need its certutil; without it CI fails."""

import os
import shutil

import pytest

MISSING = "SKIPPED: install libnss3-tools for NSS's certutil"
needs_certutil = pytest.mark.skipif(
    shutil.which("certutil") is None and os.environ.get("CI") != "true", reason=MISSING
)
"""A skip, loudly; with CI=true they are run, and fail."""
