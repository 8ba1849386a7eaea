"""fastify: the plugin @fastify/cors.

It decides by the origin alone, searches for its regexes, and answers OPTIONS requests that are no
preflights with 400. Seen on fastify 5.12 with @fastify/cors 11.4, which the tests start.
"""

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.javascript import (
    CUTS,
    FORMS,
    Keys,
    options,
    origin,
    said,
    snippet,
)
from corsproxy.gateways.conversion.library_policy import narrowed
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.emulation.profile import (
    Case,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

_KEYS = Keys("methods", "allowedHeaders", "exposedHeaders")
_PACKAGE = "@fastify/cors"
_CALLS = {
    "esm": ((f'import cors from "{_PACKAGE}";',), "await fastify.register(cors, "),
    "commonjs": ((), f'fastify.register(require("{_PACKAGE}"), '),
}


def write(config: Config, form: str) -> Written:
    """A registration of the plugin, for an instance that is called `fastify`."""
    export = Export.of(config)
    policy = narrowed(export, said, CUTS)
    sent_literally(export, policy.allow_headers)
    imports, call = _CALLS[form]
    head = (f"// Goes before the routes: npm install {_PACKAGE}", *imports)
    found = options(policy, origin(policy), _KEYS, no_names=[])
    return export.written(snippet(head, call, found, ");"))


_ALWAYS = Sends.CREDENTIALS | Sends.EXPOSED

PROFILE = Profile(
    "fastify 5.12 with @fastify/cors 11.4 and the options that are written for it",
    observed=True,
    preflight=Case(204, Sends.PREFLIGHT | Sends.EXPOSED, (f.ORIGIN,)),
    stranger_preflight=Case(204, _ALWAYS | Sends.LISTS, (f.ORIGIN,)),
    stranger=Case(0, _ALWAYS, (f.ORIGIN,)),
    no_origin=Case(0, _ALWAYS, (f.ORIGIN,)),
    open_to_no_origin=Sends.ORIGIN,
    any_name=Wildcard.LITERAL,
    bare_options=Case(400, Sends.REQUEST, (f.ORIGIN,)),
    open_preflight_vary=(),
    echo_vary=(f.REQUEST_HEADERS,),
    upstream_headers=UpstreamHeaders.WIN,
    keeps=said,
)

GATEWAY = Gateway("fastify with @fastify/cors", FORMS, write, profile=PROFILE)
