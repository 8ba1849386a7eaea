"""What runs in CI is pinned, may do little, and is renewed: no tag that moves decides on it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
GITHUB = REPOSITORY / ".github"
ACTION = REPOSITORY / "action.yml"
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yml"))
ENDS_WITH_A_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")

if not GITHUB.exists():
    pytest.skip("a source distribution has no workflows", allow_module_level=True)

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def read(path: Path) -> dict[Any, Any]:
    found = yaml.safe_load(path.read_text())
    assert isinstance(found, dict)
    return found


def steps(workflow: dict[Any, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow.get("jobs", {"the action's own": workflow.get("runs")}).values():
        yield from job["steps"]


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_each_action_is_named_by_its_commit_and_says_its_version(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]
    pinned = re.compile(r" *(?:- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v[0-9.]+")
    assert [line for line in lines if not pinned.fullmatch(line)] == []
    assert len(lines) == sum("uses" in step for step in steps(read(path)))


@each_workflow
def test_no_checkout_leaves_credentials_behind(path: Path) -> None:
    checkouts = [
        step for step in steps(read(path)) if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert checkouts
    assert [
        step for step in checkouts if step["with"].get("persist-credentials") is not False
    ] == []


MORE = {
    "release publish": {"id-token", "attestations"},
    "release image": {"packages", "id-token", "attestations"},
}
"""What a job may write: an identity without a password, what it says of files, and the image."""


@each_workflow
def test_a_workflow_may_read_the_repository_and_a_job_writes_only_what_it_publishes(
    path: Path,
) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        granted = job.get("permissions", {})
        extra = {key for key in granted if granted[key] != "read"}
        assert extra == MORE.get(f"{path.stem} {name}", set())
        assert job["timeout-minutes"] <= 90
    assert "pull_request_target" not in str(workflow)
    assert "secrets." not in str(workflow)


@each_workflow
def test_no_command_is_written_by_an_expression(path: Path) -> None:
    # What an expression yields may be text of a stranger's: it belongs into `env`.
    assert [step for step in steps(read(path)) if "${{" in step.get("run", "")] == []


@each_workflow
def test_each_image_of_a_job_is_named_by_its_digest(path: Path) -> None:
    containers = [job.get("container") for job in read(path)["jobs"].values()]
    images = [container["image"] for container in containers if container]
    assert [image for image in images if not ENDS_WITH_A_DIGEST.fullmatch(image)] == []


def test_the_image_is_built_on_one_that_is_named_by_its_digest() -> None:
    text = (REPOSITORY / "Dockerfile").read_text()
    names = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    [literal] = {name for name in names if name != "${BASE}"}
    assert ENDS_WITH_A_DIGEST.fullmatch(literal)
    assert f"FROM {literal} AS pinned\n" in text
    assert "ARG BASE=pinned\n" in text


@pytest.mark.parametrize("ecosystem", ["pip", "github-actions", "docker"])
def test_what_is_pinned_is_renewed(ecosystem: str) -> None:
    [found] = [
        update
        for update in read(GITHUB / "dependabot.yml")["updates"]
        if update["package-ecosystem"] == ecosystem
    ]
    assert (found["directory"], found["schedule"]["interval"]) == ("/", "weekly")


def test_the_locks_are_audited_each_week() -> None:
    audit = read(GITHUB / "workflows" / "audit.yml")
    [scheduled] = audit[True]["schedule"]  # YAML 1.1 reads the key `on` as true
    assert re.fullmatch(r"\d+ \d+ \* \* \d", scheduled["cron"])
    assert "make audit" in [step.get("run") for step in steps(audit)]


def test_the_last_job_waits_for_all_others() -> None:
    jobs = read(GITHUB / "workflows" / "ci.yml")["jobs"]
    last = jobs["all-green"]
    assert {*last["needs"], "all-green"} == set(jobs)
    [step] = last["steps"]
    for name in last["needs"]:
        assert f"needs.{name}.result" in step["env"]["RESULTS"]
    assert step["run"].count("success") == len(last["needs"])
