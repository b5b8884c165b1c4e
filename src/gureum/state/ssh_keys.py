"""SSH keys that a cloud keeps among its secrets: made on first use."""

from __future__ import annotations

from gureum.state.secrets import Secret, Secrets


def ssh_key(secrets: Secrets, name: str) -> tuple[Secret, str]:
    """Return the private part (OpenSSH's own format) and the public line of the Ed25519 key `name`."""
    made: dict[str, str] = {}

    def make(part: str) -> str:
        if not made:
            made["private"], made["public"] = _new_key()
        return made[part]

    private = secrets.keep(f"{name}.key", lambda: make("private"))
    public = secrets.keep(f"{name}.public", lambda: make("public"))
    return private, public.reveal()


def _new_key() -> tuple[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return private.decode(), public.decode()
