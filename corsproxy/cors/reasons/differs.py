"""How an upstream's own response differs from the policy (mode `validate`)."""

from corsproxy.cors.reasons.entry import Entry

DIFFERS = (
    Entry(
        "upstream-grants-origin",
        "the upstream lets '{origin}' read the response, the policy does not",
        "take {origin} out of the upstream's configuration, or add it to allow_origins",
    ),
    Entry(
        "upstream-grants-any-origin",
        "the upstream sends Access-Control-Allow-Origin: *, and the policy names its origins",
        'configure the upstream to send the requesting origin, or set allow_origins: "*"',
    ),
    Entry(
        "upstream-grants-credentials",
        "the upstream allows credentials, the policy does not",
        "take Access-Control-Allow-Credentials out of the upstream, or set allow_credentials: true",
    ),
    Entry(
        "upstream-grants-methods",
        "the upstream allows the methods {methods}, the policy does not",
        "take {methods} out of the upstream's configuration, or add them to allow_methods",
    ),
    Entry(
        "upstream-grants-names",
        "the upstream allows the request headers {names}, the policy does not",
        "take {names} out of the upstream's configuration, or add them to allow_headers",
    ),
    Entry(
        "upstream-exposes-names",
        "the upstream exposes {names}, the policy does not",
        "take {names} out of the upstream's configuration, or add them to expose_headers",
    ),
    Entry(
        "upstream-hides-names",
        "the policy exposes {names}, the upstream does not",
        "add {names} to the upstream's Access-Control-Expose-Headers",
    ),
    Entry(
        "upstream-max-age",
        "the upstream's preflights are kept for {got} s, the policy's for {expected} s",
        "send Access-Control-Max-Age: {expected}",
    ),
)
