"""The forms of an HTTP API: each spells the same configuration in the words of its tool."""

import json
import re

import pytest
import yaml

from corsproxy.gateways.conversion.aws_http_api_forms import EXTENSION, FORMS, WRITERS

ORIGINS = ["https://a.test", "http://[::1]:3000"]
NAMES = ["x-!#$%&'*+.^_`|~1"]
BLOCK = {
    "AllowOrigins": ORIGINS,
    "AllowMethods": ["GET", "PUT"],
    "AllowHeaders": NAMES,
    "MaxAge": 600,
    "AllowCredentials": True,
}


def test_each_form_has_a_writer() -> None:
    assert FORMS.keys() == WRITERS.keys()


@pytest.mark.parametrize("form", FORMS)
def test_each_form_holds_each_origin_and_name_as_it_is(form: str) -> None:
    text = WRITERS[form](BLOCK)
    for entry in [*ORIGINS, *NAMES]:
        assert entry in text


def test_terraform_has_names_in_small_letters_with_underscores_and_values_in_quotes() -> None:
    text = WRITERS["terraform"](BLOCK)
    found = dict(re.findall(r"^    (\w+) += (.*)$", text, re.MULTILINE))
    assert {key: json.loads(value) for key, value in found.items()} == {
        "allow_origins": BLOCK["AllowOrigins"],
        "allow_methods": ["GET", "PUT"],
        "allow_headers": BLOCK["AllowHeaders"],
        "max_age": 600,
        "allow_credentials": True,
    }
    assert text.count("{") == text.count("}") == 2


def test_cdk_names_its_own_constants_and_imports_what_it_uses() -> None:
    text = WRITERS["cdk"](BLOCK)
    assert "allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.PUT]," in text
    assert "maxAge: Duration.seconds(600)," in text
    assert "import { Duration }" in text
    without = WRITERS["cdk"]({"AllowOrigins": ["*"], "AllowMethods": ["*"]})
    assert "CorsHttpMethod.ANY" in without
    assert "Duration" not in without


def test_serverless_is_told_that_there_are_no_names_lest_it_adds_its_own() -> None:
    text = WRITERS["serverless"]({"AllowOrigins": ["*"], "ExposeHeaders": ["etag"]})
    assert yaml.safe_load(text)["provider"]["httpApi"]["cors"] == {
        "allowedOrigins": ["*"],
        "exposedResponseHeaders": ["etag"],
        "allowedHeaders": [],
    }


def test_a_functions_url_has_no_empty_list_and_is_not_public() -> None:
    document = yaml.safe_load(WRITERS["lambda-url"]({"AllowOrigins": [], "MaxAge": 0}))
    properties = document["Resources"]["FunctionUrl"]["Properties"]
    assert (properties["Cors"], properties["AuthType"]) == ({"MaxAge": 0}, "AWS_IAM")


def test_the_extension_of_openapi_has_names_that_begin_small() -> None:
    document = yaml.safe_load(WRITERS["openapi"](BLOCK))
    assert document[EXTENSION]["allowOrigins"] == BLOCK["AllowOrigins"]
