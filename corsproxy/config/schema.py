"""The settings: one table. Files, flags, variables, JSON Schema and the reference come from it.

Defaults are those of the dataclasses in `settings` and of Policy; they stand nowhere else.
"""

from operator import attrgetter
from typing import Any, NamedTuple

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.kinds import addresses, cors, headers
from corsproxy.config.kinds.emulation import EMULATION
from corsproxy.config.kinds.kind import BOOLEAN, SettingKind, choice, many, optional
from corsproxy.config.kinds.numbers import SECONDS, integer, whole_seconds
from corsproxy.config.settings import (
    Config,
    Forwarded,
    ForwardedOrigin,
    LogFormat,
    LogLevel,
    RequestId,
)
from corsproxy.cors.policy import Mode, OnViolation, Policy, RefusedPreflight, RefusedRequest


class Setting(NamedTuple):
    """One setting: its place in the file, how it is read, what it means, its flag."""

    key: str
    kind: SettingKind
    help: str
    flag: str = ""

    @property
    def variable(self) -> str:
        """The environment variable: the flag's name in capitals."""
        return "CORSPROXY_" + self.flag.upper().replace("-", "_")


_AGE = optional(whole_seconds(-1, 2**31 - 1))
_SIZE = 2**40

CORS = (
    Setting(
        "cors.allow_origins",
        cors.ORIGINS,
        "Origins whose pages may read responses: exact, *. for subdomains, :* for any port, or *.",
        "allow-origin",
    ),
    Setting(
        "cors.allow_methods",
        cors.METHODS,
        "Methods beside GET, HEAD and POST, or *.",
        "allow-method",
    ),
    Setting(
        "cors.allow_headers",
        cors.REQUEST_HEADER_NAMES,
        "Names of request headers, or *, which never covers authorization.",
        "allow-header",
    ),
    Setting(
        "cors.expose_headers",
        cors.EXPOSED_NAMES,
        "Names of response headers that pages may read, or *.",
        "expose-header",
    ),
    Setting(
        "cors.allow_credentials",
        BOOLEAN,
        "Whether cookies and other credentials may be sent.",
        "allow-credentials",
    ),
    Setting(
        "cors.max_age",
        _AGE,
        "Seconds for which a browser keeps a preflight's response; -1 for not at all.",
        "max-age",
    ),
    Setting(
        "cors.allow_private_network",
        BOOLEAN,
        "Answer Access-Control-Request-Private-Network with true.",
        "allow-private-network",
    ),
    Setting("cors.mode", choice(Mode), "What happens to the upstream's own CORS headers.", "mode"),
    Setting(
        "cors.on_violation",
        choice(OnViolation),
        "What mode validate does with a response that differs from the policy.",
        "on-violation",
    ),
    Setting(
        "cors.refused_preflight",
        choice(RefusedPreflight),
        "Whether a refused preflight lets the console name the true cause, or is a bare 403.",
        "refused-preflight",
    ),
    Setting(
        "cors.refused_request",
        choice(RefusedRequest),
        "Whether a refused request is answered 403 or reaches the upstream.",
        "refused-request",
    ),
    Setting(
        "cors.dangerously_reflect_any_origin",
        BOOLEAN,
        "Allow * and credentials at once: every page may act as the user.",
        "dangerously-reflect-any-origin",
    ),
    Setting(
        "cors.emulate",
        EMULATION,
        "Decide as a gateway would that is given this policy; fetch for the standard's own rule.",
        "emulate",
    ),
)
"""What one policy is made of; a route inherits each of them."""

