"""corsproxy schema."""

import json

from corsproxy.config.json_schema import json_schema
from tests.cli.program import corsproxy


def test_the_schema_is_printed_as_json() -> None:
    done = corsproxy("schema")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json_schema()
