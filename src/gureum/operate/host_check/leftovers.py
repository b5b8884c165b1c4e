"""What another cloud left on a host, or still runs there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Look, Scene


def find(scene: Scene) -> Iterator[Finding]:
    """Yield hosts that belong, or belonged, to another cloud; nothing of it is ever removed."""
    for look in scene.answered():
        theirs = str(look.grounds.get("authority", ""))
        ours = bool(theirs) and theirs == scene.authority
        if theirs and not ours:
            yield Finding(
                look.host,
                "leftovers.gureum",
                "it belongs to another cloud that gureum built",
                f"/etc/gureum/ca.pem is another authority's{_owner(theirs)}",
                "take it out of that cloud, install it anew, or remove what is left: "
                f"gureum ssh {look.host} rm -r /etc/gureum",
            )
        # A host of this cloud whose mark was deleted is still a host of this cloud.
        yield from _foreign(look, ours=ours or (not theirs and look.host in scene.before))


def _foreign(look: Look, *, ours: bool) -> Iterator[Finding]:
    packages: Sequence[str] = look.grounds.get("packages", ())
    if packages:
        yield Finding(
            look.host,
            "leftovers.packages",
            "OpenStack of the distribution is installed",
            f"packages {_some(packages)}",
            f"remove it on {look.host}: apt-get purge {' '.join(packages)}",
        )
    containers: Sequence[str] = look.grounds.get("containers", ())
    kolla = [c for c in containers if _of_a_cloud(c)]
    if kolla:
        yield Finding(
            look.host,
            "leftovers.containers",
            "containers of another cloud are on it",
            f"containers {_some(kolla)}",
            f"remove them on {look.host}: docker rm --force {' '.join(kolla)}",
        )
    databases: Sequence[str] = look.grounds.get("databases", ())
    if databases and not ours:
        yield Finding(
            look.host,
            "leftovers.databases",
            "MariaDB on it holds somebody's databases",
            f"/var/lib/mysql: {_some(databases)}",
            "keep a dump if they matter, then move them away: "
            f"gureum ssh {look.host} mv /var/lib/mysql /var/lib/mysql.before",
        )


def _of_a_cloud(container: str) -> bool:
    parts = ("nova", "neutron", "keystone", "glance", "cinder", "kolla", "placement", "mariadb",
             "rabbitmq", "openvswitch", "ovn", "libvirt", "haproxy")  # fmt: skip
    return container.startswith(parts)


def _some(names: Sequence[str]) -> str:
    rest = len(names) - 4
    return ", ".join(names[:4]) + (f" and {rest} more" if rest > 0 else "")


def _owner(pem: str) -> str:
    """Return of which cloud an authority's certificate is, as the end of a sentence."""
    from cryptography import x509

    try:
        subject = x509.load_pem_x509_certificate(pem.encode()).subject.rfc4514_string()
    except ValueError:
        return ""
    return f" ({subject})"
