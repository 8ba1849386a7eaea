"""Rules of buckets are read as no more than they grant, and each trap in them is told."""

import json

import pytest

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.bucket_reading import askable, read


def imported(rules: str) -> tuple[Policy, list[str]]:
    found = read(f"CORSRules: [{rules}]", "cors.json")
    return found.policy, [loss.setting for loss in found.losses]


SIMPLE = "AllowedMethods: [GET, HEAD, POST]"


@pytest.mark.parametrize(
    ("lines", "setting"),
    [
        ("AllowedOrigins: [https://a.test/], AllowedMethods: [GET, HEAD, POST]", "allow_origins"),
        (f"AllowedOrigins: ['https://*a.test'], {SIMPLE}", "allow_origins"),
        (f"AllowedOrigins: ['https://a.test*'], {SIMPLE}", "allow_origins"),
        (f"AllowedOrigins: ['https://*.a.*'], {SIMPLE}", "allow_origins"),
        (f"AllowedOrigins: ['*', https://a.test], {SIMPLE}", "allow_origins"),
        (f"AllowedOrigins: ['null'], {SIMPLE}", "allow_origins"),
        ("AllowedOrigins: [https://a.test], AllowedMethods: [GET, HEAD]", "allow_methods"),
        ("AllowedMethods: [GET, HEAD, POST, PATCH]", "allow_methods"),
        ("AllowedMethods: [GET, HEAD, POST, '*']", "allow_methods"),
        (f"AllowedHeaders: ['x-amz-*'], {SIMPLE}", "allow_headers"),
        (f"ExposeHeaders: ['*'], {SIMPLE}", "expose_headers"),
        (f"MaxAgeSeconds: soon, {SIMPLE}", "max_age"),
        (f"MaxAge: 5, {SIMPLE}", "MaxAge"),
    ],
)
def test_a_trap_of_its_own_is_told(lines: str, setting: str) -> None:
    assert imported(f"{{{lines}}}")[1] == [setting]


def test_the_wildcard_of_names_covers_authorization_as_it_does_in_the_bucket() -> None:
    policy, losses = imported(f"{{AllowedOrigins: ['*'], AllowedHeaders: ['*'], {SIMPLE}}}")
    assert (str(policy.allow_headers), losses) == ("*, authorization", [])
    assert not policy.allow_credentials


def test_a_port_that_is_written_out_is_not_the_one_that_is_left_out() -> None:
    origins = imported(f"{{AllowedOrigins: ['http://a.test:*'], {SIMPLE}}}")[0].allow_origins
    assert origins.match("http://a.test:81")
    assert origins.match("http://a.test") is None


def test_rules_that_differ_in_their_origins_alone_are_one_policy() -> None:
    policy, losses = imported(
        f"{{AllowedOrigins: [https://a.test], {SIMPLE}}}, "
        f"{{AllowedOrigins: [https://b.test], {SIMPLE}}}"
    )
    assert losses == []
    assert policy.allow_origins.match("https://b.test")


def test_a_rule_that_differs_in_more_is_left_out_and_told_at_its_place() -> None:
    text = f"""CORSRules:
  - {{AllowedOrigins: [https://a.test], {SIMPLE}}}
  - {{AllowedOrigins: ['*'], {SIMPLE}}}
"""
    found = read(text, "cors.json")
    assert [str(loss.place) for loss in found.losses] == ["cors.json:3:5"]
    assert not found.policy.allow_origins.any


def test_a_list_for_both_is_read_as_both() -> None:
    text = json.dumps(
        [{"origin": ["*"], "method": ["GET", "HEAD", "POST"], "responseHeader": ["x-a", "cookie"]}]
    )
    found = read(text, "cors.json")
    assert (str(found.policy.allow_headers), str(found.policy.expose_headers)) == (
        "x-a",
        "x-a, cookie",
    )
    assert found.losses == ()


def test_a_name_that_no_script_sets_is_not_asked_for() -> None:
    assert askable("x-a")
    assert not askable("cookie")


def test_a_glob_in_the_middle_of_a_host_is_a_regex() -> None:
    policy, losses = imported(f"{{AllowedOrigins: ['https://app-*.a.test'], {SIMPLE}}}")
    assert losses == []
    assert policy.allow_origins.match("https://app-7.a.test")
    assert policy.allow_origins.match("https://app.a.test") is None


def test_each_fix_is_what_was_meant() -> None:
    text = "CORSRules: [{AllowedOrigins: ['https://*a.test'], AllowedMethods: [GET, PUT]}]"
    assert [loss.fix for loss in read(text, "x").losses] == [
        "https://*.a.test",
        'AllowedMethods: ["GET", "PUT", "HEAD", "POST"]',
    ]
