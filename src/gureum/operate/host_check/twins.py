"""Two hosts that are one, or copies of one: cloned machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Look, Scene


def find(scene: Scene) -> Iterator[Finding]:
    """Yield hosts that share a machine id, an SSH host key or a MAC address with one before them.

    Their host names may agree still: gureum gives each host the name that the input has for it.
    """
    yield from _shared(
        scene,
        "machine_id",
        "machine id",
        lambda look: [str(look.grounds.get("machine_id", ""))],
        "rm /etc/machine-id; systemd-machine-id-setup; systemctl reboot",
    )
    yield from _shared(
        scene,
        "host_key",
        "SSH host key",
        lambda look: list(look.grounds.get("host_keys", ())),
        "rm /etc/ssh/ssh_host_*; dpkg-reconfigure openssh-server",
    )
    yield from _shared(
        scene,
        "mac",
        "MAC address",
        lambda look: [n["mac"] for n in look.facts["nics"] if n["name"] != "lo" and not n["kind"]],
        "ip -brief link",
    )


def _shared(
    scene: Scene, kind: str, what: str, values: Callable[[Look], list[str]], command: str
) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for look in scene.answered():
        for value in values(look):
            first = owners.setdefault(value, look.host) if value else look.host
            if first == look.host:
                continue
            yield Finding(
                look.host,
                f"twins.{kind}",
                f"it has the {what} of {first}: one is a copy of the other",
                f"both have {value[:60]}",
                f"give it one of its own, on {look.host}: {command}",
            )
            break
