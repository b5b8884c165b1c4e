"""Which hosts there are, what runs on them, and how they hang together on which networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_interface
from typing import Any

from gureum.model.cloud import Driver, NetworkType, Role
from gureum.operate.known import Known
from gureum.plan.build import HostBlueprint
from gureum.services import openvswitch
from gureum.services.context import Context
from gureum.steps.network import OvsConfigured

MANAGEMENT, TUNNEL, PROVIDER = "management", "tunnel", "provider"


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network between hosts, or to the outside; `cidr` is empty where nobody said."""

    name: str
    cidr: str
    carries: str


@dataclass(frozen=True, kw_only=True)
class Nic:
    """A network interface of a host, and the networks (by name) that it is on."""

    device: str
    address: str
    networks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """A virtual switch, with the host's own devices that are plugged into it.

    `outside` marks the one that leads to the provider network.
    """

    name: str
    ports: tuple[str, ...] = ()
    outside: bool = False


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service on a host, with its units there, the service's own name left out of theirs."""

    name: str
    units: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Host:
    """A host. `fronts` are the APIs that its HAProxy serves.

    `gateway` tells that VMs leave for the outside here, `tunnels` that their networks lead from here
    to other hosts. `hybrid` tells that a Linux bridge with the firewall is before each VM.
    """

    name: str
    roles: tuple[str, ...]
    about: tuple[str, ...]
    nics: tuple[Nic, ...]
    bridges: tuple[Bridge, ...]
    services: tuple[Service, ...]
    fronts: tuple[str, ...] = ()
    gateway: bool = False
    tunnels: bool = False
    compute: bool = False
    hybrid: bool = False

    @property
    def way(self) -> tuple[str, ...]:
        """The pieces between the VMs of a host, other hosts and the outside, in their order."""
        vms = ("VMs", *(("qbr",) if self.hybrid else ())) if self.compute else ()
        outside = tuple(bridge.name for bridge in self.bridges if bridge.outside)
        way = (*vms, openvswitch.INTEGRATION, *(("router", *outside) if self.gateway else ()))
        tunnels = {bridge.name for bridge in self.bridges} & {openvswitch.TUNNELS}
        if not tunnels or not self.tunnels or (self.compute and self.gateway):
            # Where packets leave on both sides of br-int, there is no place for it in a row.
            return way
        return (*way, *tunnels) if self.compute else (*tunnels, *way)


@dataclass(frozen=True, kw_only=True)
class Topology:
    """All hosts and networks of a cloud, its front door and its way out.

    `hybrid` tells that a Linux bridge with the firewall is between each VM and its switch.
    """

    hosts: tuple[Host, ...]
    networks: tuple[Network, ...]
    api: str
    apis: tuple[tuple[str, int], ...]
    gateway: str = ""
    pool: tuple[str, str] = ("", "")
    driver: Driver = Driver.OVN
    tunnel_type: NetworkType = NetworkType.GENEVE
    hybrid: bool = False

    @property
    def gateways(self) -> tuple[str, ...]:
        """The hosts through which VMs reach the outside."""
        return tuple(host.name for host in self.hosts if host.gateway)

    def network(self, name: str) -> Network | None:
        """Return a network by name."""
        return next((network for network in self.networks if network.name == name), None)


def topology(known: Known, provider: IPv4Network | None = None) -> Topology:
    """Return a cloud's shape; `provider` is the lab's own subnet, where gureum makes the hosts."""
    from gureum.checks.vm.settings import provider_range

    cloud = known.deployment.cloud
    blueprint = known.blueprint
    hosts = tuple(
        _host(blueprint.contexts[name], host, known.facts.get(name, {}))
        for name, host in blueprint.hosts.items()
    )
    context = next(iter(blueprint.contexts.values()))
    apis = {
        p.name: p.port for h in blueprint.hosts.values() for d in h.declarations for p in d.proxied
    }
    outside = cloud.networks.provider.cidr or provider
    gateway, pool = "", ("", "")
    if outside is not None:
        router, (first, last) = provider_range(cloud.networks.provider, IPv4Network(outside))
        gateway, pool = str(router), (str(first), str(last))
    return Topology(
        hosts=hosts,
        networks=_networks(known, hosts, outside),
        api=context.api_address,
        apis=tuple(apis.items()),
        gateway=gateway,
        pool=pool,
        driver=cloud.network.driver,
        tunnel_type=cloud.network.tunnels,
        hybrid=cloud.network.hybrid,
    )


