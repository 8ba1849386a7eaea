"""The rules of Azure Storage, read: several become one policy, or are told."""

import json

import pytest

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.azure_rules import read
from corsproxy.gateways.conversion.gateway import FormatError


def imported(*found: dict[str, object]) -> tuple[Policy, list[str]]:
    text = json.dumps({"cors": {"corsRules": found}}, indent=1)
    back = read(text, "arm.json")
    return back.policy, [loss.setting for loss in back.losses]


RULE: dict[str, object] = {
    "allowedOrigins": ["https://a.test"],
    "allowedMethods": ["GET", "HEAD", "POST", "PUT"],
    "allowedHeaders": ["x-ms-blob-type"],
    "exposedHeaders": [],
    "maxAgeInSeconds": 60,
}


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"allowedOrigins": ["https://a*.test"]}, "allow_origins"),
        ({"allowedOrigins": ["https://a.test/"]}, "allow_origins"),
        ({"allowedOrigins": ["http://localhost:*"]}, "allow_origins"),
        ({"allowedOrigins": ["*", "https://a.test"]}, "allow_origins"),
        ({"allowedOrigins": ["https://*.a.test", "https://b.test"]}, "allow_origins"),
        ({"allowedMethods": ["PUT"]}, "allow_methods"),
        ({"allowedMethods": ["GET", "HEAD", "POST", "PURGE"]}, "allow_methods"),
        ({"allowedMethods": ["GET", "HEAD", "POST", "*"]}, "allow_methods"),
        ({"allowedHeaders": ["x-ms-meta-*"]}, "allow_headers"),
        ({"allowedHeaders": ["cookie"]}, "allow_headers"),
        ({"exposedHeaders": ["x-ms-*"]}, "expose_headers"),
        ({"maxAgeInSeconds": "soon"}, "max_age"),
        ({"AllowCredentials": True}, "AllowCredentials"),
    ],
)
def test_a_trap_of_its_own_is_told(changes: dict[str, object], setting: str) -> None:
    assert imported(RULE | changes)[1] == [setting]


def test_a_star_alone_is_every_origin_without_credentials() -> None:
    policy, losses = imported(RULE | {"allowedOrigins": ["*"]})
    assert (policy.allow_origins.any, policy.allow_credentials, losses) == (True, False, [])


def test_a_star_among_names_covers_authorization() -> None:
    policy, losses = imported(RULE | {"allowedHeaders": ["*"]})
    assert (str(policy.allow_headers), losses) == ("*, authorization", [])


def test_rules_that_say_the_same_of_other_origins_are_one_policy() -> None:
    policy, losses = imported(RULE, RULE | {"allowedOrigins": ["https://*.b.test"]})
    assert [str(one) for one in policy.allow_origins.patterns] == [
        *("https://a.test", "https://*.b.test")
    ]
    assert losses == []


def test_a_rule_that_says_something_else_is_left_out_and_told_at_its_place() -> None:
    text = json.dumps([RULE, RULE | {"allowedOrigins": ["https://b.test"], "maxAgeInSeconds": 5}])
    found = read(text.replace("}, {", "},\n{"), "cors.json")
    assert [(loss.setting, str(loss.place)) for loss in found.losses] == [
        ("CorsRule", "cors.json:2:1")
    ]
    assert found.policy.allow_origins.match("https://b.test") is None


def test_a_sixth_rule_is_told() -> None:
    policy, losses = imported(
        *(RULE | {"allowedOrigins": [f"https://{name}.test"]} for name in "abcdef")
    )
    assert losses == ["CorsRule"]
    assert len(policy.allow_origins.patterns) == 5


def test_a_service_without_rules_lets_no_page_read() -> None:
    for text in ("<StorageServiceProperties><Cors /></StorageServiceProperties>", "corsRules: []"):
        found = read(text, "x")
        assert (len(found.policy.allow_origins.patterns), found.losses) == (0, ())


def test_what_az_storage_cors_list_says_is_read() -> None:
    listed = {
        "AllowedHeaders": "x-a, x-b",
        "AllowedMethods": "GET, HEAD, POST",
        "AllowedOrigins": "https://a.test, https://b.test",
        "ExposedHeaders": "",
        "MaxAgeInSeconds": 200,
        "Service": "blob",
    }
    found = read(json.dumps([listed]), "list.json")
    assert [str(one) for one in found.policy.allow_origins.patterns] == [
        *("https://a.test", "https://b.test")
    ]
    assert (str(found.policy.allow_headers), found.losses) == ("x-a, x-b", ())


@pytest.mark.parametrize("text", ["", "<a/>", "<a>", "{}", "[1]"])
def test_what_holds_no_rule_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(FormatError) as refused:
        read(text, "x")
    assert (refused.value.place.source, bool(refused.value.fix)) == ("x", True)
