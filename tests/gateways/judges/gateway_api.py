"""CORS filters against the schema of the Gateway API: what it says against each, as JSON.

Run by the Python of the judges: the schema's file as argument, the filters on standard input.
"""

import json
import sys
from pathlib import Path
from typing import Any

import celpy
import jsonschema


def errors(schema: dict[str, Any], value: dict[str, Any]) -> list[str]:
    found = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(value)]
    for name, property_ in schema["properties"].items():
        for rule in property_.get("x-kubernetes-validations", []) if name in value else []:
            environment = celpy.Environment()
            program = environment.program(environment.compile(rule["rule"]))
            if not program.evaluate({"self": celpy.json_to_cel(value[name])}):
                found.append(rule["message"])
        if property_.get("x-kubernetes-list-type") == "set":
            listed = value.get(name, [])
            if len(set(listed)) < len(listed):
                found.append(f"{name} has an entry twice")
    unknown = value.keys() - schema["properties"].keys()
    return [*found, *(f"{name} is unknown" for name in sorted(unknown))]


SCHEMA = json.loads(Path(sys.argv[1]).read_text())
print(json.dumps([errors(SCHEMA, value) for value in json.load(sys.stdin)]))
