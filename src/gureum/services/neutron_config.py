"""neutron's options with any driver, and why each is set; a driver's own are in its file."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.cloud import Role
from gureum.services.context import CA_FILE, Context, options_in
from gureum.services.credentials import auth_options, database_url, token_options
from gureum.services.log_lines import log_options
from gureum.services.policy import policy_option
from gureum.services.rabbitmq import messaging_options

CONF = "/etc/neutron/neutron.conf"
ML2 = "/etc/neutron/ml2_conf.ini"
ROOTWRAP = "/etc/neutron/rootwrap.conf"


def options(c: Context) -> Iterator[Option]:
    """Yield the options of neutron.conf on a host, by its roles."""
    conf = options_in("neutron.conf", "neutron")
    yield from log_options(c, "neutron.conf", "neutron")
    yield from messaging_options(c, "neutron.conf", "neutron")
    yield conf(
        "DEFAULT",
        "host",
        c.host,
        "nova and neutron must file this host under one name, else no port of its VMs is bound",
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
        "agents start what serves networks (DHCP, metadata) as root, and nothing that is not named",
    )
    if not c.has(Role.CONTROLLER):
        return
    yield from token_options(c, "neutron.conf", "neutron")
    yield policy_option("neutron.conf", "neutron")
    yield conf(
        "DEFAULT",
        "core_plugin",
        "ml2",
        "neutron starts with no plugin; ML2 is the one that drivers for Open vSwitch belong to",
    )
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
        "networks, ports, routers and security groups lie in MariaDB; what hosts need of them is passed on",
    )
    yield from auth_options(
        c, "neutron.conf", "neutron", "nova", "neutron tells nova when a port is wired"
    )
    yield from auth_options(
        c,
        "neutron.conf",
        "neutron",
        "placement",
        "neutron tells placement how many addresses a segment has for VMs",
    )
    yield conf(
        "oslo_middleware",
        "enable_proxy_headers_parsing",
        True,
        "HAProxy ends TLS and says so in a header; without it links in answers would begin with http",
    )


def ml2_options(c: Context) -> Iterator[Option]:
    """Yield the options of the ML2 plugin that no driver changes, for a controller."""
    conf = options_in("ml2_conf.ini", "neutron")
    physical = c.cloud.networks.provider.physical_network
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


def metadata_options(c: Context, file: str, *, threads: int) -> Iterator[Option]:
    """Yield how an agent passes requests of VMs on to nova-metadata."""
    conf = options_in(file, "neutron")
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
        threads,
        "VMs are answered in threads beside the agent's own work, which a slow answer would hold up",
    )