def _networks(
    known: Known, hosts: Sequence[Host], outside: IPv4Network | None
) -> tuple[Network, ...]:
    cloud = known.deployment.cloud.networks
    tunnels = sum(bool(host.bridges) for host in hosts) > 1
    apart = any(nic.networks == (TUNNEL,) for host in hosts for nic in host.nics)
    carried = "APIs, database, message queue"
    if tunnels and not apart:
        carried += ", tunnels between VMs"
    management = str(cloud.management.cidr or _subnet(hosts, MANAGEMENT))
    found = [Network(name=MANAGEMENT, cidr=management, carries=carried)]
    if apart:
        subnet = str(cloud.tunnel.cidr or _subnet(hosts, TUNNEL))
        found.append(Network(name=TUNNEL, cidr=subnet, carries="tunnels between VMs"))
    if any(PROVIDER in nic.networks for host in hosts for nic in host.nics):
        cidr = str(outside or "")
        found.append(Network(name=PROVIDER, cidr=cidr, carries="floating IPs, the way outside"))
    return tuple(found)


def _subnet(hosts: Sequence[Host], name: str) -> str:
    for host in hosts:
        for nic in host.nics:
            if name in nic.networks and nic.address:
                return str(ip_interface(nic.address).network)
    return ""


def _host(context: Context, blueprint: HostBlueprint, facts: Mapping[str, Any]) -> Host:
    switching = sum(
        bool({Role.NETWORK, Role.COMPUTE} & set(h.roles)) for h in context.cloud.hosts.values()
    )
    switches = [step.state for step in blueprint.steps if isinstance(step.state, OvsConfigured)]
    bridges = {
        name: Bridge(
            name=name,
            ports=tuple(filter(None, ports)),
            outside=name == openvswitch.PROVIDER,
        )
        for switch in switches
        for name, (_, _, ports) in switch.bridges.items()
    }
    nics = _nics(context, facts, bool(switches))
    services = []
    for one in blueprint.declarations:
        units = tuple(_short(u.name, one.service) for u in one.units)
        if units:
            services.append(Service(name=one.service, units=units))
    served = tuple(p.name for d in blueprint.declarations for p in d.proxied)
    balanced = any(d.service == "haproxy" for d in blueprint.declarations)
    os = facts.get("os", {})
    about = [os.get("name") or f"{os.get('id', '')} {os.get('version', '')}".strip()]
    if facts.get("cpus"):
        about.append(f"{facts['cpus']} CPU{'' if facts['cpus'] == 1 else 's'}")
    if facts.get("memory_mb"):
        about.append(f"{facts['memory_mb'] / 1024:.0f} GB memory")
    return Host(
        name=context.host,
        roles=tuple(role.value for role in context.cloud.hosts[context.host].roles),
        about=tuple(filter(None, about)),
        nics=nics,
        bridges=tuple(bridges.values()),
        services=tuple(services),
        fronts=served if balanced else (),
        gateway=context.has(Role.NETWORK) and bool(bridges),
        tunnels=bool(bridges) and switching > 1,
        compute=context.has(Role.COMPUTE),
        hybrid=context.cloud.network.hybrid,
    )


def _nics(context: Context, facts: Mapping[str, Any], switch: bool) -> tuple[Nic, ...]:
    own = context.facts
    found = []
    for nic in facts.get("nics", ()):
        addresses = [str(ip_interface(a).ip) for a in nic["ipv4"]]
        networks = []
        if context.address in addresses or nic["name"] == context.facts.management_nic:
            networks.append(MANAGEMENT)
        if switch and (nic["name"] == own.tunnel_nic or context.tunnel_address in addresses):
            networks.append(TUNNEL)
        if switch and nic["name"] == own.provider_nic:
            networks.append(PROVIDER)
        if networks and nic["name"] != context.tunnel_bridge:
            tunnel = own.tunnel_address if TUNNEL in networks else ""
            address = next(iter(nic["ipv4"]), tunnel)
            found.append(Nic(device=nic["name"], address=address, networks=tuple(networks)))
    order = (MANAGEMENT, TUNNEL, PROVIDER)
    return tuple(sorted(found, key=lambda nic: order.index(nic.networks[0])))


def _short(unit: str, service: str) -> str:
    return unit.removeprefix(f"{service}-").removesuffix(".service") or unit
