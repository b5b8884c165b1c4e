"""The cloud as its operator describes it: frozen types, one for each part of cloud.yaml.

Field descriptions are what `gureum init` and `gureum schema` show. Nothing here reads a file or a
host; `gureum.model.load` turns YAML into a `Cloud` and reports every mistake at once.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gureum.model.dashboard import Dashboard
from gureum.model.firewall import Firewall
from gureum.model.images import Images
from gureum.model.objects import Swift
from gureum.model.part import Name, Part
from gureum.model.storage import BackendKind, Ceph, Storage, VolumeBackend

LAB_DEVICE = "/var/lib/ceph/files/disk"
"""The file that stands for a disk on a lab host."""
LAB_SWIFT_DEVICES = tuple(f"/var/lib/swift/files/disk{number}" for number in (1, 2, 3))
"""The files that stand for disks of Swift on a lab host: as many as there are replicas."""
OptionValue = bool | int | float | str | list[str]
Options = dict[str, dict[str, dict[str, OptionValue]]]
"""Options as an operator writes them: file -> section -> option -> value."""


class Role(enum.StrEnum):
    """What a host is for."""

    CONTROLLER = "controller"
    NETWORK = "network"
    COMPUTE = "compute"
    STORAGE = "storage"


class Connection(enum.StrEnum):
    """How gureum reaches a host."""

    LAB = "lab"
    SSH = "ssh"
    LOCAL = "local"


NO_NIC = "none"
"""What stands in `nics` for a network that no NIC carries."""


class Host(Part):
    """A machine that gureum deploys to."""

    roles: tuple[Role, ...] = Field(min_length=1)
    """What the host is for: any of controller, network, compute, storage."""
    connection: Connection = Connection.LAB
    """How the host is reached: `lab` (gureum makes it), `ssh`, or `local` (this machine)."""
    address: IPv4Address | None = Field(default=None, examples=["192.0.2.11"])
    """Its address on the management network. A lab host gets one by itself."""
    ssh_host: str | None = Field(default=None, examples=["web1"])
    """Where ssh goes, if not to the address: a name, or a `Host` of ~/.ssh/config."""
    user: str | None = Field(default=None, examples=["root"])
    """The SSH user, else ~/.ssh/config's, else root; who is not root needs sudo without a password."""
    port: int | None = Field(default=None, ge=1, le=65535, examples=[22])
    """The SSH port, by default that of ~/.ssh/config, else 22."""
    identity: str | None = Field(default=None, examples=["~/.ssh/id_ed25519"])
    """The private key that logs in, by default those that ssh tries by itself."""
    jump: str | None = Field(default=None, examples=["ops@192.0.2.1:22"])
    """The host to go through, as `[USER@]HOST[:PORT]`; several in their order, with commas."""
    nics: dict[Literal["management", "tunnel", "provider"], str] = Field(
        default_factory=dict, examples=[{"management": "eth0", "provider": "eth1"}]
    )
    """The NIC of each network: a name (`eth1`), a MAC address, or the subnet it carries. `provider: none` on
    a network host with one NIC makes it that network's router: floating IPs are reached through it alone."""
    devices: tuple[str, ...] = Field(
        default=(), examples=[["/dev/disk/by-id/wwn-0x5000c500a1b2c3d4"]]
    )
    """The disks of a storage host where they are others than `ceph.devices` says."""
    swift_devices: tuple[str, ...] = Field(
        default=(), examples=[["/dev/disk/by-id/wwn-0x5000c500a1b2c3d6"]]
    )
    """The disks that Swift has on a storage host where they are others than `swift.devices` says."""
    config: Options = Field(
        default_factory=dict, examples=[{"nova.conf": {"DEFAULT": {"cpu_allocation_ratio": 2.0}}}]
    )
    """Options for this host alone, like `config` of the cloud."""

    @property
    def routes_provider(self) -> bool:
        """Whether this host has no NIC on the provider network, and is its router instead (R-PREP-3)."""
        return Role.NETWORK in self.roles and self.nics.get("provider") == NO_NIC


