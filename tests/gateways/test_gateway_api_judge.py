"""The schema of the resource itself, its CEL rules included, takes whatever is written."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from corsproxy.gateways.gateway_api import write
from tests.docs.pages import REPOSITORY
from tests.gateways.converted import config
from tests.gateways.emulation.table import MANY_POLICIES

pytestmark = [pytest.mark.long, pytest.mark.timeout(200)]

JUDGE = Path(__file__).parent / "judges" / "gateway_api.py"
REFUSED = (
    {"allowOrigins": ["null"]},
    {"allowOrigins": ["*", "https://a.test"]},
    {"allowMethods": ["PURGE"]},
    {"allowMethods": ["*", "GET"]},
    {"allowHeaders": ["*", "x-a"]},
    {"maxAge": 0},
)


@pytest.fixture(scope="module")
def schema() -> Path:
    named = os.environ.get("CORSPROXY_GATEWAY_API_SCHEMA")
    beside = REPOSITORY.parent / "shared" / "data" / "gateway-api-cors.schema.json"
    found = Path(named) if named else beside
    if not found.is_file():
        pytest.skip("no schema of the Gateway API: CORSPROXY_GATEWAY_API_SCHEMA names its file")
    return found


def errors(judges: Path, schema: Path, filters: list[dict[str, Any]]) -> list[list[str]]:
    """What the schema says against each."""
    command = [str(judges / "python"), str(JUDGE), str(schema)]
    told = json.dumps(filters)
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    assert len(found) == len(filters)
    return found


def written() -> Iterator[dict[str, Any]]:
    for policy in MANY_POLICIES.values():
        text = write(config("max_age: 5" if policy == "{}" else policy), "rule").text
        yield yaml.safe_load(text)["filters"][0]["cors"]


def test_the_schema_takes_what_is_written_of_every_policy(judges: Path, schema: Path) -> None:
    filters = [*written()]
    told = errors(judges, schema, filters)
    assert [pair for pair in zip(told, filters, strict=True) if pair[0]] == []


def test_the_schema_refuses_what_is_never_written(judges: Path, schema: Path) -> None:
    assert [bool(told) for told in errors(judges, schema, [*REFUSED])] == [True] * len(REFUSED)
