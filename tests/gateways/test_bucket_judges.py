"""boto3, moto and cfn-lint, of what is exported for buckets and for CloudFront."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from corsproxy.gateways import cloudfront, s3
from corsproxy.gateways.conversion.bucket_reading import read
from corsproxy.gateways.conversion.registry import gateway
from tests.gateways.converted import config, differing

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

POLICIES = {
    "one": "allow_origins: [https://a.test]\nallow_credentials: true",
    "any": "allow_origins: ['*']\nallow_headers: ['*', authorization]",
    "full": """allow_origins: [https://a.test, "https://*.b.test", "http://[::1]:3000"]
allow_methods: [PUT, DELETE]
allow_headers: [authorization, X-B]
expose_headers: [etag, x-total-count]
allow_credentials: true
max_age: 86400""",
}


@pytest.fixture(scope="module")
def kept(judges: Path) -> dict[str, Any]:
    """Of each policy what a bucket in moto says that was given it, and the XML of boto3."""
    done = subprocess.run(
        [judges / "python", Path(__file__).parent / "judges" / "buckets.py"],
        input=json.dumps([json.loads(s3.write(config(p), "json").text) for p in POLICIES.values()]),
        capture_output=True,
        text=True,
        env={"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(POLICIES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", POLICIES)
def test_a_bucket_that_was_given_the_rules_says_the_policy_that_was_exported(
    name: str, kept: dict[str, Any]
) -> None:
    policy = config(POLICIES[name]).policy
    for text in (json.dumps(kept[name][0]), kept[name][1]):
        found = read(text, "judged")
        assert (differing(policy, found.policy), found.losses) == (set(), ())


@pytest.mark.parametrize("name", POLICIES)
def test_xml_is_what_boto3_makes_of_json(name: str, kept: dict[str, Any]) -> None:
    own = s3.write(config(POLICIES[name]), "xml").text
    assert elements(own) == elements(kept[name][1])


def elements(text: str) -> list[str]:
    """The elements that hold text, in any order."""
    lines = text.replace("><", ">\n<").splitlines()
    return sorted(line.strip() for line in lines if line.count("<") == 2)


def linted(judges: Path, file: Path, text: str) -> str:
    file.write_text(text)
    command = [str(judges / "cfn-lint"), "--regions", "us-east-1", "--", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("target", ["s3", "cloudfront"])
def test_cfn_lint_accepts_the_template(
    target: str, name: str, judges: Path, tmp_path: Path
) -> None:
    write = gateway(target).write
    assert write is not None
    text = write(config(POLICIES[name]), "cloudformation").text
    assert linted(judges, tmp_path / "template.yaml", text) == ""


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (s3.write(config(POLICIES["full"]), "cloudformation").text, "MaxAge", "MaxAgeSeconds"),
        (cloudfront.write(config(POLICIES["one"]), "").text, "\n            - accept", " []"),
        (cloudfront.write(config(POLICIES["full"]), "").text, "- PUT", "- PURGE"),
    ],
    ids=["s3", "no name", "a method"],
)
def test_cfn_lint_does_find_a_mistake(
    text: str, right: str, wrong: str, judges: Path, tmp_path: Path
) -> None:
    assert right in text
    assert linted(judges, tmp_path / "template.yaml", text.replace(right, wrong)) != ""