class ManagementNetwork(Part):
    """The network that hosts, APIs, database and message queue talk over."""

    cidr: IPv4Network | None = Field(default=None, examples=["192.0.2.0/24"])
    """Its subnet. Without one a lab picks a free one."""


class TunnelNetwork(Part):
    """The network that carries the tunnels of project networks."""

    cidr: IPv4Network | None = Field(default=None, examples=["198.51.100.0/24"])
    """Its subnet; without one tunnels run over the management network."""


class ProviderNetwork(Part):
    """The network that floating IPs live on, outside of the cloud."""

    physical_network: Name = "provider"
    """Neutron's name for the physical network."""
    cidr: IPv4Network | None = Field(default=None, examples=["203.0.113.0/24"])
    """Its subnet. Without one a lab picks a free one."""
    gateway: IPv4Address | None = Field(default=None, examples=["203.0.113.1"])
    """The router on it; by default the subnet's first address."""
    pool: tuple[IPv4Address, IPv4Address] | None = Field(
        default=None, examples=[["203.0.113.100", "203.0.113.250"]]
    )
    """First and last address for floating IPs; by default .100 to .250 of the subnet."""


class Networks(Part):
    """The networks that the hosts are on."""

    management: ManagementNetwork = ManagementNetwork()
    """Between hosts: APIs, database, message queue."""
    tunnel: TunnelNetwork = TunnelNetwork()
    """Between hosts: project networks."""
    provider: ProviderNetwork = ProviderNetwork()
    """To the outside: floating IPs."""


class Driver(enum.StrEnum):
    """The ML2 mechanism driver."""

    OVN = "ovn"
    OVS = "ovs"


class FirewallDriver(enum.StrEnum):
    """What security groups are made of with the driver ovs."""

    IPTABLES_HYBRID = "iptables_hybrid"
    OPENVSWITCH = "openvswitch"


class NetworkType(enum.StrEnum):
    """The tunnels that project networks are."""

    GENEVE = "geneve"
    VXLAN = "vxlan"

    @property
    def label(self) -> str:
        """The tunnel's name as people write it."""
        return {"geneve": "Geneve", "vxlan": "VXLAN"}[self.value]


class Network(Part):
    """How neutron makes project networks."""

    driver: Driver = Driver.OVN
    """The ML2 mechanism driver: `ovn`, or `ovs` for the classic path with agents on every host."""
    firewall: FirewallDriver | None = Field(default=None, examples=["openvswitch"])
    """Security groups with `ovs`: `iptables_hybrid` (the default) in a Linux bridge for each port of
    a VM, or `openvswitch` in flows. `ovn` has its own."""
    project_network_type: NetworkType | None = Field(default=None, examples=["geneve"])
    """Tunnels of project networks: `geneve` with `ovn`; with `ovs` `vxlan` (the default) or `geneve`."""
    distributed_floating_ips: bool = False
    """Whether a floating IP leaves at the compute host of its VM, which then needs a provider NIC, and not
    through a network host. For `ovn` only."""
    dns_servers: tuple[IPv4Address, ...] = Field(default=(), examples=[["192.0.2.53"]])
    """Name servers that VMs get by DHCP where their subnet names none."""

    @property
    def tunnels(self) -> NetworkType:
        """The tunnels that new project networks are."""
        own = NetworkType.GENEVE if self.driver is Driver.OVN else NetworkType.VXLAN
        return self.project_network_type or own

    @property
    def hybrid(self) -> bool:
        """Whether a Linux bridge with the firewall stands between a VM and Open vSwitch."""
        chosen = self.firewall or FirewallDriver.IPTABLES_HYBRID
        return self.driver is Driver.OVS and chosen is FirewallDriver.IPTABLES_HYBRID


class Compute(Part):
    """How VMs run."""

    virt_type: Literal["auto", "kvm", "qemu"] = "auto"
    """`auto` takes kvm where /dev/kvm really works, else qemu's emulation with a warning."""
    resume_vms: bool = True
    """Whether VMs that ran when their host went down run again when it is back."""


