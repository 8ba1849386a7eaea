"""Azure's hosts of apps: App Service, Functions and Container Apps, each with its own CORS list.

Sources: their references. Nobody here has run them. App Service and Functions have a list of
origins and nothing beside it: whatever method and header is asked for passes, which is told as a
loss of each list that a policy has. Container Apps have lists as a policy does; what `*` covers
there is not documented, and counts as not granted where browsers would not take it literally.
"""

import json
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.names import Names
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import covers_authorization
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.single_origins import credentials, single_origins
from corsproxy.gateways.conversion.yaml_text import as_text


def write(config: Config, form: str) -> Written:
    """One of FORMS."""
    export = Export.of(config)
    if export.policy.allow_private_network:
        export.lose("allow_private_network", "no preflight is granted it", "false")
    allowed = credentials(export)
    origins = single_origins(export, if_none="Azure passes the app's own CORS headers on then")
    if form == "container-apps":
        ingress = {"corsPolicy": _cors_policy(export, origins, allowed=allowed)}
        whole = {"properties": {"configuration": {"ingress": ingress}}}
        return export.written(as_text(whole, "Goes into the container app's YAML"))
    _lose_lists(export)
    cors: dict[str, Any] = {"allowedOrigins": origins, "supportCredentials": allowed}
    if form == "functions":
        cors = {"CORS": ",".join(origins), "CORSCredentials": allowed}
        return export.written(json.dumps({"IsEncrypted": False, "Host": cors}, indent=2) + "\n")
    site = {"properties": {"siteConfig": {"cors": cors}}}
    return export.written(json.dumps(site, indent=2) + "\n")


def _lose_lists(export: Export) -> None:
    """What App Service decides by itself."""
    policy = export.policy
    if not policy.allow_methods.any:
        effect = "whatever method a page asks for is allowed"
        export.lose("allow_methods", effect, 'allow_methods: ["*"], and refuse others in the app')
    if not covers_authorization(policy.allow_headers) or not policy.allow_headers.any:
        effect = "whatever header a page asks for is allowed"
        fix = 'allow_headers: ["*", authorization], and refuse others in the app'
        export.lose("allow_headers", effect, fix)
    if policy.expose_headers:
        effect = "pages read no header beside the safelisted ones"
        export.lose("expose_headers", effect, "let the app send Access-Control-Expose-Headers")
    if policy.max_age is not None:
        export.lose("max_age", "what is sent is not documented", "leave it out")


def _cors_policy(export: Export, origins: list[str], *, allowed: bool) -> dict[str, Any]:
    policy = export.policy
    methods = _said(export, "allow_methods", credentials=allowed)
    found: dict[str, Any] = {
        "allowedOrigins": origins,
        "allowedMethods": list(methods.entries) or sorted(SAFELISTED_METHODS),
        "allowedHeaders": list(_said(export, "allow_headers", credentials=allowed).entries),
        "exposeHeaders": list(export.exposed().entries),
        "allowCredentials": allowed,
    }
    if policy.max_age is not None:
        found["maxAge"] = max(policy.max_age, 0)
    return found


def _said(export: Export, setting: str, *, credentials: bool) -> Names:
    names: Names = getattr(export.policy, setting)
    if not names.any:
        return names
    open_ = setting == "allow_headers" and not covers_authorization(names)
    if not credentials and not open_:
        return names
    effect = "what `*` covers is not documented: it is left out"
    export.lose(setting, effect, "name them")
    return Names(names.listed)


FORMS = {
    "app-service": "siteConfig.cors of an ARM template (Microsoft.Web/sites)",
    "functions": "local.settings.json of the Functions Core Tools",
    "container-apps": "corsPolicy of a container app's ingress, as YAML",
}

GATEWAY = Gateway("Azure App Service, Functions, Container Apps", FORMS, write)