UPSTREAM_TLS = (
    Setting(
        "upstream_tls.verify",
        BOOLEAN,
        "Whether an https upstream's certificate is verified.",
        "upstream-tls-verify",
    ),
    Setting(
        "upstream_tls.ca",
        optional(addresses.FILE),
        "Authorities to trust instead of the system's, as PEM.",
        "upstream-tls-ca",
    ),
    Setting(
        "upstream_tls.certificate",
        optional(addresses.FILE),
        "The certificate to show the upstream, as PEM.",
        "upstream-tls-certificate",
    ),
    Setting(
        "upstream_tls.key",
        optional(addresses.FILE),
        "The private key of that certificate, as PEM.",
        "upstream-tls-key",
    ),
    Setting(
        "upstream_tls.server_name",
        optional(addresses.HOST),
        "The name to ask for and verify, if not the upstream's host.",
        "upstream-tls-server-name",
    ),
)
"""How an https upstream is trusted; a route inherits each of them."""

SETTINGS = (
    Setting(
        "listen",
        addresses.LISTEN,
        "Where the proxy listens: port, host:port, https://host:port or unix:/path; or several.",
        "listen",
    ),
    Setting(
        "tls",
        addresses.TLS,
        "auto: https with certificates of a local authority, made once for this user.",
        "tls",
    ),
    Setting(
        "tls.certificate",
        optional(addresses.FILE),
        "The certificate to show clients, and those between it and its authority, as PEM.",
        "tls-certificate",
    ),
    Setting(
        "tls.key",
        optional(addresses.FILE),
        "The private key of that certificate, as PEM.",
        "tls-key",
    ),
    Setting(
        "upstream",
        addresses.UPSTREAM,
        "Where requests go: http://host:port, https://host or unix:/path.",
        "upstream",
    ),
    *CORS,
    Setting(
        "allowed_hosts",
        many("a list of host names", addresses.ALLOWED_HOST),
        "Names in Host to answer to, beside localhost and addresses; *. for subdomains.",
        "allowed-host",
    ),
    Setting(
        "forward.host",
        addresses.FORWARD_HOST,
        "The Host that the upstream sees: its own, the page's, or a name; auto says which.",
        "forward-host",
    ),
    Setting(
        "forward.origin",
        choice(ForwardedOrigin),
        "The Origin that the upstream sees: the page's, none, or the upstream's own.",
        "forward-origin",
    ),
    Setting(
        "forward.forwarded",
        choice(Forwarded),
        "Whether the upstream gets X-Forwarded-* and Forwarded; trusted: a trusted proxy's alone.",
        "forward-forwarded",
    ),
    Setting(
        "forward.request_id",
        choice(RequestId),
        "Whether the upstream gets our id in X-Request-Id where the client sent none.",
        "forward-request-id",
    ),
    Setting(
        "forward.request_headers.set",
        headers.SET_IN_REQUESTS,
        "Headers that each request gets on its way to the upstream, in place of its own.",
        "set-request-header",
    ),
    Setting(
        "forward.request_headers.remove",
        headers.REMOVED_FROM_REQUESTS,
        "Headers that the upstream does not get to see.",
        "remove-request-header",
    ),
    Setting(
        "forward.response_headers.set",
        headers.SET_IN_RESPONSES,
        "Headers that each response of the upstream gets, in place of its own.",
        "set-response-header",
    ),
    Setting(
        "forward.response_headers.remove",
        headers.REMOVED_FROM_RESPONSES,
        "Headers of the upstream's that clients do not get to see.",
        "remove-response-header",
    ),
    Setting(
        "rewrite.location",
        BOOLEAN,
        "Whether Location and its kin name this proxy where they name the upstream.",
        "rewrite-location",
    ),
    Setting(
        "rewrite.cookies",
        BOOLEAN,
        "Whether cookies are made such that a browser keeps them from this proxy.",
        "rewrite-cookies",
    ),
    *UPSTREAM_TLS,
    Setting(
        "upstream_proxy",
        optional(addresses.PROXY),
        "An HTTP proxy on the way to upstreams: http://host:port; or environment, for HTTPS_PROXY.",
        "upstream-proxy",
    ),
    Setting("timeouts.connect", SECONDS, "Seconds to connect to the upstream.", "timeout-connect"),
    Setting(
        "timeouts.head",
        SECONDS,
        "Seconds until the head of the upstream's response is there.",
        "timeout-head",
    ),
    Setting(
        "timeouts.idle",
        SECONDS,
        "Seconds of silence in content or a tunnel, either way.",
        "timeout-idle",
    ),
    Setting(
        "limits.connections",
        integer(1, 1_000_000, "connections"),
        "Connections of clients at the same time, if the system lets enough files be open.",
        "limit-connections",
    ),
    Setting(
        "limits.header_bytes",
        integer(1024, 1 << 20, "bytes"),
        "Bytes in a request's head.",
        "limit-header-bytes",
    ),
    Setting(
        "limits.body_bytes",
        optional(integer(0, _SIZE, "bytes")),
        "Bytes in a request's content; null for no limit.",
        "limit-body-bytes",
    ),
    Setting(
        "trusted_proxies",
        many("a list of networks", addresses.NETWORK),
        "Networks whose X-Forwarded-* and Forwarded are believed.",
        "trusted-proxy",
    ),
    Setting(
        "admin",
        addresses.ADMIN,
        "Where inspector, health and metrics listen; off for nowhere.",
        "admin",
    ),
    Setting(
        "log.format",
        choice(LogFormat),
        "Lines for people, or one JSON object per line.",
        "log-format",
    ),
    Setting("log.level", choice(LogLevel), "The least that is logged.", "log-level"),
    Setting(
        "log.file",
        optional(addresses.FILE),
        "Append the log to this file, which SIGHUP opens anew.",
        "log-file",
    ),
    Setting("har", optional(addresses.FILE), "Record the exchanges in this HAR file.", "har"),
    Setting("fast_lane", BOOLEAN, "Let plain requests take the fast lane.", "fast-lane"),
)
"""Every setting but the routes."""

