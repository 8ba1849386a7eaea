"""What an https address shows its clients, and what is told of handshakes that fail."""

import logging
import os
import ssl
import tempfile
from collections.abc import Iterable
from pathlib import Path

from corsproxy.config.address import TcpAddress
from corsproxy.config.allowed_hosts import Hosts
from corsproxy.config.listen_scheme import speaks_https
from corsproxy.config.settings import Config, Tls
from corsproxy.limits import MAX_MADE_CERTIFICATES

logger = logging.getLogger("corsproxy")

_ALWAYS = ("localhost", "127.0.0.1", "::1")

_UNTRUSTED = {"UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "BAD_CERTIFICATE"}
_EXPIRED = {"CERTIFICATE_EXPIRED"}
_TOO_OLD = {"UNSUPPORTED_PROTOCOL", "NO_SHARED_CIPHER", "VERSION_TOO_LOW", "NO_PROTOCOLS_AVAILABLE"}


class ServerTls:
    """The contexts of one program's https addresses; replaced at a reload, by `use`.

    The loop's sockets ask for them at each new connection, so the old ones keep theirs.
    """

    def __init__(self) -> None:
        self._contexts: Contexts | None = None
        self._told: set[str] = set()

    def use(self, contexts: "Contexts | None") -> None:
        """Let new connections have these, which `prepared` made."""
        self._contexts = contexts

    def context(self, local_address: str) -> ssl.SSLContext:
        """The context for a connection that came to `local_address` of this machine."""
        assert self._contexts is not None
        return self._contexts.context(local_address)

    @property
    def note(self) -> list[str]:
        """What start-up says of it; nothing where the certificate is the user's own."""
        return [] if self._contexts is None else self._contexts.note

    def failed(self, error: Exception) -> None:
        """Tell why a handshake failed, each cause once: browsers repeat what fails."""
        files = self._contexts is not None and not self._contexts.auto
        cause = _cause(error, files=files)
        if cause and cause not in self._told:
            self._told.add(cause)
            logger.warning(cause)  # whole: what only differs in arguments is told as one


def prepared(config: Config) -> "Contexts | None":
    """What `ServerTls.use` takes; None without an https address. Raises OSError, with a fix."""
    if not speaks_https(config.listen):
        return None
    return _Made(config) if config.tls.auto else _Given(config.tls)


class Contexts:
    """Contexts by the address that a client came to: what `prepared` makes."""

    auto = False
    note: list[str] = []  # noqa: RUF012 - never changed

    def context(self, local_address: str) -> ssl.SSLContext:
        raise NotImplementedError


class _Given(Contexts):
    """One context: the certificate comes from a file."""

    def __init__(self, tls: Tls) -> None:
        assert tls.certificate is not None
        self._context = _new_context()
        try:
            self._context.load_cert_chain(tls.certificate, tls.key)
        except OSError as error:
            why = error.strerror or error
            raise OSError(f"tls: {tls.certificate} and {tls.key}: {why}") from error

    def context(self, local_address: str) -> ssl.SSLContext:  # noqa: ARG002 - it fits or not
        return self._context


class _Made(Contexts):
    """Certificates of the local authority, for every name that is served here.

    One is for all names that are known; the names that a pattern allows, and addresses of this
    machine, are served with one of their own as they are asked for.
    """

    auto = True

    def __init__(self, config: Config) -> None:
        from corsproxy.trust.authority import Authority
        from corsproxy.trust.data_folder import data_folder

        folder = data_folder()
        self._authority = Authority.load(folder) or Authority.make(folder, config.allowed_hosts)
        if self._authority.expired:
            raise OSError(f"{folder}: the local authority expires\n  fix: corsproxy trust")
        single = not all(address.loopback for address in config.listen)
        self._hosts = Hosts(config.allowed_hosts, single_labels=single)
        self._names = {*_ALWAYS, *_listed(config)}
        self._by_name: dict[str, ssl.SSLContext] = {}
        self._context = self._made(self._names)
        self.note = list(self._said())

    def context(self, local_address: str) -> ssl.SSLContext:
        address = local_address.partition("%")[0].removeprefix("::ffff:")
        if not address or address in self._names or not self._authority.speaks_for(address):
            return self._context
        return self._for(address, {*self._names, address})

    def _made(self, names: Iterable[str]) -> ssl.SSLContext:
        context = _new_context()
        _load(context, self._authority.issue(names).pem)
        context.sni_callback = self._named
        return context

    def _named(self, tls: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: object) -> None:
        """Serve with a certificate for the name that the client asks for, if it is served here."""
        host = self._hosts.read(name) if name else None
        if host is None or not host.allowed or host.name in self._names:
            return
        if self._authority.speaks_for(host.name):
            tls.context = self._for(host.name, [host.name])

    def _for(self, name: str, names: Iterable[str]) -> ssl.SSLContext:
        if name not in self._by_name:
            if len(self._by_name) >= MAX_MADE_CERTIFICATES:
                self._by_name.clear()
            self._by_name[name] = self._made(names)
        return self._by_name[name]

    def _said(self) -> Iterable[str]:
        folder = self._authority.folder
        yield f"  https by the local authority in {folder} (once: corsproxy trust)"
        unspoken = sorted(name for name in self._names if not self._authority.speaks_for(name))
        if unspoken:
            names = ", ".join(unspoken)
            yield f"  no certificate for {names}: the local authority was made without"
            yield "    fix: corsproxy trust with the same settings, then start anew"


def _listed(config: Config) -> Iterable[str]:
    """The names and addresses that the settings give, patterns left out."""
    for address in config.listen:
        if isinstance(address, TcpAddress) and address.reachable == address:
            yield address.host
    for host in config.allowed_hosts:
        if not host.startswith("*"):
            yield host.strip("[]").removesuffix(".")


def _new_context() -> ssl.SSLContext:
    """TLS 1.2 and up, HTTP/1.1 and nothing else (ALPN: RFC 7301)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    return context


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    """Load what is in memory. OpenSSL reads files only: one without a name, where there are such.

    (A container's file system may be read-only.)
    """
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("certificate")
        try:
            os.write(file, pem)
            context.load_cert_chain(f"/proc/self/fd/{file}")
        finally:
            os.close(file)
        return
    with tempfile.TemporaryDirectory() as folder:  # its owner's alone
        path = Path(folder, "certificate.pem")
        path.write_bytes(pem)
        context.load_cert_chain(path)


def _cause(error: Exception, *, files: bool) -> str:
    """One sentence, with its fix; nothing where a client only went away."""
    reason = getattr(error, "reason", None) or ""
    alert = reason.partition("_ALERT_")[2] or reason
    if alert in _UNTRUSTED:
        fix = "give it the authority of tls.certificate" if files else "corsproxy trust"
        return f"a client does not trust the certificate that it is shown; fix: {fix}"
    if alert in _EXPIRED:
        return "a client takes the certificate for expired: look at its clock, and at ours"
    if reason in _TOO_OLD:
        return "a client speaks no TLS that is good enough: 1.2 is the least"
    if reason:
        return f"a TLS handshake failed: {reason.lower().replace('_', ' ')}"
    return "a client did not finish its TLS handshake" if isinstance(error, TimeoutError) else ""