class Endpoints(Part):
    """How the API is addressed."""

    by: Literal["address", "name"] = "address"
    """Endpoints and configuration by IP address, or by host name."""
    name: str | None = Field(default=None, examples=["api.cloud.example"])
    """The name of the API where `by` is name; by default the first controller's."""


_OPENSTACK = ("cinder", "glance", "horizon", "keystone", "neutron", "nova", "placement", "swift")
LEVELLED = ("ceph", *_OPENSTACK, "rabbitmq")
"""The services whose level can be set."""


class Logging(Part):
    """What the services log, and where to."""

    debug: bool = False
    """Debug messages of every service."""
    services: dict[Name, Literal["debug", "info"]] = Field(
        default_factory=dict, examples=[{"nova": "debug"}]
    )
    """The level of single services, e.g. `nova: debug`."""
    keep: int = Field(default=4, ge=1, le=10000)
    """Gigabytes that the gathered logs of all hosts may take on each controller; the oldest go first."""
    syslog: tuple[str, ...] = Field(default=(), examples=[["logs.example.com:514"]])
    """Syslog servers outside of the cloud that get every line as well: name or address, and TCP port."""


class Packages(Part):
    """Where hosts take Debian packages and Python packages from."""

    bundle: str | None = Field(
        default=None, examples=["http://192.0.2.5:8480", "/srv/bundle-2026.2"]
    )
    """A bundle that hosts install from and from nowhere else: the address of a server that they reach, or
    a folder of the machine where gureum runs, which hosts then reach through their SSH connection."""
    sha256: str | None = Field(
        default=None,
        examples=["5f1c8a3e0b7d4c6f9a2e1d8b3c7f6a5e4d3c2b1a09f8e7d6c5b4a39281706f5e"],
    )
    """The digest of the bundle's manifest, as `gureum bundle show` tells it; another is refused."""


class LabImages(Part):
    """What is kept of images of lab hosts; one that a lab stands on always stays."""

    days: int = Field(default=30, ge=1)
    """Days after which an unused image goes, whenever a new one is made."""
    gb: int = Field(default=30, ge=1)
    """Gigabytes (10^9 bytes) that all images may take: beyond them, those unused for longest go."""


class Lab(Part):
    """The lab that makes hosts on this machine."""

    os: Literal["debian-13", "debian-12"] = "debian-13"
    """The distribution of lab hosts."""
    internet: bool = True
    """Whether lab hosts reach anything outside of the lab. Without it they install from a bundle."""
    images: LabImages = LabImages()
    """What is kept of images of lab hosts; one that a lab stands on always stays."""


class Time(Part):
    """Where the controllers get the time from."""

    servers: tuple[str, ...] = Field(default=(), examples=[["0.pool.ntp.org", "192.0.2.123"]])
    """NTP servers of the controllers; every other host follows the controllers."""


class PolicyOverride(Part):
    """What decides in the place of a rule that the release has for a service."""

    rule: str
    """The check, in the language of OpenStack's policies; "" lets every user, "!" nobody."""
    why: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    """Why it is to be so, in a sentence for whoever reads the policy later."""


Policies = dict[Name, dict[str, PolicyOverride]]
"""Policy as an operator writes it: service -> rule -> check and reason."""


