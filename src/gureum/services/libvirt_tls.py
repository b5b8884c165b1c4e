"""How libvirt and QEMU of two compute hosts reach each other: by TLS, both ends known (R-OPS-6).

A VM that moves alive is asked for by the libvirt of its host at that of the other one (port 16514),
and its memory and disks go from QEMU to QEMU (49152 to 49215). Both ends show a certificate of the
cloud's own authority that is issued to compute hosts alone.
"""

from __future__ import annotations

from gureum.services.context import Context
from gureum.services.declaration import Opening, OpenTo, Port, TextFile, Unit
from gureum.steps.notice import NOBODY

UNIT = "compute hosts"
"""The organisational unit in the certificates of compute hosts; no other certificate bears it."""
PORT = 16514
SOCKET = "libvirtd-tls.socket"
QEMU_GROUP = "libvirt-qemu"
_LIBVIRT = "/etc/pki/libvirt"
_QEMU = "/etc/pki/qemu"
_CA = "/etc/pki/CA/cacert.pem"

LIBVIRTD_LINES = f'tls_allowed_dn_list = ["*OU={UNIT}*"]\n'
"""Lines of libvirtd.conf: whoever may speak with libvirt owns every VM of the host."""


def directories(c: Context) -> dict[str, tuple[str, str, int]]:
    """Return the folders of certificates and keys."""
    if not c.moves_vms:
        return {}
    return {
        "/etc/pki": ("root", "root", 0o755),
        "/etc/pki/CA": ("root", "root", 0o755),
        _LIBVIRT: ("root", "root", 0o755),
        f"{_LIBVIRT}/private": ("root", "root", 0o700),
        _QEMU: ("root", QEMU_GROUP, 0o750),
    }


def files(c: Context) -> tuple[TextFile, ...]:
    """Return certificates and keys where libvirt and QEMU look for them by themselves."""
    if not c.moves_vms:
        return ()
    certificate, key = c.moving.certificate, c.moving.key.reveal()
    return (
        _file(_CA, c.ca, "libvirt believes only certificates of the cloud's own authority"),
        _file(
            f"{_LIBVIRT}/servercert.pem",
            certificate,
            "the libvirt of another compute host sees by it that it asked the right host to take a VM",
        ),
        _key(
            f"{_LIBVIRT}/private/serverkey.pem",
            key,
            "libvirt proves with it that the certificate it answers with is its own",
        ),
        _file(
            f"{_LIBVIRT}/clientcert.pem",
            certificate,
            "another compute host's libvirt takes VMs from compute hosts of this cloud only",
        ),
        _key(
            f"{_LIBVIRT}/private/clientkey.pem",
            key,
            "libvirt proves with it that it is the compute host which its certificate names",
        ),
        _file(
            f"{_QEMU}/ca-cert.pem",
            c.ca,
            "QEMU sends a VM's memory and disk only to one whom the cloud's own authority knows",
        ),
        *(
            one
            for end, says in (
                ("server", "a QEMU that takes a VM in shows whose memory and disk it may be sent"),
                ("client", "a QEMU that a VM leaves shows that the VM comes from this cloud"),
            )
            for one in (
                _file(f"{_QEMU}/{end}-cert.pem", certificate, says),
                _key(
                    f"{_QEMU}/{end}-key.pem",
                    key,
                    f"{says}, and proves it; QEMU's own user alone may read it",
                    group=QEMU_GROUP,
                ),
            )
        ),
    )


def socket(c: Context) -> tuple[Unit, ...]:
    """Return the socket at which libvirt takes VMs of other hosts in."""
    if not c.moves_vms:
        return ()
    return (
        Unit(
            name=SOCKET,
            description="libvirt's socket for the compute hosts whose VMs move here",
            user="root",
            notice=NOBODY,
            drop_in={
                "Socket": ("ListenStream=", f"ListenStream={c.address}:{PORT}", "FreeBind=yes")
            },
            drop_in_why="libvirt is offered on the management network alone, by default on every address",
            needs=tuple(f"libvirt.file.{file.path}" for file in files(c)),
            ready_port=(c.address, PORT),
            hardened=False,
        ),
    )


def ports(c: Context) -> tuple[Port, ...]:
    """Return where libvirt listens for other compute hosts."""
    if not c.moves_vms:
        return ()
    return (
        Port(
            number=PORT,
            address=c.address,
            unit=SOCKET,
            purpose="VMs that move here are announced",
            open_to=OpenTo.COMPUTES,
        ),
    )


def openings(c: Context) -> tuple[Opening, ...]:
    """Return where QEMU takes in memory and disks, a port for each VM that is on its way."""
    if not c.moves_vms:
        return ()
    return (
        Opening(
            first=49152,
            last=49215,
            purpose="memory and disks of VMs that move here",
            open_to=OpenTo.COMPUTES,
        ),
    )


def _file(path: str, content: str, why: str) -> TextFile:
    return TextFile(path=path, content=content, why=why)


def _key(path: str, content: str, why: str, group: str = "root") -> TextFile:
    mode = 0o600 if group == "root" else 0o640
    return TextFile(path=path, content=content, why=why, group=group, mode=mode, hidden=True)
