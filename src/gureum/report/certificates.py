"""The certificates of a cloud: for whom, by whom, and how long they are good."""

from __future__ import annotations

import time
from dataclasses import dataclass

from gureum.operate.deployment import Blueprint, Deployment


@dataclass(frozen=True, kw_only=True)
class CertificateFacts:
    """A certificate by its public part; `fingerprint` is SHA-256 in hexadecimal pairs."""

    what: str
    names: tuple[str, ...]
    ends: float
    days: int
    fingerprint: str


def certificates(deployment: Deployment, blueprint: Blueprint) -> tuple[CertificateFacts, ...]:
    """Return the authority's own certificate, then that of each host that serves the API."""
    found = [_facts("the cloud's own authority", deployment.folder.ca.read_text())]
    for name, host in blueprint.hosts.items():
        if any(d.service == "haproxy" for d in host.declarations):
            chain = blueprint.contexts[name].certificate_bundle.reveal()
            found.append(_facts(f"the API on {name}", chain.partition("-----BEGIN PRIVATE")[0]))
    return tuple(found)


def _facts(what: str, pem: str) -> CertificateFacts:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    certificate = x509.load_pem_x509_certificate(pem.encode())
    names: tuple[str, ...] = ()
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            names = tuple(str(name.value) for name in extension.value)
    ends = certificate.not_valid_after_utc.timestamp()
    return CertificateFacts(
        what=what,
        names=tuple(sorted(names)),
        ends=ends,
        days=int((ends - time.time()) // 86400),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
    )
