"""Facts about what the kernel and the init system can do."""

from __future__ import annotations

import fcntl
import os
import socket
import struct

from gureum.remote.process import run

KVM_CREATE_VM = 0xAE01
GENL_CTRL = 0x10
CTRL_CMD_GETFAMILY = 3
CTRL_ATTR_FAMILY_NAME = 2


def kvm() -> dict[str, object]:
    """Return whether /dev/kvm really makes a VM (`works`), and if not, why.

    A kernel may offer KVM without the CPU's help (pvm), which does not run common guests: on x86
    the device counts only together with vmx or svm.
    """
    if os.uname().machine == "x86_64" and not virtualisation_flags():
        return {"works": False, "why": "the CPU offers neither vmx nor svm"}
    try:
        handle = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        return {"works": False, "why": f"/dev/kvm: {error.strerror}"}
    try:
        os.close(fcntl.ioctl(handle, KVM_CREATE_VM, 0))
    except OSError as error:
        return {"works": False, "why": f"/dev/kvm makes no VM: {error.strerror}"}
    finally:
        os.close(handle)
    return {"works": True, "why": ""}


def virtualisation_flags() -> list[str]:
    """Return which of vmx and svm the CPU has."""
    try:
        with open("/proc/cpuinfo") as source:
            flags = next((line for line in source if line.startswith("flags")), "").split()
    except OSError:
        return []
    return [flag for flag in ("vmx", "svm") if flag in flags]


def openvswitch() -> str:
    """Return whether the kernel has Open vSwitch's datapath: `loaded`, `loadable` or `absent`."""
    if _generic_netlink_family("ovs_datapath"):
        return "loaded"
    folder = f"/lib/modules/{os.uname().release}"
    for name in ("modules.dep", "modules.builtin"):
        try:
            with open(os.path.join(folder, name)) as source:
                if "/openvswitch.ko" in source.read():
                    return "loadable"
        except OSError:
            continue
    return "absent"


def container() -> bool:
    """Return whether the host is a container, which shares its machine's clock and kernel."""
    return os.path.exists("/run/systemd/container") or os.path.exists("/run/host/container-manager")


def systemd() -> str:
    """Return systemd's own state (`running`, `degraded`, …), `absent` where it is not init."""
    if not os.path.isdir("/run/systemd/system"):
        return "absent"
    return run(("systemctl", "is-system-running"), timeout=5).output.strip()


def _generic_netlink_family(name: str) -> bool:
    """Ask the kernel for a generic netlink family; this also finds what is built in."""
    payload = name.encode() + b"\0"
    attribute = struct.pack("=HH", 4 + len(payload), CTRL_ATTR_FAMILY_NAME) + payload
    attribute += b"\0" * (-len(attribute) % 4)
    body = struct.pack("=BBH", CTRL_CMD_GETFAMILY, 1, 0) + attribute
    message = struct.pack("=IHHII", 16 + len(body), GENL_CTRL, 1, 1, 0) + body
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16) as link:
            link.settimeout(1)
            link.bind((0, 0))
            link.send(message)
            answer = link.recv(4096)
    except OSError:
        return False
    return bool(struct.unpack_from("=H", answer, 4)[0] == GENL_CTRL)
