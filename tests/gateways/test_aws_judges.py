"""AWS' own tools, of what is exported: cfn-lint, the translator of SAM, and an API made in moto."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from corsproxy.cors.policy import Policy
from corsproxy.gateways.aws_http_api import read, write
from tests.gateways.converted import config, differing

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

POLICIES = {
    "one": "allow_origins: [https://a.test]",
    "any": """allow_origins: ["*"]
allow_methods: ["*"]
allow_headers: ["*"]
expose_headers: ["*"]""",
    "full": """allow_origins: [https://a.test, "http://localhost:5173", "http://[::1]:3000"]
allow_methods: [PUT, PATCH, DELETE, PURGE]
allow_headers: [authorization, X-B]
expose_headers: [etag, x-total-count]
allow_credentials: true
max_age: 86400""",
    "uncached": "allow_origins: [https://a.test]\nmax_age: -1",
    "scheme": "allow_origins: [{regex: 'https://.*'}]\nmax_age: 0",
}


@pytest.fixture(scope="module")
def said(judges: Path) -> dict[str, Any]:
    """What the translator and moto make of each policy's SAM template."""
    templates = [yaml.safe_load(write(config(text), "sam").text) for text in POLICIES.values()]
    done = subprocess.run(
        [judges / "python", Path(__file__).parent / "judges" / "aws.py"],
        input=json.dumps(templates),
        capture_output=True,
        text=True,
        env={
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_DEFAULT_REGION": "eu-west-1",
        },
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(POLICIES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_of_the_table_loses_anything(name: str) -> None:
    assert write(config(POLICIES[name]), "sam").losses == ()


@pytest.mark.parametrize("form", ["sam", "cloudformation", "lambda-url"])
@pytest.mark.parametrize("name", POLICIES)
def test_cfn_lint_accepts_the_template(name: str, form: str, judges: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(write(config(POLICIES[name]), form).text)
    command = [str(judges / "cfn-lint"), "--regions", "eu-west-1", "--", str(template)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_cfn_lint_does_find_a_mistake(judges: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    text = write(config(POLICIES["one"]), "cloudformation").text
    template.write_text(text.replace("AllowOrigins", "AllowedOrigins"))
    command = [str(judges / "cfn-lint"), "--regions", "eu-west-1", "--", str(template)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize("name", POLICIES)
def test_an_api_created_from_the_template_has_the_policy_that_was_exported(
    name: str, said: dict[str, Any]
) -> None:
    extension, api = said[name]
    policy: Policy = config(POLICIES[name]).policy
    for text in (json.dumps({"x-amazon-apigateway-cors": extension}), json.dumps(api, indent=4)):
        found = read(text, "judged")
        assert (differing(policy, found.policy), found.losses) == (set(), ())
