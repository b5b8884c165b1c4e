"""nova's options and why each is set."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.cloud import Role
from gureum.services import nova_volumes, openvswitch
from gureum.services.context import CA_FILE, Context, options_in
from gureum.services.credentials import auth_options, database_url, token_options
from gureum.services.log_lines import log_options
from gureum.services.policy import policy_option
from gureum.services.privsep import helper
from gureum.services.rabbitmq import messaging_options

CONF = "/etc/nova/nova.conf"
FILE = "nova.conf"
# nova-compute refuses to run beside database options, so they stand in a file that it does not read.
DB_CONF = "/etc/nova/nova-database.conf"
DB_FILE = "nova-database.conf"
CONTEXTS = {
    "nova_sys_admin": "nova.privsep.sys_admin_pctxt",
    "vif_plug_ovs_privileged": "vif_plug_ovs.privsep.vif_plug",
    "privsep_osbrick": "os_brick.privileged.default",
}

_PRIVILEGED = {
    "nova_sys_admin": "mounting and partitioning disks of VMs",
    "vif_plug_ovs_privileged": "plugging a VM's NIC into Open vSwitch",
    "privsep_osbrick": "attaching a volume to this host",
}
"""What the helper of each context is for."""


def options(c: Context) -> Iterator[Option]:
    """Yield every option of nova on a host, by its roles."""
    conf = options_in(FILE, "nova")
    yield from log_options(c, FILE, "nova")
    yield from messaging_options(c, FILE, "nova")
    yield from token_options(c, FILE, "nova")
    yield conf(
        "DEFAULT",
        "my_ip",
        c.address,
        "other compute hosts reach this one there for migrations: over the management network",
    )
    yield conf(
        "DEFAULT",
        "host",
        c.host,
        "nova and neutron must file this host under one name, else no port of its VMs is bound",
    )
    yield conf(
        "DEFAULT",
        "state_path",
        "/var/lib/nova",
        "disks and consoles of VMs outlive a release: the default lies in its virtual environment",
    )
    yield conf(
        "oslo_concurrency",
        "lock_path",
        "/var/lib/nova/tmp",
        "nova's processes on one host keep each other off a file, e.g. an image that is being cached",
    )
    yield from auth_options(
        c, FILE, "nova", "placement", "nova asks placement for room and claims it"
    )
    yield from auth_options(c, FILE, "nova", "neutron", "nova asks neutron for the ports of VMs")
    yield from auth_options(
        c,
        FILE,
        "nova",
        "service_user",
        "nova adds its own token to a user's, so that work outlives the user's token",
        region=False,
    )
    yield conf(
        "service_user",
        "send_service_user_token",
        True,
        "long work (a snapshot, a migration) does not fail when the user's token ends",
    )
    yield conf(
        "glance",
        "cafile",
        CA_FILE,
        "images come over TLS, and glance's certificate is one of the cloud's own authority",
    )
    yield conf(
        "glance",
        "region_name",
        c.cloud.region,
        "of a catalogue with several regions nova takes the glance of its own",
    )
    if c.cloud.backends:
        yield from nova_volumes.options(c)
    yield conf(
        "DEFAULT",
        "allow_resize_to_same_host",
        True,
        "a resize may stay on its host: with one compute host there is no other, with several it saves "
        "a copy of the disk; a migration leaves its host all the same",
    )
    if c.has(Role.CONTROLLER):
        yield from _controller_options(c)
    if c.has(Role.COMPUTE):
        yield from _compute_options(c)


def _controller_options(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "nova")
    database = options_in(DB_FILE, "nova")
    yield database(
        "api_database",
        "connection",
        database_url(c, "nova_api", "nova"),
        "what holds for the whole cloud (cells, flavors, quotas) lies in MariaDB",
    )
    yield database(
        "database",
        "connection",
        database_url(c, "nova", "nova"),
        "what is known of the cell's VMs lies in MariaDB, where only controllers get at it",
    )
    yield policy_option(FILE, "nova")
    yield conf(
        "neutron",
        "service_metadata_proxy",
        True,
        "VMs ask the agent on their host for metadata, and nova believes it as to who asks",
    )
    yield conf(
        "neutron",
        "metadata_proxy_shared_secret",
        c.secrets.password("nova.metadata"),
        "the agent signs whom it asks for, else a VM could read another's metadata",
    )
    yield conf(
        "conductor",
        "workers",
        c.workers,
        "a process for each four cores, not for each: it waits for the database and takes 100 MB",
    )
    yield conf(
        "scheduler",
        "workers",
        c.workers,
        "a process for each four cores, not for each: hosts are picked in milliseconds",
    )
    yield conf(
        "oslo_middleware",
        "enable_proxy_headers_parsing",
        True,
        "HAProxy ends TLS and says so in a header; without it links in answers would begin with http",
    )


def _compute_options(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "nova")
    virt_type = c.cloud.compute.virt_type
    chosen = ("kvm" if c.facts.kvm else "qemu") if virt_type == "auto" else virt_type
    yield conf(
        "DEFAULT",
        "compute_driver",
        "libvirt.LibvirtDriver",
        "nova-compute does not start without one; QEMU and KVM are run by way of libvirt",
    )
    yield conf(
        "libvirt",
        "virt_type",
        chosen,
        "the processor's virtualisation works on this host"
        if chosen == "kvm"
        else "/dev/kvm does not work on this host: VMs are emulated, correct but slow",
    )
    yield conf(
        "DEFAULT",
        "resume_guests_state_on_host_boot",
        c.cloud.compute.resume_vms,
        "a host that comes back from a reboot or a power cut runs what it ran before"
        if c.cloud.compute.resume_vms
        else "after a reboot of their host, VMs wait for their owners to start them",
    )
    if chosen == "qemu":
        yield conf(
            "libvirt", "cpu_mode", "none", "emulation has no host processor to pass on to the guest"
        )
    yield conf(
        "libvirt",
        "swtpm_enabled",
        False,
        "a virtual TPM needs swtpm, which is not installed unless asked for",
    )
    yield conf(
        "DEFAULT",
        "running_deleted_instance_poll_interval",
        60,
        "a VM that was deleted while its host was cut off ends within a minute of the host's return; by "
        "default it runs on for half an hour, and takes room that others were given",
    )
    yield conf(
        "os_vif_ovs",
        "ovsdb_connection",
        openvswitch.OVSDB,
        "NICs of VMs are plugged through the local socket, which only its group may use",
    )
    if c.cloud.vm_disks == "ceph":
        yield from nova_volumes.disk_options(c)
    for section, what in _PRIVILEGED.items():
        yield conf(
            section,
            "helper_command",
            helper(c, CONF),
            f"{what} takes root: sudo lets nova start this helper with rights for that, nothing else",
        )
