"""tempest.conf: what Tempest has to know of a cloud, each option with its reason where it needs one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gureum.state.secrets import Secret

PREFIX = "gtempest"
"""How the names of all begin that these tests make: longer ones would not fit into a project's name."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What of a cloud decides how it can be tested.

    `services` are the types in its catalogue, `extensions` the aliases that neutron knows;
    `computes` counts the hosts that VMs run on, `emulated` tells that their processors are made by
    QEMU alone. The references are ids. `protocol` is how volumes come to VMs, `shared_type` a volume
    type whose volumes several VMs may have at once, "" where the backend has none.
    """

    auth_url: str
    region: str
    password: Secret
    ca: Path
    services: frozenset[str]
    extensions: tuple[str, ...]
    network: str
    network_name: str
    image: str
    other_image: str
    flavor: str
    larger_flavor: str
    computes: int
    emulated: bool
    disks_in_ceph: bool = False
    backups: bool = False
    shared_type: str = ""
    protocol: str = ""
    converts_images: bool = False
    """Whether glance makes raw of what is imported, as it does for Ceph."""
    objects_can: frozenset[str] = frozenset()
    """What Swift tells of itself that it can, by the names of its own filters."""

    @property
    def several(self) -> bool:
        """Whether a VM can move to another host."""
        return self.computes > 1

    @property
    def volumes(self) -> bool:
        """Whether there are volumes."""
        return bool(self.services & {"block-storage", "volumev3", "volume"})

    @property
    def objects(self) -> bool:
        """Whether there is an object store that keystone's users can use."""
        return "object-store" in self.services


@dataclass(frozen=True)
class Setting:
    """An option of tempest.conf, and why it is not upstream's default where that is not plain."""

    section: str
    option: str
    value: str
    why: str = ""


def settings(facts: Facts, workspace: Path) -> Iterator[Setting]:
    """Yield every option that differs from what Tempest takes for granted."""

    yield _of(
        "DEFAULT",
        "resource_name_prefix",
        PREFIX,
        "what a run leaves is known by its name, and nothing else is ever deleted",
    )
    yield _of("DEFAULT", "log_file", workspace / "tempest.log")
    yield _of("oslo_concurrency", "lock_path", workspace / "locks")
    yield _of("auth", "admin_username", "admin")
    yield _of("auth", "admin_password", facts.password.reveal().replace("$", "$$"))
    yield _of("auth", "admin_project_name", "admin")
    yield _of("auth", "admin_domain_name", "Default")
    yield _of("auth", "use_dynamic_credentials", True)
    yield _of("auth", "tempest_roles", "member", "as ordinary users of this cloud have it")
    yield _of("identity", "uri_v3", facts.auth_url)
    yield _of("identity", "uri", facts.auth_url)
    yield _of("identity", "auth_version", "v3")
    yield _of("identity", "region", facts.region)
    yield _of("identity", "ca_certificates_file", facts.ca)
    yield _of("identity-feature-enabled", "application_credentials", True)
    yield _of("identity-feature-enabled", "access_rules", True)
    yield from _services(facts)
    yield from _compute(facts)
    if facts.volumes:
        yield from _volumes(facts)
    if facts.objects:
        yield from _objects(facts)
    yield from _network(facts)
    yield from _guest()


def _services(facts: Facts) -> Iterator[Setting]:
    yield _of(
        "service_available",
        "cinder",
        facts.volumes,
        "whatever is true here and not there fails instead of being skipped",
    )
    yield _of(
        "image-feature-enabled",
        "image_conversion",
        facts.converts_images,
        "an import into Ceph becomes raw, and formats that cannot become it are refused",
    )
    yield _of("service_available", "swift", facts.objects)
    yield _of("service_available", "horizon", False, "gureum verify logs in to the dashboard")


