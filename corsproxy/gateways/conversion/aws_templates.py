"""Templates of AWS: one resource written as CloudFormation or SAM, and resources found by type."""

from collections.abc import Collection, Iterator
from typing import Any

from corsproxy.gateways.conversion.located_yaml import Located, items_at, text_at
from corsproxy.gateways.conversion.yaml_text import as_text

Place = tuple[str | None, str]
"""A host, None for every one, and a prefix of paths."""

EVERYWHERE: Place = (None, "/")

_VERSION = {"AWSTemplateFormatVersion": "2010-09-09"}
_SAM = {"Transform": "AWS::Serverless-2016-10-31"}


def cloudformation(name: str, kind: str, properties: dict[str, Any], title: str) -> str:
    """A template of one resource, below a comment that says what to take of it."""
    return as_text(_VERSION | _resources(name, kind, properties), title)


def sam(name: str, kind: str, properties: dict[str, Any], title: str) -> str:
    """The same, for the translator of SAM."""
    return as_text(_VERSION | _SAM | _resources(name, kind, properties), title)


def _resources(name: str, kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Resources": {name: {"Type": kind, "Properties": properties}}}


def of_type(root: Located, kinds: Collection[str]) -> Iterator[Located]:
    """The resources of these types, in the order of the template."""
    resources = root.get("Resources")
    for name in resources.keys if resources else ():
        resource = root.path("Resources", name)
        kind = resource and resource.get("Type")
        if resource is not None and kind is not None and kind.text in kinds:
            yield resource


def places_of(api: Located) -> list[Place]:
    """Where a template says that an API is served; everywhere where it names no domain."""
    domain = api.path("Properties", "Domain")
    name = domain and domain.get("DomainName")
    if name is None or not name.known or not name.text:
        return [EVERYWHERE]
    listed = [one.text or "" for one in items_at(domain, "BasePath")]
    bases = listed or [text_at(domain, "BasePath")]
    return [(name.text.lower(), f"/{base.strip('/')}") for base in bases]
