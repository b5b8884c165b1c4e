"""Networks and their bridges: what travels there, over which NIC of each host, and who says so."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.model.cloud import Driver, Role
from gureum.operate.explain.answer import Answer, Fact, Row, Thing
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene
from gureum.remote.facts_network import TUNNEL_BRIDGE
from gureum.services.declaration import Task
from gureum.services.openvswitch import PROVIDER
from gureum.steps.network import OvsConfigured

_PURPOSE = {
    "management": "hosts, APIs, database and message queue talk over it",
    "tunnel": "carries project networks between hosts, in tunnels",
    "provider": "leads out of the cloud: floating IPs live on it",
}
_BRIDGES = {
    TUNNEL_BRIDGE: "holds the tunnel NIC and its address, where Open vSwitch runs in userspace",
    "br-int": "joins what is on this host: VMs, routers, the other bridges; {writer} writes its flows",
    "br-tun": "ends the tunnels from other hosts; {writer} writes its flows",
    PROVIDER: "joins the provider network's NIC with br-int: traffic out of the cloud",
}
_WRITERS = {Driver.OVN: "ovn-controller", Driver.OVS: "neutron-openvswitch-agent"}


def find(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield the network or bridge of that name, also by its subnet or neutron's name for it."""
    physical = scene.cloud.networks.provider.physical_network
    names = {"provider": (physical, "provider")}
    for network in _PURPOSE:
        cidr = getattr(scene.cloud.networks, network).cidr
        if asked.word and asked.word in (network, *names.get(network, ()), str(cidr)):
            yield _network(scene, network)
    for bridge, purpose in _BRIDGES.items():
        if asked.word == bridge and _having(scene, bridge):
            yield _bridge(scene, bridge, purpose.format(writer=_writer(scene)))


def _writer(scene: Scene) -> str:
    return _WRITERS[scene.cloud.network.driver]


def _having(scene: Scene, bridge: str) -> list[tuple[str, Task, OvsConfigured]]:
    """Return the hosts that have a bridge, with the task and the state that make it."""
    return [
        (host, task, task.state)
        for host, d in scene.declared("openvswitch")
        for task in d.tasks
        if isinstance(task.state, OvsConfigured) and bridge in task.state.bridges
    ]


def _network(scene: Scene, network: str) -> Thing:
    given = getattr(scene.cloud.networks, network)
    source = scene.known.deployment.loaded.locate(("networks", network))
    facts: dict[str, Fact] = {
        "subnet": str(given.cidr) if given.cidr else _without_subnet(scene, network),
        "said_in": str(source) if source.line else f"nobody: networks.{network} is at its default",
        "hosts": tuple(_hosts(scene, network)),
    }
    if network == "provider":
        facts["physical_network"] = given.physical_network
        facts["gateway"] = str(given.gateway or "the subnet's first address")
        facts["floating_ips"] = (
            f"{given.pool[0]} to {given.pool[1]}" if given.pool else ".100 to .250 of the subnet"
        )
        facts["bridge"] = PROVIDER
    else:
        facts["services"] = tuple(_services(scene)) if network == "management" else ()
        if network == "tunnel":
            facts["bridge"] = "br-tun" if _having(scene, "br-tun") else "br-int"
            facts["tunnels"] = str(scene.cloud.network.tunnels)
    facts["options"] = tuple(_options(scene, network))
    return Thing(
        kind="network",
        name=network,
        summary=_PURPOSE[network],
        facts={key: fact for key, fact in facts.items() if fact},
    )


def _without_subnet(scene: Scene, network: str) -> str:
    if network == "tunnel" and not any(c.facts.tunnel_address for c in scene.contexts.values()):
        return "none of its own: tunnels run over the management network"
    return "a free one of this machine" if scene.known.deployment.in_lab else "the hosts' own"


def _hosts(scene: Scene, network: str) -> Iterator[Row]:
    for name, context in scene.contexts.items():
        facts = context.facts
        if network == "tunnel" and facts.tunnel_address:
            at = f"{facts.tunnel_address}, MTU {facts.tunnel_mtu}"
            on = f"{facts.tunnel_nic} in {context.tunnel_bridge}" if context.tunnel_bridge else ""
            yield {"host": name, "nic": on or facts.tunnel_nic, "address": at}
        elif network == "tunnel" and not context.has(Role.NETWORK, Role.COMPUTE):
            continue
        elif network == "provider":
            routed = "none: this host is its router" if context.routes_provider else "unknown"
            yield {"host": name, "nic": facts.provider_nic or routed, "address": "none"}
        elif scene.known.seen is None:
            yield {"host": name, "nic": "unknown", "address": "unknown"}
        else:
            mtu = f"{context.address}, MTU {facts.mtu}"
            yield {"host": name, "nic": facts.management_nic, "address": mtu}


def _services(scene: Scene) -> Iterator[Row]:
    for host, d in scene.declared():
        for port in d.ports:
            if port.address == scene.contexts[host].address:
                at = f"{port.address}:{port.number}/{port.protocol}"
                yield {"port": at, "what": f"{port.unit}: {port.purpose}"}


_TELLING = {
    "management": ("my_ip", "bind_address", "listeners.tcp.1", "global_physnet_mtu"),
    "tunnel": ("project_network_types", "vni_ranges", "max_header_size", "global_physnet_mtu"),
    "provider": ("flat_networks", "network_vlan_ranges", "enable_distributed_floating_ip"),
}


def _options(scene: Scene, network: str) -> Iterator[Row]:
    seen = set()
    for _, file, section, name, setting in scene.all_settings():
        telling = name.replace("-", "_") in _TELLING[network]
        if telling and (file, section, name) not in seen:
            seen.add((file, section, name))
            where = f"{file} [{section}] {name}" if section else f"{file} {name}"
            yield {"option": where, "why": setting.why}


def _bridge(scene: Scene, bridge: str, purpose: str) -> Thing:
    rows: list[Row] = []
    why = ""
    for host, task, state in _having(scene, bridge):
        datapath, fail_mode, ports = state.bridges[bridge]
        why = task.why
        rows.append(
            {
                "host": host,
                "datapath": f"{datapath} ({_DATAPATHS[datapath]})",
                "fail_mode": f"{fail_mode} ({_FAIL_MODES[fail_mode].format(writer=_writer(scene))})",
                "ports": ", ".join(port for port in ports if port) or _PORTS.get(bridge, ""),
            }
        )
    facts: dict[str, Fact] = {
        "network": "provider" if bridge == PROVIDER else "tunnel",
        "hosts": tuple(rows),
    }
    if rows:
        facts["look"] = scene.typed("ssh", rows[0]["host"], "ovs-vsctl", "show")
    return Thing(kind="bridge", name=bridge, summary=purpose, why=why, facts=facts)


_PORTS = {"br-int": "those of VMs", "br-tun": "one for each host that tunnels lead to"}
_DATAPATHS = {"system": "in the kernel", "netdev": "in userspace: the kernel has no openvswitch"}
_FAIL_MODES = {
    "secure": "without the flows of {writer} nothing passes",
    "standalone": "switches like any switch by itself",
}
