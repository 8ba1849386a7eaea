"""The manifest of the docs fits the image, the program and itself."""

import json
import re
from typing import Any

import pytest
import yaml

from corsproxy.cli import commands
from corsproxy.config.loading import load_text
from corsproxy.config.schema import SETTINGS
from tests.docs.pages import REPOSITORY, blocks

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
(BLOCK,) = [block for block in blocks("yml") if block.name == "corsproxy.yml"]
OBJECTS: dict[str, dict[str, Any]] = {one["kind"]: one for one in yaml.safe_load_all(BLOCK.text)}
POD = OBJECTS["Deployment"]["spec"]["template"]
CONTAINERS = {one["name"]: one for one in POD["spec"]["containers"]}
SIDECAR = CONTAINERS["corsproxy"]
LISTEN = re.search(r"CORSPROXY_LISTEN=(\S+)", DOCKERFILE)


def test_each_object_says_what_it_is_and_has_a_name() -> None:
    versions = {kind: one["apiVersion"] for kind, one in OBJECTS.items()}
    assert versions == {"ConfigMap": "v1", "Deployment": "apps/v1", "Service": "v1"}
    assert all(one["metadata"]["name"] for one in OBJECTS.values())


def test_the_policy_is_one_without_a_mistake_or_a_warning() -> None:
    for name, text in OBJECTS["ConfigMap"]["data"].items():
        loaded = load_text(text.encode(), name, {}, {}, offline=True)
        assert loaded.warnings == []


def test_the_arguments_are_those_of_the_program_and_name_the_file_that_is_mounted() -> None:
    arguments = SIDECAR["args"]
    commands.make_context("corsproxy", list(arguments), resilient_parsing=True)
    (mount,) = SIDECAR["volumeMounts"]
    (volume,) = POD["spec"]["volumes"]
    assert (mount["name"], "subPath" in mount) == (volume["name"], False)
    assert volume["configMap"]["name"] == OBJECTS["ConfigMap"]["metadata"]["name"]
    files = [f"{mount['mountPath']}/{name}" for name in OBJECTS["ConfigMap"]["data"]]
    assert [arguments[arguments.index("-c") + 1]] == files


def test_variables_are_settings() -> None:
    assert {one["name"] for one in SIDECAR["env"]} <= {setting.variable for setting in SETTINGS}


def test_the_service_leads_to_where_the_image_listens() -> None:
    service = OBJECTS["Service"]["spec"]
    assert service["selector"] == POD["metadata"]["labels"]
    assert service["selector"] == OBJECTS["Deployment"]["spec"]["selector"]["matchLabels"]
    (port,) = SIDECAR["ports"]
    assert [one["targetPort"] for one in service["ports"]] == [port["name"]]
    assert LISTEN
    assert LISTEN[1].rpartition(":")[2] == str(port["containerPort"])
    assert SIDECAR["readinessProbe"]["tcpSocket"]["port"] == port["name"]
    assert "ports" not in CONTAINERS["api"]


def test_the_liveness_probe_is_the_health_check_of_the_image() -> None:
    found = re.search(r"HEALTHCHECK .*\n\s+CMD (\[.*\])", DOCKERFILE)
    assert found
    assert SIDECAR["livenessProbe"]["exec"]["command"] == json.loads(found[1])


def test_the_container_may_do_no_more_than_the_image_needs() -> None:
    security = SIDECAR["securityContext"]
    user = re.search(r"^USER (\d+)", DOCKERFILE, re.MULTILINE)
    assert user
    assert security == {
        "runAsNonRoot": True,
        "runAsUser": int(user[1]),
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_each_image_has_a_version(container: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w./-]+:[\w.]+", container["image"])
