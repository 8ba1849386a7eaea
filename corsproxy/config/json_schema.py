"""The settings as a JSON Schema, for editors."""

from collections.abc import Iterable, Mapping
from typing import Any

from corsproxy.config.schema import CORS, GROUPS, ROUTE, SETTINGS, UPSTREAM_TLS, Setting

_REFERENCE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}"}
"""`${NAME}` may stand for any value."""


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12. It knows shapes and types; only `lint` knows what browsers do."""
    top = _object(_of_group(SETTINGS, ""))
    for group, text in GROUPS.items():
        members = _of_group(SETTINGS, group)
        if members:
            *above, name = group.split(".")
            place = top
            for key in above:
                place = place["properties"][key]
            place["properties"][name] = {**_group(group, members), "description": text}
    top["properties"]["routes"] = {
        "description": GROUPS["routes"],
        "type": "array",
        "items": _route(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://www.schemastore.org/corsproxy.json",
        "title": "corsproxy policy file",
        **top,
    }


def _group(name: str, members: Mapping[str, Setting]) -> dict[str, Any]:
    """The group as an object; or as what its short form takes, if it has one."""
    short = _of_group(SETTINGS, "").get(name)
    if short is None:
        return _object(members)
    return {"anyOf": [_object(members), *_property(short)["anyOf"]]}


def _of_group(settings: Iterable[Setting], group: str) -> dict[str, Setting]:
    split = ((setting.key.rpartition("."), setting) for setting in settings)
    return {name: setting for (section, _, name), setting in split if section == group}


def _route() -> dict[str, Any]:
    route = _object(_of_group(ROUTE, ""))
    route["properties"]["cors"] = _object(_of_group(CORS, "cors"))
    route["properties"]["upstream_tls"] = _object(_of_group(UPSTREAM_TLS, "upstream_tls"))
    return {**route, "required": ["path"]}


def _object(members: Mapping[str, Setting]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: _property(setting) for name, setting in members.items()},
        "additionalProperties": False,
    }


def _property(setting: Setting) -> dict[str, Any]:
    return {"description": setting.help, "anyOf": [setting.kind.schema, _REFERENCE]}
