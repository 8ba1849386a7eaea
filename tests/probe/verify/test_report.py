"""What a user reads of a verification, in each format, kept as golden files."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from corsproxy.cors import headers as f
from corsproxy.cors.policy import Policy
from corsproxy.probe.verify import report
from corsproxy.probe.verify.findings import Findings
from corsproxy.probe.verify.questions import Plan, Subject
from tests.browser.scripted import Asked, Reply
from tests.probe.verify.deployed import POLICY, URL, Deployed, Spoil, as_it_is, policy_of, verified

CASES = Path(__file__).parents[2] / "cases" / "verify"
CANARY = "s3cret-canary"
WRONG = (
    POLICY.replace("[PUT, DELETE]", "[PUT]")
    .replace("max_age: 600", "max_age: 60")
    .replace(r"\.shop\.example", r"\.shop\.example.*")
    .replace("allow_credentials: true", "allow_credentials: false")
)


def hostile(asked: Asked, reply: Reply) -> Reply:
    """Says what would move a cursor, end a line or make markup."""
    evil = [(f.ALLOW_ORIGIN, f"https://<a>&\x1b[2J\x9bm?token={CANARY}")]
    evil += [(f.ALLOW_METHODS, "X|\x07"), ("X-Key", CANARY)]
    return Reply(reply.status, evil)


SCENES = [
    pytest.param("same", POLICY, as_it_is, 10_000, id="no difference"),
    pytest.param("wrong", WRONG, as_it_is, 10_000, id="several mistakes"),
    pytest.param("cut", POLICY, as_it_is, 20, id="too many requests"),
    pytest.param("hostile", POLICY, hostile, 10_000, id="what a server may send"),
]
FORMS = {
    "txt": report.verify_text,
    "json": report.verify_json,
    "xml": report.verify_junit,
    "github": report.verify_github,
}


async def findings_of(text: str, spoil: Spoil, at_most: int) -> Findings:
    return await verified(policy_of(), Deployed(policy_of(text), spoil), at_most=at_most)


@pytest.mark.parametrize(("name", "text", "spoil", "at_most"), SCENES)
async def test_reports(
    golden: Callable[[Path, str], None], name: str, text: str, spoil: Spoil, at_most: int
) -> None:
    findings = await findings_of(text, spoil, at_most)
    for form, write in FORMS.items():
        golden(CASES / f"{name}.{form}", write(findings))


@pytest.mark.parametrize(("name", "text", "spoil", "at_most"), SCENES)
async def test_no_report_has_a_secret_or_a_byte_for_the_terminal(
    name: str, text: str, spoil: Spoil, at_most: int
) -> None:
    del name
    findings = await findings_of(text, spoil, at_most)
    told = "".join(write(findings) for write in FORMS.values())
    assert CANARY not in told
    assert all(line.isprintable() for line in told.splitlines())


@pytest.mark.parametrize(("name", "text", "spoil", "at_most"), SCENES)
async def test_json_and_junit_can_be_read_and_agree(
    name: str, text: str, spoil: Spoil, at_most: int
) -> None:
    del name
    findings = await findings_of(text, spoil, at_most)
    data = json.loads(report.verify_json(findings))
    suite = ET.fromstring(report.verify_junit(findings))
    failed = [case for case in suite if case.find("failure") is not None]
    topics = {one["id"] for one in data["differences"] if one["risk"].startswith("too")}
    assert len(failed) == len(topics) == int(suite.get("failures") or -1)


async def test_a_query_is_never_told() -> None:
    policy = policy_of()
    questions = Plan(Subject(f"{URL}?token={CANARY}", policy)).questions()
    told = report.dry_run_text(questions) + report.dry_run_json(questions)
    assert CANARY not in told


async def test_a_pattern_without_a_sample_is_told() -> None:
    policy = policy_of(POLICY.replace("pr-[0-9]+", "[^.]+"))
    findings = await verified(policy, Deployed(policy))
    assert "no origin could be made of regex https://[^.]+" in report.verify_text(findings)


async def test_what_the_policy_does_not_mention_is_told_of_the_file_as_a_whole() -> None:
    silent = policy_of(POLICY.replace("  max_age: 600\n", ""))
    findings = await verified(silent, Deployed(policy_of()))
    assert "policy: " not in report.verify_text(findings)
    assert json.loads(report.verify_json(findings))["differences"][0]["policy"] is None
    start = "::warning file=policy.yaml,title=verify-max-age::"
    assert report.verify_github(findings).startswith(start)


def test_a_dry_run_lists_each_request_on_a_line() -> None:
    policy = Policy.from_lists(origins=["https://a.example"], methods=["PUT"], headers=["b", "a"])
    told = report.dry_run_text(Plan(Subject(URL, policy)).questions()).splitlines()
    asked = f"OPTIONS {URL}, Origin: https://a.example, Access-Control-Request-Method:"
    assert f"{asked} PUT" in told
    assert f"{asked} GET, Access-Control-Request-Headers: a,b" in told
    assert told[-1] == f"{len(told) - 2} requests, none sent"