def _compute(facts: Facts) -> Iterator[Setting]:
    one = "" if facts.several else "a VM has nowhere to go where there is one compute host"
    yield _of("compute", "image_ref", facts.image)
    yield _of("compute", "image_ref_alt", facts.other_image)
    yield _of("compute", "flavor_ref", facts.flavor)
    yield _of("compute", "flavor_ref_alt", facts.larger_flavor)
    yield _of("compute", "min_microversion", "2.1")
    yield _of("compute", "max_microversion", "latest")
    yield _of("compute", "min_compute_nodes", facts.computes)
    section = "compute-feature-enabled"
    yield _of(section, "resize", True)
    yield _of(section, "cold_migration", facts.several, one)
    yield _of(section, "live_migration", facts.several, one)
    yield _of(section, "can_migrate_between_any_hosts", facts.several, one)
    yield _of(section, "live_migrate_back_and_forth", facts.several, one)
    yield _of(section, "shelve_migrate", facts.several, one)
    yield _of(
        section,
        "block_migration_for_live_migration",
        not facts.disks_in_ceph,
        "the disks of VMs lie in Ceph, and stay there when a VM moves"
        if facts.disks_in_ceph
        else "the disks of VMs are files on the compute host, which move along with them",
    )
    yield _of(section, "volume_multiattach", bool(facts.shared_type))
    yield _of(
        section,
        "attach_encrypted_volume",
        False,
        "there is no manager of keys, without which no volume can be encrypted",
    )
    yield _of(section, "vnc_console", True)
    yield _of(section, "ide_bus", False, "the tiny guest has no IDE driver")
    yield _of(section, "stable_rescue", True)
    if facts.emulated:
        slow = "VMs are emulated: everything takes several times as long"
        yield _of("compute", "build_timeout", 420, slow)
        yield _of("validation", "ssh_timeout", 300, slow)
        yield _of("validation", "ping_timeout", 240, slow)
        yield _of("service-clients", "http_timeout", 180, slow)


def _volumes(facts: Facts) -> Iterator[Setting]:
    yield _of(
        "volume",
        "catalog_type",
        "block-storage",
        "cinder stands in the catalogue under the name of its type, not under that of its third API",
    )
    yield _of("volume", "min_microversion", "3.0")
    yield _of("volume", "max_microversion", "latest")
    yield _of("volume", "storage_protocol", facts.protocol)
    if facts.shared_type:
        yield _of("volume", "volume_type_multiattach", facts.shared_type)
    if facts.emulated:
        yield _of("volume", "build_timeout", 420, "a volume waits for a VM that is emulated")
    section = "volume-feature-enabled"
    yield _of(section, "backup", facts.backups)
    yield _of(section, "extend_attached_volume", True)
    yield _of(section, "volume_revert", facts.protocol == "ceph")
    yield _of(section, "supported_crypto_providers", "", "no volume can be encrypted")


def _objects(facts: Facts) -> Iterator[Setting]:
    yield _of(
        "object-storage",
        "reseller_admin_role",
        "admin",
        "administrators set quotas of accounts, and there is no role of its own for that",
    )
    section = "object-storage-feature-enabled"
    yield _of(
        section,
        "discoverable_apis",
        ",".join(sorted(facts.objects_can)),
        "the default takes every filter that Swift has anywhere for present; Swift tells which it has",
    )
    yield _of(section, "container_sync", "container_sync" in facts.objects_can)


def _network(facts: Facts) -> Iterator[Setting]:
    yield _of("network", "public_network_id", facts.network)
    yield _of("network", "floating_network_name", facts.network_name)
    yield _of(
        "network-feature-enabled",
        "api_extensions",
        ",".join(sorted(facts.extensions)),
        "the default takes every extension that exists anywhere for present",
    )
    yield _of("network-feature-enabled", "port_security", "port-security" in facts.extensions)
    yield _of("network-feature-enabled", "ipv6", True)
    yield _of("network-feature-enabled", "ipv6_subnet_attributes", True)


def _guest() -> Iterator[Setting]:
    yield _of("validation", "connect_method", "floating")
    yield _of("validation", "image_ssh_user", "root")
    yield _of("validation", "image_alt_ssh_user", "root")
    yield _of(
        "validation",
        "ssh_shell_prologue",
        "PATH=$$PATH:/sbin:/usr/sbin;",
        "the guest's shell is busybox, which has no pipefail",
    )
    yield _of(
        "scenario",
        "dhcp_client",
        "",
        "empty skips what renews a lease: the tiny guest runs its DHCP client in its own way",
    )


def _of(section: str, option: str, value: object, why: str = "") -> Setting:
    return Setting(
        section, option, str(value).lower() if isinstance(value, bool) else str(value), why
    )


def text(options: Iterable[Setting]) -> str:
    """Return the file: each section once, each reason above its option."""
    sections: dict[str, list[str]] = {}
    for one in options:
        lines = sections.setdefault(one.section, [])
        if one.why:
            lines.append(f"# {one.why}")
        lines.append(f"{one.option} = {one.value}".rstrip())
    return "\n".join(f"[{name}]\n" + "\n".join(lines) + "\n" for name, lines in sections.items())
