"""Azure API Management: the `cors` policy, alone or in a whole policy document.

Sources: the reference of the `cors` policy. Nobody here has run API Management itself: what is not
documented (`*` beside credentials; patterns of origins; what `*` among names covers) counts as not
granted. The documentation gives two defaults for terminate-unmatched-request, so it is written.
"""

from collections.abc import Iterable
from dataclasses import replace
from xml.etree import ElementTree as ET

from corsproxy.config.settings import Config
from corsproxy.cors.fetch_standard import DEFAULT_MAX_AGE, SAFELISTED_METHODS
from corsproxy.cors.names import WILDCARD, Names
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.apim_policy import LITERAL, read
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import covers_authorization
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.sayable import with_origins
from corsproxy.gateways.conversion.single_origins import credentials, is_single, single_origins
from corsproxy.gateways.emulation.profile import (
    Case,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)


def write(config: Config, form: str) -> Written:
    """The cors policy, or the document that it stands in."""
    export = Export.of(config)
    element = _cors(export)
    if form == "document":
        element = _document(element)
    ET.indent(element, "    ")
    return export.written(f"{ET.tostring(element, encoding='unicode')}\n")


def _cors(export: Export) -> ET.Element:
    policy = export.policy
    if policy.allow_private_network:
        export.lose("allow_private_network", "no preflight is granted it", "false")
    allowed = credentials(export)
    element = ET.Element("cors")
    element.set("allow-credentials", str(allowed).lower())
    element.set("terminate-unmatched-request", "false")
    origins = single_origins(export, if_none="API Management refuses an empty list of origins")
    _listed(element, "allowed-origins", "origin", origins)
    methods = _said(export, "allow_methods", credentials=allowed)
    age = DEFAULT_MAX_AGE if policy.max_age is None else max(policy.max_age, 0)
    each = [WILDCARD] if methods.any else sorted({*methods.listed, *SAFELISTED_METHODS})
    listed = _listed(element, "allowed-methods", "method", each)
    listed.set("preflight-result-max-age", str(age))
    names = _said(export, "allow_headers", credentials=allowed)
    for tag, said in (("allowed-headers", names), ("expose-headers", export.exposed())):
        if said:
            _listed(element, tag, "header", [*([WILDCARD] if said.any else []), *said.listed])
    return element


def _listed(parent: ET.Element, tag: str, each: str, texts: Iterable[str]) -> ET.Element:
    element = ET.SubElement(parent, tag)
    for text in texts:
        ET.SubElement(element, each).text = text
    return element


def _document(cors: ET.Element) -> ET.Element:
    """The first policy of the inbound section: only the first one of its kind counts."""
    root = ET.Element("policies")
    for name in ("inbound", "backend", "outbound", "on-error"):
        section = ET.SubElement(root, name)
        if name == "inbound":
            section.append(cors)
        ET.SubElement(section, "base")
    return root


def _said(export: Export, setting: str, *, credentials: bool) -> Names:
    """The list without a `*` of which nobody can say what it grants."""
    names: Names = getattr(export.policy, setting)
    if not names.any:
        return names
    if credentials:
        export.lose(setting, LITERAL, "name them")
    elif setting == "allow_headers" and not covers_authorization(names):
        effect = "browsers take a `*` for authorization as well, and a policy does not"
        export.lose(setting, effect, "name the headers, or list authorization beside `*`")
    else:
        return names
    return replace(names, any=False)


FORMS = {
    "policy": "the cors element alone, for the inbound section of a policy document",
    "document": "a whole policy document",
}


def _kept(policy: Policy) -> Policy:
    """What of a policy is written."""
    allowed = policy.allow_credentials and not policy.allow_origins.any
    names = policy.allow_headers
    open_ = names.any and (allowed or not covers_authorization(names))
    methods = policy.allow_methods
    policy = replace(
        policy,
        allow_methods=replace(methods, any=False) if allowed and methods.any else methods,
        allow_headers=replace(names, any=False) if open_ else names,
        allow_credentials=allowed,
        dangerously_reflect_any_origin=False,
        allow_private_network=False,
    )
    return with_origins(policy, is_single)


PROFILE = Profile(
    "the reference of API Management's cors policy, with terminate-unmatched-request=false",
    observed=False,
    preflight=Case(200, Sends.PREFLIGHT),
    stranger_preflight=Case(200),
    denied_preflight=Case(200),
    request=Case(0, Sends.REQUEST),
    stranger=Case(),
    denied=Case(0, Sends.REQUEST),
    no_origin=Case(),
    any_method=Wildcard.LITERAL,
    any_name=Wildcard.LITERAL,
    default_max_age=DEFAULT_MAX_AGE,
    upstream_headers=UpstreamHeaders.REPLACED,
    keeps=_kept,
)
"""Vary, and the upstream's own headers, are not documented: there is none, and they pass."""

GATEWAY = Gateway("Azure API Management", FORMS, write, read, profile=PROFILE)
