"""neutron's options and why each is set."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.cloud import Role
from gureum.services import ovn
from gureum.services.context import CA_FILE, Context, options_in
from gureum.services.credentials import auth_options, database_url, log_options, token_options
from gureum.services.policy import policy_option
from gureum.services.privsep import helper
from gureum.services.rabbitmq import messaging_options

CONF = "/etc/neutron/neutron.conf"
ML2 = "/etc/neutron/ml2_conf.ini"
AGENT = "/etc/neutron/ovn_agent.ini"
ROOTWRAP = "/etc/neutron/rootwrap.conf"
CONTEXTS = {
    "privsep": "neutron.privileged.default",
    "privsep_namespace": "neutron.privileged.namespace_cmd",
    "privsep_link": "neutron.privileged.link_cmd",
    "privsep_ovs_vsctl": "neutron.privileged.ovs_vsctl_cmd",
}
_PRIVILEGED = {
    "privsep": "starting and ending processes of the agent that are not its own",
    "privsep_namespace": "making the network namespaces that metadata proxies live in",
    "privsep_link": "giving links and addresses to those namespaces",
    "privsep_ovs_vsctl": "changing ports of Open vSwitch",
}
"""What the helper of each context is for."""


def options(c: Context) -> Iterator[Option]:
    """Yield the options of neutron.conf on a host, by its roles."""
    conf = options_in("neutron.conf", "neutron")
    yield from log_options(c, "neutron.conf", "neutron")
    yield from messaging_options(c, "neutron.conf", "neutron")
    yield conf(
        "DEFAULT",
        "host",
        c.host,
        "nova, neutron and OVN must file this host under one name, else no port of its VMs is bound",
    )
    yield conf(
        "DEFAULT",
        "state_path",
        "/var/lib/neutron",
        "metadata proxies keep their configuration there, out of reach of other users",
    )
    yield conf(
        "oslo_concurrency",
        "lock_path",
        "/var/lib/neutron/tmp",
        "neutron's processes on one host keep each other off what only one may change at a time",
    )
    yield conf(
        "agent",
        "root_helper",
        f"sudo {c.bin('neutron-rootwrap')} {ROOTWRAP}",
        "the agent starts a VM network's metadata proxy as root, and nothing that is not named",
    )
    if not c.has(Role.CONTROLLER):
        return
    yield from token_options(c, "neutron.conf", "neutron")
    yield policy_option("neutron.conf", "neutron")
    yield conf(
        "DEFAULT",
        "core_plugin",
        "ml2",
        "neutron starts with no plugin; ML2 is the one that OVN's driver belongs to",
    )
    yield conf(
        "DEFAULT",
        "service_plugins",
        ("ovn-router",),
        "routers and floating IPs are OVN's own, without an agent",
    )
    yield conf("DEFAULT", "rpc_workers", 0, "OVN needs no agent RPC: hosts follow its databases")
    yield conf(
        "DEFAULT",
        "global_physnet_mtu",
        max(c.path_mtu, c.provider_mtu),
        "the most that any network of the hosts can carry, from which neutron works out what VMs may "
        "send; narrower networks have a limit of their own",
    )
    yield conf(
        "database",
        "connection",
        database_url(c, "neutron", "neutron"),
        "networks, ports, routers and security groups lie in MariaDB; OVN gets its copy of them",
    )
    yield from auth_options(
        c, "neutron.conf", "neutron", "nova", "neutron tells nova when a port is wired"
    )
    yield conf(
        "oslo_middleware",
        "enable_proxy_headers_parsing",
        True,
        "HAProxy ends TLS and says so in a header; without it links in answers would begin with http",
    )


def ml2_options(c: Context) -> Iterator[Option]:
    """Yield the options of the ML2 plugin and of OVN's driver, for a controller."""
    conf = options_in("ml2_conf.ini", "neutron")
    physical = c.cloud.networks.provider.physical_network
    yield conf(
        "ml2",
        "type_drivers",
        ("flat", "vlan", "geneve"),
        "flat and vlan for provider networks, geneve for tunnels of project networks: no others",
    )
    yield conf(
        "ml2",
        "project_network_types",
        ("geneve",),
        "networks between VMs are tunnels between hosts: no switch outside has to know them",
    )
    yield conf(
        "ml2",
        "mechanism_drivers",
        ("ovn",),
        "OVN wires ports without agents for switching, routing or DHCP that could lag behind",
    )
    yield conf(
        "ml2",
        "path_mtu",
        c.path_mtu,
        "the narrowest tunnel NIC of the hosts; networks between VMs get what is left without headers",
    )
    yield conf(
        "ml2",
        "physical_network_mtus",
        (f"{physical}:{c.provider_mtu}",),
        "the narrowest provider NIC of the hosts limits networks that use it untagged or tagged",
    )
    yield conf(
        "ml2",
        "extension_drivers",
        ("port_security",),
        "a port may send from its own address only, unless its owner says otherwise",
    )
    yield conf(
        "ml2_type_flat",
        "flat_networks",
        (physical,),
        "the provider network is used untagged, for floating IPs; the default takes any name",
    )
    yield conf(
        "ml2_type_vlan",
        "network_vlan_ranges",
        (physical,),
        "administrators may add tagged provider networks on the same NIC",
    )
    yield conf(
        "ml2_type_geneve",
        "vni_ranges",
        ("1:65536",),
        "each tunnelled network takes one number of these; by default there are none to take",
    )
    yield conf(
        "ml2_type_geneve",
        "max_header_size",
        38,
        "OVN adds 8 bytes to the Geneve header, which neutron must take off the MTU that VMs get",
    )
    if c.cloud.network.dns_servers:
        yield conf(
            "ovn",
            "dns_servers",
            tuple(str(a) for a in c.cloud.network.dns_servers),
            "VMs get these by DHCP where their subnet names none (cloud.yaml: network.dns_servers)",
        )
    yield from _ovn_options(c, "ml2_conf.ini")
    yield conf(
        "ovn",
        "ovn_metadata_enabled",
        True,
        "the agent on each host serves metadata, so VMs need no config drive",
    )
    yield conf(
        "ovn",
        "enable_distributed_floating_ip",
        False,
        "floating IPs leave through network hosts, the only ones that need the provider NIC",
    )


