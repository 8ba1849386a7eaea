"""What helps against a failure of the upstream: the setting, by its flag, where one does.

Whoever reads it knows neither OpenSSL's words nor the names of our settings.
"""

import ssl
from typing import Literal, Protocol

from corsproxy.cors.loopback import is_loopback_host
from corsproxy.proxy.http1.response_head import HTTP2, TLS

_START = "start the upstream, or correct its address"
_HTTP11 = "let the upstream speak HTTP/1.1 as well"

_BY_CAUSE = {
    "refused": _START,
    "unreachable": _START,
    "dns": "correct the name in upstream; in compose it is that of the service",
    "connect-timeout": "correct the address in upstream, or look for a firewall on the way",
    "head-timeout": "see what the upstream waits for, or --timeout-head {twice:g}",
    "idle-timeout": "see why the upstream stopped, or --timeout-idle {twice:g}",
    "proxy": "correct upstream_proxy, with a user name and password if it wants them",
}
_WITHOUT_A_WORD = {
    "http": "see the upstream's log; if it speaks TLS, its address is https://{authority}",
    "https": "see the upstream's log; if it asks for a certificate, --upstream-tls-certificate FILE"
    " --upstream-tls-key FILE",
}
"""By scheme: what helps against a connection that was ended before any response.

TLS 1.3 tells only after the handshake that a certificate is wanted (RFC 8446, 4.4.2), and what it
says is often lost in a reset; a server of TLS that is called in plain HTTP says nothing at all.
"""

_BY_WORDS = {HTTP2: _HTTP11, TLS: "its address is https://{authority}"}
"""What is malformed, and helps if it is that."""

_BY_CODE = {
    10: "renew the upstream's certificate{or_unverified}",  # X509_V_ERR_CERT_HAS_EXPIRED
    18: "--upstream-tls-ca FILE, with the certificate itself{or_unverified}",
    62: "--upstream-tls-server-name NAME, with a name that the certificate has",
    64: "--upstream-tls-server-name ADDRESS, with one that the certificate has",
    **dict.fromkeys(
        (2, 19, 20, 21),  # no issuer that is known, in several ways
        "--upstream-tls-ca FILE, with the certificate of its authority{or_unverified}",
    ),
}
"""By OpenSSL's number: https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/"""

_NO_TLS = "its address is http://{authority}"
_CERTIFICATE = "--upstream-tls-certificate FILE --upstream-tls-key FILE, if it asks for one"
_BY_REASON = {
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "PACKET_LENGTH_TOO_LONG": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "NO_APPLICATION_PROTOCOL": _HTTP11,
    "CERTIFICATE_REQUIRED": _CERTIFICATE,
    "HANDSHAKE_FAILURE": _CERTIFICATE,
    "ALERT_BAD_CERTIFICATE": _CERTIFICATE,
}
"""By what is in OpenSSL's name of the error; the rest of it differs by version."""


class Upstream(Protocol):
    """Where the upstream is."""

    @property
    def scheme(self) -> Literal["http", "https"]: ...

    @property
    def host(self) -> str: ...

    @property
    def authority(self) -> str: ...


def cure(cause: str, upstream: Upstream, detail: object = "") -> str:
    """What helps, in one line; "" where there is nothing to say but the sentence.

    `detail` is the one of UpstreamFailure: the seconds of a timeout, what is malformed.
    """
    twice = 2 * detail if isinstance(detail, float | int) else 0
    if cause in ("closed", "reset"):
        found = _WITHOUT_A_WORD[upstream.scheme]
    else:
        found = _BY_CAUSE.get(cause) or _BY_WORDS.get(str(detail), "")
    return found.format(authority=upstream.authority, twice=twice)


def of_tls(error: ssl.SSLError | ssl.CertificateError, upstream: Upstream) -> str:
    """What helps against a handshake that failed; "" likewise."""
    reason = f"{getattr(error, 'reason', '')} {error}".upper().replace(" ", "_")
    words = (fix for word, fix in _BY_REASON.items() if word in reason)
    found = _BY_CODE.get(getattr(error, "verify_code", 0)) or next(words, "")
    unverified = ", or --no-upstream-tls-verify" if is_loopback_host(upstream.host) else ""
    return found.format(authority=upstream.authority, or_unverified=unverified)
