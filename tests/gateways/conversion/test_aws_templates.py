"""Templates of AWS: what is written is found again by its type."""

import pytest
import yaml

from corsproxy.gateways.conversion.aws_templates import (
    EVERYWHERE,
    cloudformation,
    of_type,
    places_of,
    sam,
)
from corsproxy.gateways.conversion.located_yaml import compose


def test_a_template_names_its_one_resource_and_sams_its_translator() -> None:
    plain = yaml.safe_load(cloudformation("A", "AWS::X", {"B": 1}, "title"))
    assert plain["Resources"] == {"A": {"Type": "AWS::X", "Properties": {"B": 1}}}
    assert "Transform" not in plain
    assert yaml.safe_load(sam("A", "AWS::X", {}, "title"))["Transform"].startswith(
        "AWS::Serverless"
    )


def test_resources_are_found_by_their_type_in_the_order_of_the_template() -> None:
    text = "Resources: {B: {Type: x, N: 1}, A: {Type: x, N: 2}, C: {Type: y}, D: {}, E: text}"
    numbers = [one.get("N") for one in of_type(compose(text, "t.yaml"), {"x"})]
    assert [number and number.text for number in numbers] == ["1", "2"]


def test_what_is_no_template_has_no_resources() -> None:
    assert list(of_type(compose("[1]", "t.yaml"), {"x"})) == []


@pytest.mark.parametrize(
    ("base", "paths"), [("/v1", ["/v1"]), ("[v1, v2]", ["/v1", "/v2"]), ("null", ["/"])]
)
def test_an_api_is_for_its_domain_and_base_paths(base: str, paths: list[str]) -> None:
    api = compose(f"{{Properties: {{Domain: {{DomainName: A.Test, BasePath: {base}}}}}}}", "x")
    assert places_of(api) == [("a.test", path) for path in paths]


@pytest.mark.parametrize("domain", ["{}", "{Properties: {Domain: {DomainName: !Ref Name}}}"])
def test_an_api_without_a_domain_that_is_known_is_everywhere(domain: str) -> None:
    assert places_of(compose(domain, "x")) == [EVERYWHERE]
