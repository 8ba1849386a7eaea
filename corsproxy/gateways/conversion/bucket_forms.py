"""CORS rules of buckets as each store and tool spells them, and where they stand in a document.

A rule is spoken of by the names that S3 has for it in JSON (`AllowedOrigins`, ...).
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from corsproxy.gateways.conversion import located_xml, located_yaml
from corsproxy.gateways.conversion.aws_templates import cloudformation, of_type
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.conversion.located_yaml import Located

Rule = dict[str, Any]
Path = tuple[str, ...]


METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
"""All that a rule can name."""


class Dialect(NamedTuple):
    """How one kind of store takes its rules."""

    keys: Mapping[str, Path]
    """The names of S3, and where the same stands in a rule."""
    ignored: frozenset[str]
    """Keys that say nothing of CORS."""
    credentials: bool = False
    """Whether every origin of a list may send credentials, whatever the policy says."""
    globs: bool = False
    """Whether an origin may have a `*` in it."""
    one_list: bool = False
    """Whether names are allowed and exposed by one list."""


_OWN_NAMES = ("AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposeHeaders")
_MAX_AGE = "MaxAgeSeconds"


def _dialect(*keys: Path, ignored: tuple[str, ...], **more: bool) -> Dialect:
    names = (*_OWN_NAMES, _MAX_AGE)
    return Dialect(dict(zip(names, keys, strict=True)), frozenset(ignored), **more)


_S3 = {"credentials": True, "globs": True}
_JSON = _dialect(*((name,) for name in (*_OWN_NAMES, _MAX_AGE)), ignored=("ID",), **_S3)
_XML = _dialect(
    *(("AllowedOrigin",), ("AllowedMethod",), ("AllowedHeader",), ("ExposeHeader",), (_MAX_AGE,)),
    ignored=("ID",),
    **_S3,
)
_CLOUDFORMATION = _dialect(
    *(("AllowedOrigins",), ("AllowedMethods",), ("AllowedHeaders",)),
    *(("ExposedHeaders",), ("MaxAge",)),
    ignored=("Id",),
    **_S3,
)
_R2 = _dialect(
    *(("allowed", "origins"), ("allowed", "methods"), ("allowed", "headers")),
    *(("exposeHeaders",), ("maxAgeSeconds",)),
    ignored=("id", "allowed"),
)
_GCS = _dialect(
    *(("origin",), ("method",), ("responseHeader",), ("responseHeader",), ("maxAgeSeconds",)),
    ignored=(),
    one_list=True,
)

DIALECTS = {"json": _JSON, "xml": _XML, "cloudformation": _CLOUDFORMATION, "r2": _R2, "gcs": _GCS}

FORMS = {
    "json": "what put-bucket-cors takes of Amazon S3",
    "xml": "the same in XML, as the REST API has it",
    "cloudformation": "CloudFormation template (AWS::S3::Bucket)",
    "r2": "Cloudflare R2, what `wrangler r2 bucket cors set` takes",
    "gcs": "Google Cloud Storage, what `gcloud storage buckets update --cors-file` takes",
}


def spelled(rules: list[Rule], form: str) -> str:
    """The rules in one of FORMS."""
    if form == "xml":
        return _as_xml(rules)
    found = [_own(rule, DIALECTS[form]) for rule in rules]
    if form == "cloudformation":
        title = "CloudFormation template; its CorsConfiguration goes into that of the bucket"
        properties = {"CorsConfiguration": {"CorsRules": found}}
        return cloudformation("Bucket", "AWS::S3::Bucket", properties, title)
    whole = {"json": {"CORSRules": found}, "r2": {"rules": found}, "gcs": found}[form]
    return json.dumps(whole, indent=2) + "\n"


def _own(rule: Rule, dialect: Dialect) -> Rule:
    found: Rule = {}
    for name, value in rule.items():
        *outer, key = dialect.keys[name]
        place = found
        for one in outer:
            place = place.setdefault(one, {})
        place[key] = value
    return found


def _as_xml(rules: list[Rule]) -> str:
    lines = []
    for rule in rules:
        lines.append("  <CORSRule>")
        for name, value in rule.items():
            (key,) = _XML.keys[name]
            each = value if isinstance(value, list) else [value]
            lines += [f"    <{key}>{escape(str(one))}</{key}>" for one in each]
        lines.append("  </CORSRule>")
    within = "".join(f"{line}\n" for line in lines)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{head}<CORSConfiguration>\n{within}</CORSConfiguration>\n"


class Found(NamedTuple):
    """Rules as they stand in a document; `values` of each by the names of S3."""

    dialect: Dialect
    rules: list[Located]

    def values(self, rule: Located) -> dict[str, Located | None]:
        """What the rule says; what no store knows of under its own name."""
        known = {path[0] for path in self.dialect.keys.values()} | self.dialect.ignored
        own = {name: rule.path(*path) for name, path in self.dialect.keys.items()}
        if self.dialect is _XML and (ages := own[_MAX_AGE]) is not None:
            own[_MAX_AGE] = (ages.items or [ages])[-1]
        return own | {key: rule.get(key) for key in rule.keys if key not in known}


def found_in(text: str, source: str) -> Found:
    """The rules of a document in any of FORMS; raises FormatError where there are none."""
    if text.lstrip().startswith("<"):
        root = located_xml.compose(text, source)
        dialect, rules = _XML, _within(_only(root.get("CORSConfiguration")), "CORSRule")
    else:
        root = located_yaml.compose(text, source)
        dialect, rules = next(((kind, at) for kind, at in _places(root) if at), (_JSON, None))
    if rules is None or not rules.items:
        message = "no CORS rule in it: pages of other origins then read nothing of the bucket"
        raise FormatError(message, root.span, "mode: strip is such a policy")
    found = rules.items
    if dialect is _JSON and any(rule.get("origin") for rule in found):
        dialect = _GCS
    return Found(dialect, found)


def _only(elements: Located | None) -> Located | None:
    return elements.items[0] if elements and elements.items else None


def _within(element: Located | None, name: str) -> Located | None:
    return element and element.get(name)


def _places(root: Located) -> list[tuple[Dialect, Located | None]]:
    buckets = [*of_type(root, {"AWS::S3::Bucket"})]
    declared = [one.path("Properties", "CorsConfiguration", "CorsRules") for one in buckets]
    with_rules = [one for one in declared if one]
    if len(with_rules) > 1:
        message = f"{len(with_rules)} buckets with CORS rules: one is needed"
        raise FormatError(message, with_rules[1].span, "leave the others out of the file")
    return [
        (_JSON, root.get("CORSRules")),
        (_JSON, root if root.items else None),
        (_CLOUDFORMATION, with_rules[0] if with_rules else None),
        (_CLOUDFORMATION, root.get("CorsRules")),
        (_R2, root.get("rules") or root.path("result", "rules")),
        (_GCS, root.get("cors") or root.get("cors_config")),
    ]
