"""What a service is given to declare itself: the cloud, one host, its facts, secrets, the release."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gureum.config.setting import Option, Setting, Value
from gureum.diagnostics import Source
from gureum.model.cloud import Cloud, Role
from gureum.releases import Release
from gureum.remote.facts_network import TUNNEL_BRIDGE
from gureum.state.secrets import Secret, Secrets

CA_FILE = "/etc/gureum/ca.pem"


@dataclass(frozen=True)
class HostFacts:
    """What services ask of a host. Facts come from the host itself, never from a guess."""

    cpus: int = 1
    memory_mb: int = 2048
    kvm: bool = False
    ovs_kernel: bool = False
    container: bool = False
    os: str = "debian"
    os_version: str = "13"
    mtu: int = 1500
    provider_nic: str = ""
    provider_mtu: int = 1500
    cloud_init: bool = False
    ssh_ports: tuple[int, ...] = ()
    """Where its SSH server was seen to listen."""
    management_nic: str = ""
    tunnel_nic: str = ""
    tunnel_address: str = ""
    """Its address on a tunnel network, as `192.0.2.11/24`; nothing where tunnels have no network."""
    tunnel_mtu: int = 1500

    @property
    def filters_beside_sudo(self) -> bool:
        """Tell whether systemd can filter a unit's system calls and still let it come by sudo.

        Before version 255 it sets NoNewPrivileges along with any such filter
        (systemd/systemd#6763), which ends sudo; Debian 12 has 252.
        """
        return (self.os, self.os_version) != ("debian", "12")


@dataclass(frozen=True)
class SshKey:
    """An SSH key: its private part as OpenSSH keeps it, and its public part in one line."""

    private: Secret
    public: str


@dataclass(frozen=True)
class Moving:
    """What compute hosts prove themselves with to each other while VMs move between them.

    `certificate` and `key` are this host's own, PEM texts. The SSH keys are the same on all of them,
    so that one more changes no file of the others: `user` is nova's, `server` the server's that takes
    disks in.
    """

    certificate: str = ""
    key: Secret = field(default_factory=lambda: Secret(""))
    user: SshKey = field(default_factory=lambda: SshKey(Secret(""), ""))
    server: SshKey = field(default_factory=lambda: SshKey(Secret(""), ""))


@dataclass(frozen=True)
class CephFiles:
    """What a Ceph that was there before is reached by: its ceph.conf, and the key of each client."""

    conf: str = ""
    keys: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """The pure input of every declaration. `addresses` are the management addresses by host."""

    cloud: Cloud
    host: str
    facts: HostFacts
    secrets: Secrets
    release: Release
    addresses: Mapping[str, str]
    absent: frozenset[str] = frozenset()
    """Hosts that this run goes on without: nothing waits for them, and nothing forgets them."""
    path_mtu: int = 1500
    """What the tunnels of every host can carry in one packet, headers included."""
    provider_mtu: int = 1500
    """What the provider NICs of every host can carry in one packet."""
    tunnel_addresses: Mapping[str, str] = field(default_factory=dict)
    """Where the tunnels of each host end, by host; the management address where it has no entry."""
    ca: str = ""
    certificate_bundle: Secret = field(default_factory=lambda: Secret(""))
    moving: Moving = field(default_factory=Moving)
    ceph_files: CephFiles = field(default_factory=CephFiles)
    logo: str = ""
    """The operator's logo as SVG; nothing where the dashboard has OpenStack's."""

    @property
    def address(self) -> str:
        """The host's own management address."""
        return self.addresses[self.host]

    @property
    def tunnel_address(self) -> str:
        """Where this host's tunnels end: on the tunnel network, else on the management network."""
        return self.facts.tunnel_address.partition("/")[0] or self.address

    @property
    def tunnel_bridge(self) -> str:
        """The bridge that holds the tunnel address, where it cannot stay on its NIC.

        Open vSwitch's userspace datapath ends a tunnel only at an address of one of its own ports.
        """
        return "" if self.facts.ovs_kernel or not self.facts.tunnel_address else TUNNEL_BRIDGE

    @property
    def routes_provider(self) -> bool:
        """Tell whether this host is the provider network's router, for lack of a NIC there."""
        return self.cloud.hosts[self.host].routes_provider

    @cached_property
    def controllers(self) -> tuple[str, ...]:
        """The names of the controllers."""
        return tuple(name for name, _ in self.cloud.hosts_with(Role.CONTROLLER))

    @cached_property
    def computes(self) -> tuple[str, ...]:
        """The names of the compute hosts."""
        return tuple(name for name, _ in self.cloud.hosts_with(Role.COMPUTE))

    @cached_property
    def storage_hosts(self) -> tuple[str, ...]:
        """The names of the storage hosts."""
        return tuple(name for name, _ in self.cloud.hosts_with(Role.STORAGE))

    @property
    def tunnel_ends(self) -> tuple[str, ...]:
        """The addresses between which project networks travel."""
        switches = (*self.cloud.hosts_with(Role.NETWORK), *self.cloud.hosts_with(Role.COMPUTE))
        names = dict.fromkeys(name for name, _ in switches)
        return tuple(self.tunnel_addresses.get(n, self.addresses[n]) for n in names)

    @property
    def moves_vms(self) -> bool:
        """Whether VMs of this host may come to move to another, now or when one more is added.

        A cloud of several hosts is laid out for more compute hosts from the beginning, so that one
        that comes restarts nothing on those that are there; an all-in-one does without.
        """
        return self.has(Role.COMPUTE) and len(self.cloud.hosts) > 1

    @property
    def is_first_controller(self) -> bool:
        """Whether this host does what is done once for the whole cloud."""
        return self.controllers[:1] == (self.host,)

    def central(self, step: str) -> str:
        """Return the key of a step of the first controller, for a step of any host to need it."""
        return f"{self.controllers[0]}/{step}"

    @property
    def api_address(self) -> str:
        """Where the API answers: an address, or a name where the cloud says so (R-CONF-4)."""
        if self.cloud.endpoints.by == "name":
            return self.cloud.endpoints.name or self.controllers[0]
        return self.addresses[self.controllers[0]]

    @property
    def api_names(self) -> dict[str, str]:
        """The API's name and the address behind it, where the API is known by name."""
        if self.cloud.endpoints.by != "name":
            return {}
        return {self.api_address: self.addresses[self.controllers[0]]}

    def reach(self, host: str) -> str:
        """Return what configuration calls `host` by: its address, or its name (R-CONF-4).

        /etc/hosts of every host has the controllers, which is whom configuration names.
        """
        return host if self.cloud.endpoints.by == "name" else self.addresses[host]

    def has(self, *roles: Role) -> bool:
        """Tell whether this host has one of these roles."""
        return any(role in self.cloud.hosts[self.host].roles for role in roles)

    def api(self, port: int, path: str = "") -> str:
        """Return the URL of an API on `port`."""
        return f"https://{self.api_address}:{port}{path}"

    def bin(self, program: str) -> str:
        """Return the path of a program of the release's virtual environment."""
        return f"{self.release.venv}/bin/{program}"

    @property
    def workers(self) -> int:
        """Worker processes of one API or RPC server, sized to the machine.

        One worker with threads serves a small cloud and saves 100 to 200 MB a service; from eight
        processors on, a quarter of them.
        """
        return max(1, self.facts.cpus // 4)

    def debug(self, service: str) -> bool:
        """Tell whether the operator wants debug messages of `service` (R-CONF-7)."""
        level = self.cloud.logging.services.get(service)
        return self.cloud.logging.debug if level is None else level == "debug"


def options_in(file: str, service: str) -> Callable[[str, str, Value, str], Option]:
    """Return a function (section, name, value, why) -> Option for one file of one service."""
    source = Source(f"services/{service}.py")

    def option(section: str, name: str, value: Value, why: str) -> Option:
        return Option(file, section, name, Setting(value, why, source))

    return option