def _ovn_options(c: Context, file: str) -> Iterator[Option]:
    conf = options_in(file, "neutron")
    yield conf(
        "ovn",
        "ovn_nb_connection",
        (ovn.connection(c, 6641),),
        "OVN's northbound database on the controllers: the networks that neutron wants",
    )
    yield conf(
        "ovn",
        "ovn_sb_connection",
        (ovn.connection(c, 6642),),
        "OVN's southbound database on the controllers: which hosts live, where ports are",
    )


def agent_options(c: Context) -> Iterator[Option]:
    """Yield the options of the agent of a network or compute host."""
    conf = options_in("ovn_agent.ini", "neutron")
    yield from _ovn_options(c, "ovn_agent.ini")
    yield conf(
        "agent",
        "extensions",
        ("metadata",),
        "this one agent of a host serves metadata, so that no agent for metadata alone is needed",
    )
    yield conf(
        "ovs",
        "ovsdb_connection",
        ovn.OVSDB,
        "Open vSwitch is reached by its local socket, which only its group may use; the default is an "
        "open TCP port",
    )
    yield conf(
        "DEFAULT",
        "nova_metadata_host",
        c.api_address,
        "the agent passes requests of VMs on to nova-metadata, which answers behind HAProxy",
    )
    yield conf(
        "DEFAULT",
        "nova_metadata_protocol",
        "https",
        "metadata holds SSH keys and user data, which must not travel in the clear",
    )
    yield conf(
        "DEFAULT",
        "auth_ca_cert",
        CA_FILE,
        "nova-metadata's certificate comes from the cloud's own authority",
    )
    yield conf(
        "DEFAULT",
        "metadata_proxy_shared_secret",
        c.secrets.password("nova.metadata"),
        "nova believes only an agent that signs with it",
    )
    yield conf(
        "DEFAULT",
        "metadata_workers",
        1,
        "VMs are answered in a thread beside the agent's own work, which a slow answer would hold up",
    )
    for section, what in _PRIVILEGED.items():
        yield conf(
            section,
            "helper_command",
            f"{helper(c, CONF)} --config-file {AGENT}",
            f"{what} takes root: sudo lets neutron start this helper with rights for that, nothing else",
        )