VARIABLES = frozenset(setting.variable for setting in SETTINGS)
"""By which the environment gives them."""

ROUTE = (
    Setting("path", addresses.PREFIX, "The prefix of the paths it takes: whole segments."),
    Setting(
        "host", optional(addresses.HOST), "The Host that the route is for; every one if left out."
    ),
    Setting(
        "upstream",
        addresses.UPSTREAM,
        "Where the route's requests go, if not to the upstream above.",
    ),
    Setting("strip_path", BOOLEAN, "Leave out the prefix on the way to the upstream."),
    *(setting._replace(flag="") for setting in (*CORS, *UPSTREAM_TLS)),
)
"""What one route is made of."""

GROUPS = {
    "tls": "Https towards the page: auto, or a certificate with its key.",
    "cors": "The policy: what pages of other origins may do.",
    "routes": "Paths with an upstream or a policy of their own; the longest match wins.",
    "forward": "What the upstream sees of the request.",
    "forward.request_headers": "What requests get, or lose, on the way to the upstream.",
    "forward.response_headers": "What the upstream's responses get, or lose, on the way back.",
    "rewrite": "What of a response is made this proxy's own.",
    "upstream_tls": "How an https upstream is trusted.",
    "timeouts": "Seconds to wait.",
    "limits": "What clients may take.",
    "log": "What is written for each exchange.",
}

_ATTRIBUTES = {"tls": "tls.auto"}
"""Of a group's own value, its short form, where it is found."""

_DEFAULTS = Config(upstream=UpstreamAddress("http", "127.0.0.1", 8000), policy=Policy())


def default_of(setting: Setting) -> Any:
    """What holds when `setting` is left out; the upstream is an example, for it has no default."""
    return value_of(_DEFAULTS, setting)


def value_of(config: Config, setting: Setting) -> Any:
    """What `config` says of `setting`."""
    return attrgetter(_ATTRIBUTES.get(setting.key) or setting.key.replace("cors.", "policy."))(
        config
    )


def known_keys(settings: tuple[Setting, ...], group: str = "") -> list[str]:
    """The keys that may stand in `group`, or at the top."""
    prefix = f"{group}." if group else ""
    keys = [s.key.removeprefix(prefix) for s in settings if s.key.startswith(prefix)]
    return list(dict.fromkeys(key.partition(".")[0] for key in keys))
