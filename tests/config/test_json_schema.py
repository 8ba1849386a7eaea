"""The JSON Schema, the example and the good cases agree."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from corsproxy.config import load
from corsproxy.config.json_schema import json_schema
from corsproxy.config.schema import ROUTE, SETTINGS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.yaml"
GOOD = sorted((ROOT / "tests" / "cases" / "lint" / "good").glob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def is_valid(text: str) -> bool:
    return VALIDATOR.is_valid(yaml.safe_load(text))


def test_the_schema_is_told_word_for_word(golden: Callable[[Path, str], None]) -> None:
    golden(ROOT / "tests" / "cases" / "schema.json", json.dumps(json_schema(), indent=1) + "\n")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", [EXAMPLE, *GOOD], ids=lambda path: path.stem)
def test_what_is_sound_is_valid(path: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(path.read_bytes()))


@pytest.mark.parametrize(
    "text",
    [
        "listn: 8080",
        "cors: {allow_origins: []}",
        "cors: {allow_origins: ['']}",
        "cors: {allow_origins: http://a.test}",
        "cors: {allow_methods: [a b]}",
        "cors: {allow_credentials: 'true'}",
        "cors: {mode: enforced}",
        "tls: yes please",
        "tls: {certificates: a}",
        "listen: []",
        "cors: {max_age: -2}",
        "timeouts: {head: 0}",
        "routes: [{upstream: http://a.test}]",
        "routes: [{path: a}]",
        "routes: [{path: /a, cors: {max_age: soon}}]",
        "forward: {request_headers: {set: [X-A]}}",
        "forward: {response_headers: {set: {a b: c}}}",
        "forward: {response_headers: {add: {}}}",
    ],
)
def test_what_has_the_wrong_shape_is_not(text: str) -> None:
    assert not is_valid(text)


def test_a_word_that_yaml_takes_for_false_is_valid_where_it_is_one() -> None:
    assert is_valid("forward: {forwarded: off}")
    assert not is_valid("log: {format: off}")


def test_the_example_has_each_setting_once_and_no_warning() -> None:
    example = yaml.safe_load(EXAMPLE.read_bytes())
    (route,) = example.pop("routes")
    shown = leaves(example)
    short = tuple(f"{key}." for key in shown)  # `tls: auto` stands for what is below `tls`
    settings = [setting.key for setting in SETTINGS if not setting.key.startswith(short)]
    assert sorted(shown) == sorted(settings)
    own = {setting.key for setting in ROUTE if not setting.key.startswith("cors.")}
    assert own <= {*route, *leaves(route)}
    assert load(EXAMPLE, {}, {}).warnings == []


KEYS = {setting.key for setting in SETTINGS}


def leaves(node: dict[str, Any], prefix: str = "") -> list[str]:
    found: list[str] = []
    for key, value in node.items():
        below = isinstance(value, dict) and f"{prefix}{key}" not in KEYS
        found += leaves(value, f"{prefix}{key}.") if below else [f"{prefix}{key}"]
    return found
