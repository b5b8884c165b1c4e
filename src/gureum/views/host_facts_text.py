"""What hosts are and have, as text: one block for each host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gureum.operate.host_facts import NicFact, TakenHost
from gureum.views.data import Line
from gureum.views.table import columns
from gureum.views.wording import hint

_DATAPATH = {
    "loaded": "in the kernel, loaded",
    "loadable": "in the kernel, loaded on demand",
    "absent": "not in the kernel: Open vSwitch runs its userspace datapath",
}


def lines(found: Sequence[TakenHost]) -> Iterator[Line]:
    """Yield a block for each host."""
    for place, host in enumerate(found):
        if place:
            yield "", ""
        yield f"{host.name}  {host.where}", "bold"
        if host.error:
            yield f"  {host.error}", "red"
            if host.hint:
                yield hint(host.hint, "  "), ""
            continue
        yield from ((f"  {line}", "") for line in columns(list(_rows(host))))
        yield "", ""
        head = ["NIC", "network", "address", "MTU", "MAC", "why"]
        rows = [head, *(_nic(nic) for nic in host.nics)]
        first, *others = columns(rows, right="   r")
        yield f"  {first}", "bold"
        yield from ((f"  {line}", "") for line in others)
        for problem in host.unresolved:
            yield f"  {problem}", "red"


def _rows(host: TakenHost) -> Iterator[list[str]]:
    yield ["system", f"{host.os}, Linux {host.kernel} ({host.arch})" + _inside(host)]
    yield ["host name", host.hostname]
    yield ["python3", host.python]
    yield ["processors", str(host.cpus)]
    memory = f"{host.memory_mb / 1024:.1f} GB, {host.memory_free_mb / 1024:.1f} GB of it free"
    yield ["memory", memory]
    for disk in host.disks:
        sizes = f"{disk['total_mb'] / 1024:.0f} GB, {disk['free_mb'] / 1024:.0f} GB of it free"
        yield [f"disk {disk['path']}", sizes]
    kvm = "KVM works" if host.kvm else f"VMs are emulated: {host.kvm_why}"
    more = [*host.cpu_flags, *([f"nested VMs {host.nested}"] if host.nested else [])]
    yield ["virtualisation", f"{kvm} ({', '.join(more)})" if more else kvm]
    yield ["openvswitch", _DATAPATH.get(host.openvswitch, host.openvswitch)]
    margin = f"within {max(1, round(host.margin_seconds * 1000))} ms"
    yield ["clock", f"{host.offset_seconds:+.3f} s against this machine, measured {margin}"]


def _inside(host: TakenHost) -> str:
    return ", a container: kernel and clock are its machine's" if host.container else ""


def _nic(nic: NicFact) -> list[str]:
    addresses = ", ".join(nic.addresses) or ("-" if nic.up else "- (down)")
    why = "; ".join(dict.fromkeys(nic.networks.values()))
    return [nic.name, ", ".join(nic.networks) or "-", addresses, str(nic.mtu), nic.mac, why]
