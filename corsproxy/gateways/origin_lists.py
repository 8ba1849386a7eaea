"""Servers that take little more than a list of origins: Elasticsearch, PostgREST, Ollama.

Sources: their references. Nobody here has run them. Elasticsearch has settings for most of a
policy; the other two decide on methods, headers and credentials by themselves, which is told as a
loss whatever the policy says of these. What `*` covers among methods and names is not documented.
"""

from collections.abc import Iterator

from corsproxy.config.settings import Config
from corsproxy.cors.fetch_standard import DEFAULT_MAX_AGE, SAFELISTED_METHODS
from corsproxy.cors.names import WILDCARD
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.single_origins import credentials, single_origins

_UNTOLD = "what `*` covers is not documented: it is left out"
_BY_ITSELF = {
    "postgrest": {
        "allow_methods": "GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS are allowed",
        "allow_headers": "PostgREST says by itself which headers are allowed, authorization too",
        "expose_headers": "PostgREST says by itself which headers pages read",
        "allow_credentials": "credentials are allowed to each origin of the list",
        "max_age": "86400 s is sent",
    },
    "ollama": {
        "allow_origins": "pages on localhost and of desktop apps are always allowed as well",
        "allow_methods": "Ollama says by itself which methods are allowed",
        "allow_headers": "Ollama says by itself which headers are allowed, authorization too",
        "expose_headers": "pages read no header beside the safelisted ones",
        "allow_credentials": "credentials are not allowed",
        "max_age": "Ollama says by itself how long browsers keep a preflight's response",
    },
}
_FIX = "--allow-lossy, if that may be so; else put a gateway before it"


def write(config: Config, form: str) -> Written:
    """One of FORMS."""
    export = Export.of(config)
    if export.policy.allow_private_network:
        export.lose("allow_private_network", "no preflight is granted it", "false")
    if form == "elasticsearch":
        return export.written("\n".join(_elasticsearch(export)) + "\n")
    for setting, effect in _BY_ITSELF[form].items():
        export.lose(setting, effect, _FIX)
    origins = single_origins(export, if_none="without a list the server has one of its own")
    if form == "ollama":
        return export.written(f"OLLAMA_ORIGINS={','.join(origins)}\n")
    listed = f'server-cors-allowed-origins = "{", ".join(origins)}"'
    if origins == [WILDCARD]:
        listed = "# Leave server-cors-allowed-origins out: then everybody may read."
    return export.written(f"{listed}\n")


def _elasticsearch(export: Export) -> Iterator[str]:
    policy = export.policy
    allowed = credentials(export)
    origins = single_origins(export, if_none="no page reads anything")
    yield f"http.cors.enabled: {str(bool(origins)).lower()}"
    yield f'http.cors.allow-origin: "{",".join(origins)}"'
    methods = export.names("allow_methods", _UNTOLD).listed
    yield f'http.cors.allow-methods: "{", ".join(methods or sorted(SAFELISTED_METHODS))}"'
    names = export.names("allow_headers", _UNTOLD).listed
    yield f'http.cors.allow-headers: "{", ".join(names)}"'
    if policy.expose_headers:
        effect = "pages read no header beside the safelisted ones"
        export.lose("expose_headers", effect, "leave it out")
    yield f"http.cors.allow-credentials: {str(allowed).lower()}"
    age = DEFAULT_MAX_AGE if policy.max_age is None else max(policy.max_age, 0)
    yield f"http.cors.max-age: {age}"


FORMS = {
    "elasticsearch": "http.cors of elasticsearch.yml",
    "postgrest": "server-cors-allowed-origins of PostgREST's configuration file",
    "ollama": "OLLAMA_ORIGINS, for the environment of Ollama",
}

GATEWAY = Gateway("Elasticsearch, PostgREST, Ollama: a list of origins", FORMS, write)
