"""What is bound to a platform, in a process of its own where it must be a fresh one."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os, ssl, sys
from corsproxy.proxy import system
trusted = ssl.create_default_context().cert_store_stats()
variables = dict(os.environ)
assert "aiohttp" not in sys.modules
system.import_aiohttp()
assert "aiohttp" in sys.modules
assert dict(os.environ) == variables
assert ssl.create_default_context().cert_store_stats() == trusted
"""


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({}, id="no variable"),
        pytest.param({"SSL_CERT_FILE": "/dev/null"}, id="the user's variable"),
    ],
)
def test_certificates_are_trusted_after_aiohttp_is_imported_as_before(
    variables: dict[str, str],
) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "SSL_CERT_FILE"}
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    done = subprocess.run(
        command, env=environ | variables, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
