"""AWS' own tools, of what is exported: cfn-lint, the translator of SAM, and an API made in moto."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from corsproxy.cors.policy import Policy
from corsproxy.gateways.aws_http_api import read, write
from tests.gateways.aws_tools import created, linted
from tests.gateways.converted import config, differing

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

POLICIES = {
    "one": "allow_origins: [https://a.test]",
    "any": """allow_origins: ["*"]
allow_methods: ["*"]
allow_headers: ["*", authorization]
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
    return dict(zip(POLICIES, created(judges, templates), strict=True))


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_of_the_table_loses_anything(name: str) -> None:
    assert write(config(POLICIES[name]), "sam").losses == ()


@pytest.mark.parametrize("form", ["sam", "cloudformation", "lambda-url"])
@pytest.mark.parametrize("name", POLICIES)
def test_cfn_lint_accepts_the_template(name: str, form: str, judges: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(write(config(POLICIES[name]), form).text)
    done = linted(judges, template)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_cfn_lint_does_find_a_mistake(judges: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    text = write(config(POLICIES["one"]), "cloudformation").text
    template.write_text(text.replace("AllowOrigins", "AllowedOrigins"))
    assert linted(judges, template).returncode != 0


@pytest.mark.parametrize("name", POLICIES)
def test_an_api_created_from_the_template_has_the_policy_that_was_exported(
    name: str, said: dict[str, Any]
) -> None:
    extension, api = said[name]
    policy: Policy = config(POLICIES[name]).policy
    for text in (json.dumps({"x-amazon-apigateway-cors": extension}), json.dumps(api, indent=4)):
        found = read(text, "judged")
        assert (differing(policy, found.policy), found.losses) == (set(), ())
