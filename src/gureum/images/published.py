"""Reads published lists of checksums, and the signatures over them."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from gureum.errors import ImageError
from gureum.images.catalogue import Signed

LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
"""Hexadecimal digits of a checksum by its algorithm."""
_GNU = re.compile(r"^([0-9a-fA-F]{32,128})\s+[*]?(?:\./)?(\S+)\s*$")
_BSD = re.compile(r"^\w+\s*\((?:\./)?(\S+)\)\s*=\s*([0-9a-fA-F]{32,128})\s*$")
_VALID = re.compile(r"^\[GNUPG:\] VALIDSIG ([0-9A-F]{40})(?: .*? ([0-9A-F]{40}))?$", re.MULTILINE)


def checksum_of(listing: str, name: str, algorithm: str, where: str) -> str:
    """Return the checksum that a published list has for a file.

    Reads the form of sha256sum and that of BSD's tools. Raises ImageError where the list has none of the
    file, or one that is not of the algorithm: a page of a proxy, or a list that was cut.
    """
    for line in listing.splitlines():
        if gnu := _GNU.match(line):
            digest, found = gnu.groups()
        elif bsd := _BSD.match(line):
            found, digest = bsd.groups()
        else:
            continue
        if found == name and len(digest) == LENGTHS[algorithm]:
            return digest.lower()
    raise ImageError(
        f"{where} names no {algorithm} of {name}",
        detail="what was read there begins with: "
        + (listing.strip().splitlines() or ["nothing"])[0][:100],
        hint="look at that address; or name the checksum: gureum image add --sha256 DIGEST URL",
    )


def signature(text: bytes, signature_of_it: bytes, signed: Signed) -> str:
    """Prove a published list by its signature; return a line about what was proven, or why nothing was.

    Raises ImageError where the signature is wrong, or by another key than those of the publisher.
    """
    if not Path(signed.keyring).exists() or not shutil.which("gpgv"):
        return (
            f"its signature was not checked: no {signed.keyring} here (package {signed.package}); "
            "HTTPS alone proves the list"
        )
    with tempfile.TemporaryDirectory() as folder:
        data, proof = Path(folder, "list"), Path(folder, "list.sig")
        data.write_bytes(text)
        proof.write_bytes(signature_of_it)
        command = ("gpgv", "--status-fd", "1", "--keyring", signed.keyring, str(proof), str(data))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    keys = {key for found in _VALID.findall(done.stdout) for key in found if key}
    if done.returncode or not keys & signed.fingerprints:
        raise ImageError(
            "the list of checksums is not signed by its publisher",
            detail=done.stderr.strip() or f"signed by {', '.join(keys) or 'nobody'}",
            hint="somebody on the way altered it, or the publisher has new keys: "
            f"apt-get install {signed.package}",
        )
    return f"signed by {', '.join(sorted(keys & signed.fingerprints))[-16:]}"
