"""AWS' own tools, run by the judges' Python: the translator of SAM, an API in moto, cfn-lint."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_ENVIRON = {
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


def created(judges: Path, templates: Sequence[Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """For each SAM template: its CORS extension, and what get-api says of the API made from it."""
    done = subprocess.run(
        [judges / "python", Path(__file__).parent / "judges" / "aws.py"],
        input=json.dumps(templates),
        capture_output=True,
        text=True,
        env=_ENVIRON,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(extension, api) for extension, api in json.loads(done.stdout)]


def linted(judges: Path, template: Path) -> subprocess.CompletedProcess[str]:
    """What cfn-lint says of a template."""
    command = [str(judges / "cfn-lint"), "--regions", "eu-west-1", "--", str(template)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
