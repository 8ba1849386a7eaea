"""The local authority: a certificate authority of this user's own, which speaks for local names.

Its key is the most dangerous file that this program ever writes: whoever has it can pretend to be
any server whose name it may speak for, to every browser that trusts it. So:

- it is made once, on this machine, readable by its owner alone, and never leaves it;
- its certificate names what it may speak for (RFC 5280, 4.2.1.10, name constraints, critical):
  names and addresses that mean nothing on the internet, and those in `allowed_hosts` when it was
  made. Chromium, Firefox and OpenSSL hold an authority to that also where it is trusted by hand;
- it makes no other authorities (path length 0), and certificates for servers only;
- the certificates that it makes live in memory, for as long as the program runs.

A name outside (an `allowed_hosts` that was added later) gets no certificate: `trust` makes the
authority anew then, with the names of both.
"""

import contextlib
import ipaddress
import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "corsproxy local authority"

_LOCAL_DOMAINS = ("localhost", "test", "local", "internal", "home.arpa", "localtest.me")
"""RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`; and localtest.me, which leads to loopback."""

_LOCAL_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
            *("::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)

_YEARS_OF_AUTHORITY = 10
_DAYS_OF_CERTIFICATE = 397
"""Apple's systems take no longer from an authority that everybody trusts (825 from others)."""

_CLOCK_SKEW = timedelta(days=1)
_KEY_FILE, _CERTIFICATE_FILE = "authority-key.pem", "authority.crt"


PrivateKey = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key, as PEM in one text, for `names` (host names and addresses)."""

    pem: bytes
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority of one user. `load` and `make` raise OSError, with a fix where one is known."""

    folder: Path
    certificate: x509.Certificate
    _key: PrivateKey

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """The one in `folder`; None where there is none yet."""
        path = folder / _KEY_FILE
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unusable(folder, "read", error) from error
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            message = f"{path}: others may read the key of the local authority"
            raise OSError(f"{message}\n  fix: corsproxy trust --remove, then corsproxy trust")
        with contextlib.suppress(ValueError, TypeError, x509.ExtensionNotFound):
            key = serialization.load_pem_private_key(content, None)
            certificate = x509.load_pem_x509_certificate(content)
            if isinstance(key, PrivateKey) and _permitted(certificate):
                return cls(folder, certificate, key)
        message = f"{path} is not the key of a local authority"
        raise OSError(f"{message}\n  fix: corsproxy trust --remove, then corsproxy trust")

    @classmethod
    def make(cls, folder: Path, hosts: Iterable[str] = ()) -> Self:
        """A new one, kept in `folder`; or the one that another program has made meanwhile.

        It may speak for local names and those of `hosts` (as in `allowed_hosts`).
        """
        key = ec.generate_private_key(ec.SECP256R1())
        made = cls(folder, _root(key, hosts), key)
        pem = _key_pem(key) + made.pem
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _created(folder / _KEY_FILE, pem)
        except OSError as error:
            if isinstance(error, FileExistsError) and (other := cls.load(folder)):
                return other
            raise _unusable(folder, "kept", error) from error
        return made

    @classmethod
    def remove(cls, folder: Path) -> bool:
        """Delete its files; whether there were any."""
        found = [path for path in (folder / _KEY_FILE, folder / _CERTIFICATE_FILE) if path.exists()]
        for path in found:
            path.unlink()
        return bool(found)

    def extended(self, hosts: Iterable[str]) -> Self:
        """One that speaks for `hosts` as well, in the place of this one."""
        kept = [str(name.value) for name in _permitted(self.certificate)]
        type(self).remove(self.folder)
        return type(self).make(self.folder, [*kept, *hosts])

    @property
    def pem(self) -> bytes:
        """The certificate, which anyone may have."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def certificate_file(self) -> Path:
        """A file with the certificate alone, to give to stores; written where it is missing."""
        path = self.folder / _CERTIFICATE_FILE
        with contextlib.suppress(FileNotFoundError):
            if path.read_bytes() == self.pem:
                return path
        path.unlink(missing_ok=True)
        _created(path, self.pem, 0o644)
        return path

    @property
    def nickname(self) -> str:
        """What stores call it: its name, and the beginning of its fingerprint."""
        return f"{NAME} {self.certificate.fingerprint(hashes.SHA256()).hex()[:8]}"

    @property
    def expired(self) -> bool:
        """Whether browsers take its word no more."""
        return datetime.now(UTC) > self.certificate.not_valid_after_utc - timedelta(days=30)

    @property
    def _permitted_domains(self) -> list[str]:
        permitted = _permitted(self.certificate)
        return [name.value for name in permitted if isinstance(name, x509.DNSName)]

    def speaks_for(self, name: str) -> bool:
        """Whether browsers take its word for this host name or address (no brackets)."""
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            ends = (f".{domain}" for domain in self._permitted_domains)
            return f".{name}".endswith(tuple(ends))
        values = (
            one.value for one in _permitted(self.certificate) if isinstance(one, x509.IPAddress)
        )
        networks = (one for one in values if isinstance(one, IPv4Network | IPv6Network))
        return any(address.version == net.version and address in net for net in networks)

    def unspoken(self, hosts: Iterable[str]) -> list[str]:
        """The names of `hosts` (as in `allowed_hosts`) that it may not speak for."""
        bare = {host: host.removeprefix("*.").strip("[]").removesuffix(".") for host in hosts}
        return [host for host, name in bare.items() if host != "*" and not self.speaks_for(name)]

    def issue(self, names: Iterable[str]) -> Issued:
        """A certificate for those of `names` that it may speak for, good from now on."""
        held = sorted({name for name in names if self.speaks_for(name)})
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name("corsproxy, a local server")  # no host: names are read from elsewhere
        builder = _dated(self.certificate.subject, subject, key, days=_DAYS_OF_CERTIFICATE)
        for extension, critical in (
            (x509.SubjectAlternativeName(map(_general_name, held)), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (_usage(signs=False), True),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False),
        ):
            builder = builder.add_extension(extension, critical=critical)
        certificate = builder.sign(self._key, hashes.SHA256())
        pem = _key_pem(key) + certificate.public_bytes(serialization.Encoding.PEM)
        return Issued(pem, frozenset(held))


def _unusable(folder: Path, what: str, error: OSError) -> OSError:
    message = f"{folder}: the local authority cannot be {what}: {error.strerror}"
    return OSError(
        f"{message}\n  fix: XDG_DATA_HOME=FOLDER, or tls: {{certificate: FILE, key: FILE}}"
    )


def _permitted(certificate: x509.Certificate) -> list[x509.GeneralName]:
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    return constraints.value.permitted_subtrees or []


def _root(key: ec.EllipticCurvePrivateKey, hosts: Iterable[str]) -> x509.Certificate:
    name = _name(NAME)
    builder = _dated(name, name, key, days=365 * _YEARS_OF_AUTHORITY)
    permitted: dict[x509.GeneralName, None] = dict.fromkeys(
        map(x509.DNSName, _LOCAL_DOMAINS)
    ) | dict.fromkeys(map(x509.IPAddress, _LOCAL_NETWORKS))
    permitted |= dict.fromkeys(_constraint(host) for host in hosts if host != "*")
    for extension, critical in (
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.NameConstraints(list(permitted), None), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (_usage(signs=True), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key, hashes.SHA256())


def _name(common: str) -> x509.Name:
    user = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "corsproxy")]
    return x509.Name([*user, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _dated(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - _CLOCK_SKEW,
        not_valid_after=now - _CLOCK_SKEW + timedelta(days=days),
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _constraint(host: str) -> x509.GeneralName:
    """What a name of `allowed_hosts` permits: it, and all below it."""
    name = host.removeprefix("*.").strip("[]").removesuffix(".")
    try:
        return x509.IPAddress(ipaddress.ip_network(name))
    except ValueError:
        return x509.DNSName(name)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _created(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file that does not exist, whole or not at all; raises FileExistsError if it does."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        if os.name == "posix":
            os.link(beside, path)  # the one way of naming a file that replaces none
        else:
            beside.rename(path)  # on Windows it replaces none
    finally:
        beside.unlink(missing_ok=True)
