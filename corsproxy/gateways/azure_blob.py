"""Azure Storage (blobs, queues, tables, files): the CORS rules of a service, as XML and in ARM.

A service enforces: it compares origin, method and names with each rule in turn, and the first that
matches answers. A list of origins may always send credentials; `*` alone never may. Names that are
asked for are sent back, so `*` covers authorization. Within a rule no origin is looked at behind
one with a `*`, so each of those has a rule of its own. Seen on Azurite 3.35, which the tests start;
the limits are those of the documentation of Set Blob Service Properties.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import DEFAULT_MAX_AGE, SAFELISTED_METHODS
from corsproxy.cors.names import WILDCARD, Names
from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.azure_rules import (
    MAX_NAMES,
    MAX_ORIGINS,
    MAX_RULES,
    METHODS,
    read,
)
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import covers_authorization
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.sayable import with_origins
from corsproxy.gateways.emulation.profile import Case, Checks, Preflights, Profile, Sends

Rule = dict[str, list[str] | int]
"""By the names of ARM, which are those of the XML but for the first letter."""

_SCHEMES = {str(RegexPattern(f"{scheme}://.*")): f"{scheme}://*" for scheme in ("https", "http")}


def write(config: Config, form: str) -> Written:
    """The rules in one of FORMS; none where they would let nobody in."""
    export = Export.of(config)
    rules = _rules(export)
    return export.written(_as_xml(rules) if form == "xml" else _as_arm(rules))


def _rules(export: Export) -> list[Rule]:
    if export.policy.allow_private_network:
        export.lose("allow_private_network", "no preflight is granted it", "false")
    said = list(_origins(export))
    if not said:
        _lose_all(export)
        return []
    _lose_credentials(export)
    age = export.policy.max_age
    rest: Rule = {
        "allowedMethods": _methods(export),
        "allowedHeaders": _names(export, "allow_headers"),
        "exposedHeaders": _names(export, "expose_headers"),
        "maxAgeInSeconds": DEFAULT_MAX_AGE if age is None else max(age, 0),
    }
    return [{"allowedOrigins": origins, **rest} for origins in said]


def _origins(export: Export) -> Iterator[list[str]]:
    """The origins of each rule, those that stand for several last."""
    if export.policy.allow_origins.any:
        yield [WILDCARD]
        return
    exact, globs = [], []
    for i, one in enumerate(export.policy.allow_origins.patterns):
        text = glob(one)
        if text is None:
            effect = f"{one} cannot be said: pages of it are refused"
            export.lose("allow_origins", effect, "list each origin", i)
        elif WILDCARD in text:
            globs.append((i, [text]))
        else:
            exact.append((i, text))
    most = MAX_ORIGINS
    lists = [exact[start : start + most] for start in range(0, len(exact), most)]
    rules = [(these[0][0], [text for _, text in these]) for these in lists] + globs
    for i, _ in rules[MAX_RULES:]:
        effect = f"a service takes {MAX_RULES} rules, and each pattern needs one: it is left out"
        export.lose("allow_origins", effect, "list each origin", i)
    yield from (origins for _, origins in rules[:MAX_RULES])


def glob(pattern: OriginPattern | RegexPattern) -> str | None:
    """The text by which a rule means the same origins; None where there is none."""
    if isinstance(pattern, RegexPattern):
        return _SCHEMES.get(str(pattern))
    return None if pattern.port == "*" else str(pattern)


def _lose_credentials(export: Export) -> None:
    policy = export.policy
    if policy.allow_credentials and policy.allow_origins.any:
        fix = "list the origins that may send credentials"
        for setting in ("allow_credentials", "dangerously_reflect_any_origin"):
            export.lose(setting, "`*` is sent as it stands, and never with credentials", fix)
    elif not policy.allow_credentials and policy.allow_origins.patterns:
        effect = "Azure Storage allows them to each origin of a list: it cannot be switched off"
        export.lose("allow_credentials", effect, "allow_credentials: true")


def _lose_all(export: Export) -> None:
    effect = "no rule is left: pages read nothing of the service"
    export.lose("allow_origins", effect, "allow at least one origin")
    nothing = Policy()
    for setting in (*_LISTS, "allow_credentials", "max_age"):
        if getattr(export.policy, setting) != getattr(nothing, setting):
            export.lose(setting, "no rule is left that could say it", "allow at least one origin")


_LISTS = ("allow_methods", "allow_headers", "expose_headers")


def _methods(export: Export) -> list[str]:
    """Those that need no listing elsewhere are among them: a rule is asked of each request."""
    names = export.policy.allow_methods
    if names.any or not METHODS.issuperset(names.listed):
        effect = f"a rule knows {', '.join(sorted(METHODS))}, and no other method"
        export.lose("allow_methods", effect, "leave the others out")
    wanted = METHODS if names.any else METHODS & {*names.listed}
    return sorted(wanted | SAFELISTED_METHODS)


def _names(export: Export, setting: str) -> list[str]:
    names: Names = getattr(export.policy, setting)
    if names.any and (setting == "expose_headers" or covers_authorization(names)):
        return [WILDCARD]
    if names.any:
        effect = "the names asked for are sent back, and authorization would be among them"
        export.lose(setting, effect, "name the headers, or list authorization beside `*`")
    said = [name for name in names.listed if not name.endswith(WILDCARD)]
    if len(said) < len(names.listed):
        export.lose(setting, "a `*` at the end of a name stands for any text", "rename it")
    if len(said) > MAX_NAMES:
        effect = f"a rule takes {MAX_NAMES} names: the others are left out"
        export.lose(setting, effect, "leave out what needs no listing")
    return said[:MAX_NAMES]


def _as_xml(rules: list[Rule]) -> str:
    root = ET.Element("StorageServiceProperties")
    cors = ET.SubElement(root, "Cors")
    for rule in rules:
        element = ET.SubElement(cors, "CorsRule")
        for key, value in rule.items():
            text = str(value) if isinstance(value, int) else ",".join(value)
            ET.SubElement(element, f"{key[0].upper()}{key[1:]}").text = text
    ET.indent(root)
    declaration = '<?xml version="1.0" encoding="utf-8"?>\n'
    return f"{declaration}{ET.tostring(root, encoding='unicode')}\n"


def _as_arm(rules: list[Rule]) -> str:
    service: dict[str, Any] = {
        "type": "Microsoft.Storage/storageAccounts/blobServices",
        "apiVersion": "2023-05-01",
        "name": "[concat(parameters('storageAccountName'), '/default')]",
        "properties": {"cors": {"corsRules": rules}},
    }
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"storageAccountName": {"type": "string"}},
        "resources": [service],
    }
    return json.dumps(template, indent=2) + "\n"


FORMS = {
    "xml": "the StorageServiceProperties of Set Blob (Queue, Table, File) Service Properties",
    "arm": "an ARM template (Microsoft.Storage/storageAccounts/blobServices)",
}


def _said(policy: Policy) -> Policy:
    """What of a policy the rules say, and what they say beside it."""
    origins = policy.allow_origins
    allowed, names = policy.allow_methods, policy.allow_headers
    methods = METHODS if allowed.any else METHODS & {*allowed.listed}
    covers = names.any and covers_authorization(names)
    listed = tuple(name for name in names.listed if not name.endswith(WILDCARD))
    policy = replace(
        policy,
        allow_methods=Names(tuple(sorted(methods | SAFELISTED_METHODS))),
        allow_headers=Names(listed, any=covers),
        allow_credentials=bool(origins.patterns) and not origins.any,
        dangerously_reflect_any_origin=False,
        allow_private_network=False,
    )
    return with_origins(policy, lambda one: glob(one) is not None)


_VARY = (f.ORIGIN,)
_GRANTED = Sends.ORIGIN | Sends.CREDENTIALS | Sends.LISTS

PROFILE = Profile(
    "Azurite 3.35 with the rules that are written for it",
    observed=True,
    preflights=Preflights.ALL,
    checks=Checks.METHOD | Checks.NAMES | Checks.REQUEST_METHOD,
    preflight=Case(200, _GRANTED),
    stranger_preflight=Case(403),
    denied_preflight=Case(403),
    denied=Case(0, Sends.NOTHING, _VARY),
    no_origin=Case(),
    no_origin_preflight=Case(400),
    sends_asked_method=True,
    sends_asked_names=True,
    default_max_age=DEFAULT_MAX_AGE,
    any_case=True,
    keeps=_said,
)

GATEWAY = Gateway("Azure Storage", FORMS, write, read, profile=PROFILE)
