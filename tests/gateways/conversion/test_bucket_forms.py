"""Rules of buckets: each store's spelling of them, and where they are found."""

import json

import pytest
import yaml

from corsproxy.gateways.conversion.bucket_forms import DIALECTS, FORMS, found_in, spelled
from corsproxy.gateways.conversion.gateway import FormatError

RULE = {
    "AllowedOrigins": ["https://a.test", "https://*.b.test"],
    "AllowedMethods": ["GET", "PUT"],
    "AllowedHeaders": ["x-a"],
    "ExposeHeaders": ["etag"],
    "MaxAgeSeconds": 600,
}


def test_each_form_has_a_dialect() -> None:
    assert FORMS.keys() == DIALECTS.keys()


def test_cloudformation_has_names_of_its_own() -> None:
    document = yaml.safe_load(spelled([RULE], "cloudformation"))
    (rule,) = document["Resources"]["Bucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert (rule["ExposedHeaders"], rule["MaxAge"]) == (["etag"], 600)


def test_r2_has_what_is_allowed_in_a_group_of_its_own() -> None:
    (rule,) = json.loads(spelled([RULE], "r2"))["rules"]
    assert rule == {
        "allowed": {
            "origins": RULE["AllowedOrigins"],
            "methods": RULE["AllowedMethods"],
            "headers": ["x-a"],
        },
        "exposeHeaders": ["etag"],
        "maxAgeSeconds": 600,
    }


def test_xml_has_an_element_for_each_entry_and_escapes_it() -> None:
    text = spelled([{"AllowedOrigins": ["https://a.test"], "AllowedHeaders": ["x-&"]}], "xml")
    assert "<AllowedOrigin>https://a.test</AllowedOrigin>" in text
    assert "<AllowedHeader>x-&amp;</AllowedHeader>" in text


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_found_again_by_the_names_of_s3(form: str) -> None:
    rule = RULE if form != "gcs" else RULE | {"AllowedHeaders": ["etag"]}
    found = found_in(spelled([rule, rule], form), "x")
    assert found.dialect is DIALECTS[form]
    for one in found.rules:
        values = {
            key: [item.text for item in value.items] if value.items is not None else value.text
            for key, value in found.values(one).items()
            if value is not None
        }
        assert values == rule | {"MaxAgeSeconds": "600"}


@pytest.mark.parametrize(
    "text",
    [
        "[{AllowedOrigins: ['*']}]",
        "{rules: [{allowed: {origins: ['*']}}]}",
        "{result: {rules: [{allowed: {origins: ['*']}}]}}",
        "{cors: [{origin: ['*']}]}",
        "{cors_config: [{origin: ['*']}]}",
        "{CorsRules: [{AllowedOrigins: ['*']}]}",
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
    ],
)
def test_rules_are_found_in_what_each_tool_prints(text: str) -> None:
    found = found_in(text, "x")
    (rule,) = found.rules
    origins = found.values(rule)["AllowedOrigins"]
    assert origins is not None
    assert [one.text for one in origins.items or []] == ["*"]


def test_a_key_that_no_store_knows_is_found_under_its_own_name() -> None:
    found = found_in("{CORSRules: [{ID: x, AllowedOrigin: ['*']}]}", "x")
    assert "AllowedOrigin" in found.values(found.rules[0])
    assert "ID" not in found.values(found.rules[0])


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{CORSRules: []}",
        "{CORSRules: text}",
        "<CORSConfiguration/>",
        "<a/>",
        "Resources: {A: {Type: 'AWS::S3::Bucket'}}",
    ],
)
def test_a_document_without_a_rule_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        found_in(text, "x")


def test_two_buckets_with_rules_are_two_policies() -> None:
    bucket = "{Type: 'AWS::S3::Bucket', Properties: {CorsConfiguration: {CorsRules: [{Id: a}]}}}"
    with pytest.raises(FormatError):
        found_in(f"Resources: {{A: {bucket}, B: {bucket}}}", "x")