class Cloud(Part):
    """One cloud: its hosts, their roles, the networks between them and the operator's options."""

    name: Name = "cloud"
    """The cloud's name; state and lab hosts are filed under it."""
    release: str = "2026.2"
    """The OpenStack release."""
    region: str = "RegionOne"
    """The region's name in the catalogue."""
    hosts: dict[Name, Host] = Field(min_length=1)
    """The hosts by name."""
    networks: Networks = Networks()
    """The networks that the hosts are on."""
    network: Network = Network()
    """How neutron makes project networks."""
    compute: Compute = Compute()
    """How VMs run."""
    storage: Storage = Storage()
    """Where images, disks of VMs, volumes and backups lie."""
    images: Images = Images()
    """What users may do with images."""
    ceph: Ceph | None = Field(
        default=None, examples=[{"devices": ["/dev/disk/by-id/wwn-0x5000c500a1b2c3d4"]}]
    )
    """Ceph on the hosts with the role storage, or one that is there already; `ceph: {}` is enough."""
    swift: Swift | None = Field(
        default=None, examples=[{"devices": ["/dev/disk/by-id/wwn-0x5000c500a1b2c3d6"]}]
    )
    """Objects in Swift on the hosts with the role storage; `swift: {}` is enough."""
    endpoints: Endpoints = Endpoints()
    """How the API is addressed."""
    logging: Logging = Logging()
    """What the services log."""
    dashboard: Dashboard = Dashboard()
    """The dashboard, in which people use the cloud with a browser."""
    time: Time = Time()
    """Where the time comes from."""
    firewall: Firewall = Firewall()
    """What may come to the hosts themselves."""
    packages: Packages = Packages()
    """Where hosts take packages from."""
    lab: Lab = Lab()
    """The lab that makes hosts on this machine."""
    config: Options = Field(
        default_factory=dict,
        examples=[{"neutron.conf": {"DEFAULT": {"dns_domain": "cloud.example."}}}],
    )
    """The operator's own options: file -> section -> option -> value."""
    policy: Policies = Field(
        default_factory=dict,
        examples=[
            {
                "neutron": {
                    "create_port:fixed_ips:ip_address": {
                        "rule": "rule:admin_only or rule:service_api or role:member",
                        "why": "members choose the addresses of their VMs",
                    }
                }
            }
        ],
    )
    """Who may do what, where it is to differ from the release: service -> rule -> `rule` and `why`."""

    @property
    def deploys_ceph(self) -> bool:
        """Whether gureum deploys a Ceph of the cloud's own."""
        return self.ceph is not None and self.ceph.existing is None

    @property
    def image_store(self) -> str:
        """Where new images lie: `file` or `ceph`."""
        return self.storage.images or ("ceph" if self.ceph else "file")

    @property
    def vm_disks(self) -> str:
        """Where disks of VMs lie: `local` or `ceph`."""
        return self.storage.disks or ("ceph" if self.ceph else "local")

    @property
    def backends(self) -> dict[str, VolumeBackend]:
        """The backends of volumes by name, in order; none is a cloud without volumes."""
        usual = {"ceph": VolumeBackend(kind=BackendKind.CEPH)} if self.ceph else {}
        return usual if self.storage.volumes is None else self.storage.volumes

    @property
    def backup_target(self) -> str:
        """Where backups of volumes go: `ceph`, `nfs` or `none`."""
        return self.storage.backups or ("ceph" if self.ceph and self.backends else "none")

    @property
    def object_store(self) -> str:
        """Who keeps objects: `swift`, `ceph` or `none`."""
        return self.storage.objects or ("swift" if self.swift else "none")

    def devices_of(self, host: str) -> tuple[str, ...]:
        """Return the disks that Ceph has on a host."""
        if self.ceph is None or self.ceph.existing or Role.STORAGE not in self.hosts[host].roles:
            return ()
        named = self.hosts[host].devices or self.ceph.devices
        return named or ((LAB_DEVICE,) if self.hosts[host].connection is Connection.LAB else ())

    def swift_devices_of(self, host: str) -> tuple[str, ...]:
        """Return the disks that Swift has on a host."""
        if self.swift is None or Role.STORAGE not in self.hosts[host].roles:
            return ()
        named = self.hosts[host].swift_devices or self.swift.devices
        return named or (LAB_SWIFT_DEVICES if self.hosts[host].connection is Connection.LAB else ())

    def hosts_of_lvm(self, backend: VolumeBackend) -> tuple[str, ...]:
        """Return the hosts that have the volume group of a backend; none where it is not LVM."""
        if backend.kind is not BackendKind.LVM:
            return ()
        return backend.hosts or tuple(name for name, _ in self.hosts_with(Role.STORAGE))

    def hosts_with(self, role: Role) -> Iterator[tuple[str, Host]]:
        """Yield name and host of every host that has `role`, in the file's order."""
        return ((name, host) for name, host in self.hosts.items() if role in host.roles)
