"""Templates of AWS: what is written is found again by its type."""

import yaml

from corsproxy.gateways.conversion.aws_templates import cloudformation, of_type, sam
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
