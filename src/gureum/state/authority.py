"""The cloud's own certificate authority and the certificates it issues (D8)."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from gureum.state.folder import CloudFolder

_CA_YEARS = 10
_LEAF_DAYS = 365 * 2
_RENEW_DAYS = 60


@dataclass(frozen=True)
class Certificate:
    """A certificate with its chain and its key, as PEM text. `key` never leaves for a log."""

    chain: str
    key: str

    @property
    def bundle(self) -> str:
        """Chain and key in one text, as HAProxy reads them."""
        return self.chain + self.key

    def __repr__(self) -> str:
        return "Certificate(***)"


class Authority:
    """Issues certificates for one cloud. The key is EC P-256: small, and quick to verify."""

    def __init__(self, folder: CloudFolder) -> None:
        self._folder = folder
        if not (folder.ca.exists() and folder.ca_key.exists()):
            self._make()
        self.pem = folder.ca.read_text()

    def certificate(self, name: str, names: Iterable[str], unit: str = "") -> Certificate:
        """Return the certificate `name` for these host names and addresses.

        It is made on first use, when the names change, and 60 days before it ends. With `unit`, its
        organisational unit, it proves who connects as well as who is connected to: what serves only
        some asks for that unit.
        """
        wanted = sorted(set(names))
        parts = [self.pem, *wanted, *([unit] if unit else [])]
        tag = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
        path = self._folder.certificates / f"{name}-{tag}.pem"
        if path.exists():
            chain, _, key = path.read_text().partition("-----BEGIN PRIVATE KEY-----")
            if self._days_left(chain) > _RENEW_DAYS:
                return Certificate(chain, "-----BEGIN PRIVATE KEY-----" + key)
        issued = self._issue(name, wanted, unit)
        self._folder.write(path, issued.bundle)
        return issued

    @staticmethod
    def _days_left(pem: str) -> float:
        from cryptography import x509

        end = x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc
        return (end - datetime.datetime.now(datetime.UTC)).total_seconds() / 86400

    def _make(self) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID

        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, f"gureum authority of {self._folder.name}")]
        )
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=365 * _CA_YEARS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(authority=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(key, hashes.SHA256())
        )
        self._folder.write(self._folder.ca_key, _key_pem(key))
        self._folder.write(self._folder.ca, _pem(certificate), 0o644)

    def _issue(self, name: str, names: list[str], unit: str) -> Certificate:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

        ca = x509.load_pem_x509_certificate(self.pem.encode())
        ca_key = serialization.load_pem_private_key(self._folder.ca_key.read_bytes(), None)
        assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.UTC)
        subject = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH]
        if unit:
            subject.insert(0, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
            purposes.append(ExtendedKeyUsageOID.CLIENT_AUTH)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(subject))
            .issuer_name(ca.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=_LEAF_DAYS))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(
                x509.SubjectAlternativeName([_alternative(n) for n in names]), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
                critical=False,
            )
            .sign(ca_key, hashes.SHA256())
        )
        return Certificate(_pem(certificate), _key_pem(key))


def _alternative(name: str):  # type: ignore[no-untyped-def]
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_usage(*, authority: bool):  # type: ignore[no-untyped-def]
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate) -> str:  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives import serialization

    return str(certificate.public_bytes(serialization.Encoding.PEM).decode())


def _key_pem(key) -> str:  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives import serialization

    return str(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
    )
