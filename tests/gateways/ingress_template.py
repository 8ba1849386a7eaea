"""The controller's template for CORS, filled in as ingress-nginx does from annotations.

Written from its source: `rootfs/etc/nginx/template/nginx.tmpl` (CORS) and `buildCorsOriginRegex` in
`internal/ingress/controller/template`. What annotations cannot say of a policy is left out.
"""

import re
from collections.abc import Iterator

from corsproxy.config.settings import Config
from corsproxy.cors.names import Names
from corsproxy.cors.origin import OriginPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.forwarding import methods

ORIGIN = re.compile(r"[a-z]+://(\*\.)?[A-Za-z0-9\-.]*(:\d+)?|null")
METHOD = re.compile(r"[A-Za-z]+")
NAME = re.compile(r"[A-Za-z0-9\-_]+")


def ingress_nginx(config: Config) -> str:
    """A server as the controller writes it, with the settings that its annotations can have."""
    upstream, listen = config.upstream, config.listen[0]
    lines = "\n".join(f"        {line}" for line in _cors(config.policy))
    return f"""server {{
    listen {listen};
    location / {{
        set $cors '';
{lines}
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_pass {upstream};
    }}
}}
"""


def _cors(policy: Policy) -> Iterator[str]:
    """buildCorsOriginRegex, and the template."""
    if policy.allow_origins.any:
        yield "set $http_origin *;"
        yield "set $cors 'true';"
    elif origins := _origins(policy):
        listed = "|".join(f"({_escaped(origin)})" for origin in origins)
        yield f"if ($http_origin ~* ({listed})$ ) {{ set $cors 'true'; }}"
    yield "if ($request_method = 'OPTIONS') { set $cors ${cors}options; }"
    headers = [f"more_set_headers '{name}: {value}';" for name, value in _headers(policy)]
    yield f'if ($cors = "true") {{ {" ".join(headers)} }}'
    yield f'if ($cors = "trueoptions") {{ {" ".join(headers)} return 204; }}'


def _origins(policy: Policy) -> list[str]:
    patterns = [one for one in policy.allow_origins.patterns if isinstance(one, OriginPattern)]
    return [str(one) for one in patterns if ORIGIN.fullmatch(str(one))]


def _escaped(origin: str) -> str:
    """QuoteMeta, and what an asterisk becomes."""
    quoted = re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", origin)
    return quoted.replace(r"\*", r"[A-Za-z0-9\-]+", 1)


def _headers(policy: Policy) -> Iterator[tuple[str, str]]:
    yield "Access-Control-Allow-Origin", "$http_origin"
    if policy.allow_credentials and not policy.allow_origins.any:
        yield "Access-Control-Allow-Credentials", "true"
    allowed = Names(tuple(name for name in policy.allow_methods.listed if METHOD.fullmatch(name)))
    yield "Access-Control-Allow-Methods", methods(allowed)
    names = [name for name in policy.allow_headers.listed if NAME.fullmatch(name)]
    yield "Access-Control-Allow-Headers", ", ".join(names)
    if exposed := policy.expose_headers:
        yield "Access-Control-Expose-Headers", str(exposed)
    age = 1_728_000 if policy.max_age is None else max(policy.max_age, 0)
    yield "Access-Control-Max-Age", str(age)
