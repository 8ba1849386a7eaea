"""The translator of SAM, of what is exported for a REST API: it sends what the policy says."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from corsproxy.gateways.aws_rest_api import write
from corsproxy.gateways.conversion.aws_gateway_responses import ERRORS
from tests.gateways.converted import config

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

FULL = """allow_origins: [https://a.test]
allow_methods: [PUT, PURGE]
allow_headers: [authorization, X-A]
allow_credentials: true
max_age: 600"""
ANY = """allow_origins: ["*"]
allow_methods: ["*"]
allow_headers: ["*"]"""
REFLECTED = f"{ANY}\nallow_credentials: true\ndangerously_reflect_any_origin: true"
NAME = "Access-Control-Allow"


def judged(judges: Path, *templates: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [judges / "python", Path(__file__).parent / "judges" / "rest_api.py"],
        input=json.dumps([yaml.safe_load(text) for text in templates]),
        capture_output=True,
        text=True,
        env={"AWS_DEFAULT_REGION": "eu-west-1"},
        check=False,
    )


@pytest.fixture(scope="module")
def said(judges: Path) -> list[dict[str, Any]]:
    done = judged(judges, *(write(config(text), "sam").text for text in (FULL, ANY, REFLECTED)))
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_the_answer_to_options_has_the_constants_of_the_policy(said: list[dict[str, Any]]) -> None:
    assert {key.partition("header.")[2]: value for key, value in said[0]["preflight"].items()} == {
        f"{NAME}-Origin": "'https://a.test'",
        f"{NAME}-Methods": "'PUT,PURGE'",
        f"{NAME}-Headers": "'authorization,X-A'",
        f"{NAME}-Credentials": "'true'",
        "Access-Control-Max-Age": "'600'",
    }


def test_errors_carry_the_origin_and_credentials(said: list[dict[str, Any]]) -> None:
    prefix = "gatewayresponse.header."
    assert said[0]["errors"] == {
        kind: {
            f"{prefix}{NAME}-Origin": "'https://a.test'",
            f"{prefix}{NAME}-Credentials": "'true'",
        }
        for kind in ERRORS
    }


def test_any_origin_is_a_star_without_credentials_and_never_with(
    said: list[dict[str, Any]],
) -> None:
    for one in said[1:]:
        values = {key.partition("header.")[2]: value for key, value in one["preflight"].items()}
        assert values[f"{NAME}-Origin"] == "'*'"
        assert f"{NAME}-Credentials" not in values


def test_the_translator_refuses_what_is_never_written(judges: Path) -> None:
    text = write(config(ANY), "sam").text
    refused = text.replace(
        "      GatewayResponses", "        AllowCredentials: true\n      GatewayResponses"
    )
    assert refused != text
    assert "AllowCredentials" in judged(judges, refused).stderr
