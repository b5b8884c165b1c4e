"""libvirt and QEMU: what VMs run on (R-PREP-7)."""

from __future__ import annotations

from gureum.model.cloud import Role
from gureum.services import libvirt_tls
from gureum.services.context import Context
from gureum.services.declaration import Declaration, Task, TextFile, Unit
from gureum.steps.notice import NOBODY, Effect, Notice
from gureum.steps.states import CommandDone
from gureum.steps.step import Phase

_QEMU = "/etc/libvirt/qemu.conf"
_LIBVIRTD = "/etc/libvirt/libvirtd.conf"
_GUESTS = "/etc/default/libvirt-guests"
_GUESTS_UNIT = "/etc/systemd/system/libvirt-guests.service.d/gureum.conf"
_WRAPPER = "/usr/local/lib/gureum/bin/qemu-system-x86_64"

_AT_ONCE = 20
_SHUTDOWN_SECONDS = 60
"""A guest that does not hear the power button must not hold up its host for the default of five minutes."""

_NO_OFFLOADS = """\
#!/bin/sh
# Open vSwitch's userspace datapath drops TCP whose checksum the guest left to the card, so cards
# of VMs do not offer to compute any.
exec /usr/bin/qemu-system-x86_64 "$@" \\
    -global virtio-net-pci.csum=off -global virtio-net-pci.gso=off \\
    -global virtio-net-pci.host_tso4=off -global virtio-net-pci.host_tso6=off \\
    -global virtio-net-pci.host_ecn=off -global virtio-net-pci.host_ufo=off
"""


def declare(c: Context) -> Declaration | None:
    """Declare libvirt for a compute host."""
    if not c.has(Role.COMPUTE):
        return None
    userspace = not c.facts.ovs_kernel
    drop_in = {
        "Service": (f"Environment=PATH={_WRAPPER.rsplit('/', 1)[0]}:/usr/sbin:/usr/bin:/sbin:/bin",)
    }
    return Declaration(
        service="libvirt",
        packages=(
            "libvirt-daemon-system",
            "libvirt-clients",
            "qemu-system-x86",
            "qemu-utils",
            "python3-libvirt",
        ),
        files=(
            TextFile(
                path=_QEMU,
                content='user = "libvirt-qemu"\ngroup = "libvirt-qemu"\ndynamic_ownership = 1\n'
                + ("cgroup_controllers = [ ]\n" if c.facts.container else ""),
                why="VMs run as a user of their own; inside a container libvirt may not move them "
                "between the machine's control groups",
            ),
            TextFile(
                path=_LIBVIRTD,
                content='unix_sock_group = "libvirt"\nunix_sock_rw_perms = "0660"\n'
                'auth_unix_rw = "none"\n' + (libvirt_tls.LIBVIRTD_LINES if c.moves_vms else ""),
                why="nova-compute is in the group libvirt and no one else gets at the VMs"
                + ("; from outside only libvirt of other compute hosts" if c.moves_vms else ""),
            ),
            TextFile(
                path=_GUESTS,
                content="ON_BOOT=ignore\nON_SHUTDOWN=shutdown\n"
                f"PARALLEL_SHUTDOWN={_AT_ONCE}\nSHUTDOWN_TIMEOUT={_SHUTDOWN_SECONDS}\n",
                why="a host that goes down lets its VMs end well, many at once and for a bounded time; "
                "which of them run again is nova's to say",
            ),
            TextFile(
                path=_GUESTS_UNIT,
                content="[Unit]\nAfter=libvirtd.service\n",
                why="libvirt-guests asks libvirtd to shut VMs down, so libvirtd may only end after it",
            ),
            *libvirt_tls.files(c),
            *(
                (
                    TextFile(
                        path=_WRAPPER,
                        content=_NO_OFFLOADS,
                        why="TCP of VMs dies in the userspace datapath unless guests compute their "
                        "own checksums",
                        mode=0o755,
                    ),
                )
                if userspace
                else ()
            ),
        ),
        directories={
            **({"/usr/local/lib/gureum/bin": ("root", "root", 0o755)} if userspace else {}),
            **libvirt_tls.directories(c),
        },
        openings=libvirt_tls.openings(c),
        ports=libvirt_tls.ports(c),
        units=(
            Unit(
                name="libvirtd.socket",
                description="libvirt's socket, open to nova-compute's group",
                user="root",
                notice=NOBODY,
                drop_in={"Socket": ("SocketMode=0660", "SocketGroup=libvirt")},
                drop_in_why="whoever may write to libvirt's socket owns every VM: nova's group alone may",
                reads=(),
                hardened=False,
            ),
            *libvirt_tls.socket(c),
            Unit(
                name="libvirtd",
                description="starts and watches the VMs of this host",
                user="root",
                notice=Notice(
                    says="no VM is started, stopped or changed on this host",
                    seconds=2,
                    effect=Effect.LATER,
                ),
                reads=(_QEMU, _LIBVIRTD, *((_WRAPPER,) if userspace else ())),
                drop_in=drop_in if userspace else {},
                drop_in_why="libvirt starts QEMU by the wrapper that keeps guests' cards from offloading",
                needs=(
                    "libvirt.unit.libvirtd.socket",
                    *((f"libvirt.unit.{libvirt_tls.SOCKET}",) if c.moves_vms else ()),
                ),
                hardened=False,
            ),
        ),
        tasks=(
            Task(
                id="libvirt.python",
                state=CommandDone(
                    check=(c.bin("python"), "-c", "import libvirt"),
                    command=(
                        "sh",
                        "-c",
                        "ln -sf /usr/lib/python3/dist-packages/libvirt*.py "
                        '/usr/lib/python3/dist-packages/libvirtmod*.so "$1"/lib/python3*/site-packages/',
                        "link",
                        c.release.venv,
                    ),
                ),
                why="nova-compute drives libvirt through the distribution's own binding, which fits "
                "its library",
                needs=("base.venv", "base.packages"),
                phase=Phase.INSTALL,
            ),
        ),
    )
