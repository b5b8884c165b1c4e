"""The certificate authorities that this machine trusts beyond those of the distribution."""

from __future__ import annotations

import os
import re
from pathlib import Path

PEM = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
SHIPPED = Path("/usr/share/ca-certificates")
LOCAL = Path("/usr/local/share/ca-certificates")
BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")
SYSTEM = Path("/etc/ssl/certs/ca-certificates.crt")


def additions() -> tuple[str, ...]:
    """Return the certificates (PEM) that were added to this machine, each once.

    A company's proxy signs with its own authority: a host that does not trust it gets no packages.
    """
    shipped = {pem for path in SHIPPED.rglob("*.crt") for pem in _read(path)}
    places = [SYSTEM, *sorted(LOCAL.rglob("*.crt"))]
    places += [Path(os.environ[name]) for name in BUNDLES if os.environ.get(name)]
    found = {pem: None for path in dict.fromkeys(places) for pem in _read(path)}
    return tuple(pem for pem in found if pem not in shipped)


def _read(path: Path) -> list[str]:
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return []
    return ["\n".join(line.strip() for line in pem.splitlines()) for pem in PEM.findall(text)]
