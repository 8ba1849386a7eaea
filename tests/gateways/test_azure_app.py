"""App Service, Functions and Container Apps: one list of origins, and what goes with it is told."""

import json
from typing import Any

import pytest
import yaml

from corsproxy.gateways.azure_app import write
from tests.gateways.converted import config

OPEN = """allow_methods: ["*"]
allow_headers: ["*", authorization]
"""
PLAIN = f"allow_origins: [https://a.test, https://b.test]\nallow_credentials: true\n{OPEN}"


def written(policy: str, form: str) -> Any:
    return yaml.safe_load(write(config(policy), form).text)


def told(policy: str, form: str) -> list[str]:
    return sorted({loss.setting for loss in write(config(policy), form).losses})


def test_app_service_has_a_list_of_origins_and_credentials() -> None:
    cors = {"allowedOrigins": ["https://a.test", "https://b.test"], "supportCredentials": True}
    assert written(PLAIN, "app-service") == {"properties": {"siteConfig": {"cors": cors}}}
    assert told(PLAIN, "app-service") == []


def test_functions_have_the_same_as_one_text() -> None:
    text = write(config(PLAIN), "functions").text
    assert json.loads(text)["Host"] == {
        "CORS": "https://a.test,https://b.test",
        "CORSCredentials": True,
    }


def test_container_apps_have_lists_as_a_policy_has() -> None:
    policy = """allow_origins: [https://a.test]
allow_methods: [PUT]
allow_headers: [x-a]
expose_headers: [etag]
max_age: -1"""
    found = written(policy, "container-apps")["properties"]["configuration"]["ingress"]
    assert found["corsPolicy"] == {
        "allowedOrigins": ["https://a.test"],
        "allowedMethods": ["PUT"],
        "allowedHeaders": ["x-a"],
        "exposeHeaders": ["etag"],
        "allowCredentials": False,
        "maxAge": 0,
    }
    assert told(policy, "container-apps") == []


def test_without_methods_a_container_app_lists_those_that_need_no_listing() -> None:
    found = written("allow_origins: [https://a.test]", "container-apps")
    policy = found["properties"]["configuration"]["ingress"]["corsPolicy"]
    assert policy["allowedMethods"] == ["GET", "HEAD", "POST"]


@pytest.mark.parametrize(
    ("policy", "form", "settings"),
    [
        ("allow_origins: [https://a.test]", "app-service", ["allow_headers", "allow_methods"]),
        (f"{OPEN}max_age: 5", "functions", ["allow_origins", "max_age"]),
        (f"{PLAIN}expose_headers: [etag]", "functions", ["expose_headers"]),
        (
            f'{OPEN}allow_origins: ["https://*.a.test", https://a.test]',
            "app-service",
            ["allow_origins"],
        ),
        (
            f'{OPEN}allow_origins: ["*"]\nallow_private_network: true',
            "functions",
            ["allow_private_network"],
        ),
        (
            (
                f'{OPEN}allow_origins: ["*"]\nallow_credentials: true\n'
                "dangerously_reflect_any_origin: true"
            ),
            "app-service",
            ["allow_credentials", "dangerously_reflect_any_origin"],
        ),
        (f'{OPEN}allow_origins: ["*"]', "container-apps", []),
        ('allow_origins: ["*"]\nallow_headers: ["*"]', "container-apps", ["allow_headers"]),
        (PLAIN, "container-apps", ["allow_headers", "allow_methods"]),
    ],
)
def test_what_it_grants_beside_the_policy_or_cannot_say_is_told(
    policy: str, form: str, settings: list[str]
) -> None:
    assert told(policy, form) == settings
