"""How an https upstream is verified, and what we show it."""

import ssl

from corsproxy.config.settings import UpstreamTls


def context(settings: UpstreamTls) -> ssl.SSLContext:
    """The context for connections to https upstreams; raises OSError for a file that is no good."""
    made = ssl.create_default_context(cafile=settings.ca)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    if not settings.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if settings.certificate is not None:
        made.load_cert_chain(settings.certificate, settings.key)
    return made
