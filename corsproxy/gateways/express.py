"""express: the middleware of the package cors.

It answers every OPTIONS request, decides by the origin alone, searches for its regexes, and sends
a single origin that is given as a text to everybody; so it is given a list. Without a list of names
it sends back those asked for. Seen on express 5.3 with cors 2.8, which the tests start.
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
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

_KEYS = Keys("methods", "allowedHeaders", "exposedHeaders")
_IMPORTS = {"esm": 'import cors from "cors";', "commonjs": 'const cors = require("cors");'}


def write(config: Config, form: str) -> Written:
    """A call of the middleware, for an `app` of express."""
    export = Export.of(config)
    policy = narrowed(export, said, CUTS)
    sent_literally(export, policy.allow_headers)
    head = ("// Goes before the routes: npm install cors", _IMPORTS[form])
    found = options(policy, origin(policy), _KEYS, no_names=[])
    return export.written(snippet(head, "app.use(cors(", found, "));"))


_ALWAYS = Sends.CREDENTIALS | Sends.EXPOSED

PROFILE = Profile(
    "express 5.3 with cors 2.8 and the options that are written for it",
    observed=True,
    preflights=Preflights.ALL,
    preflight=Case(204, Sends.PREFLIGHT | Sends.EXPOSED, (f.ORIGIN,)),
    stranger_preflight=Case(204, _ALWAYS | Sends.LISTS, (f.ORIGIN,)),
    stranger=Case(0, _ALWAYS, (f.ORIGIN,)),
    no_origin=Case(0, _ALWAYS, (f.ORIGIN,)),
    no_origin_preflight=Case(204, _ALWAYS | Sends.LISTS, (f.ORIGIN,)),
    open_to_no_origin=Sends.ORIGIN,
    any_name=Wildcard.LITERAL,
    open_preflight_vary=(),
    echo_vary=(f.REQUEST_HEADERS,),
    upstream_headers=UpstreamHeaders.WIN,
    keeps=said,
)

GATEWAY = Gateway("express with cors", FORMS, write, profile=PROFILE)
