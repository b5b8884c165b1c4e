"""neutron: networks, ports, routers, floating IPs, security groups (R-SVC-5)."""

from __future__ import annotations

from gureum.config.setting import ConfigFile
from gureum.model.cloud import Driver, Role
from gureum.services import neutron_ovn, neutron_ovs, openvswitch
from gureum.services.context import Context
from gureum.services.credentials import database, identity_user, schema
from gureum.services.declaration import Declaration, Endpoint, Port, Schema, Unit
from gureum.services.glance import paste_file
from gureum.services.neutron_config import CONF, ML2, ml2_options, options
from gureum.services.neutron_units import daemon
from gureum.services.policy import policy_file, policy_path
from gureum.services.wsgi import api_unit
from gureum.steps.notice import NOBODY

_DRIVERS = {Driver.OVN: neutron_ovn, Driver.OVS: neutron_ovs}


def declare(c: Context) -> Declaration | None:
    """Declare neutron for a controller, a network or compute host, or all of them."""
    controller, agent = c.has(Role.CONTROLLER), c.has(Role.COMPUTE, Role.NETWORK)
    if not (controller or agent):
        return None
    driver = _DRIVERS[c.cloud.network.driver]
    own = driver.part(c)
    api, api_files, proxied = api_unit(
        c,
        name="neutron-api",
        service="neutron",
        module="neutron.wsgi.api:application",
        port=9696,
        description="OpenStack network API: networks, ports, routers, floating IPs",
        reads=(CONF, ML2),
        rereads=(policy_path("neutron"),),
        says="requests about networks wait, and VMs that start wait for their ports",
        seconds=4,
        needs=("neutron.schema", "neutron.paste", *driver.api_needs()),
        environment={"OS_NEUTRON_CONFIG_FILES": f"{CONF};{ML2}"},
        warm_up=_WARM_UP,
    )
    return Declaration(
        service="neutron",
        packages=own.packages,
        users={"neutron": ("/var/lib/neutron", (openvswitch.GROUP,) if agent else ())},
        directories={
            "/etc/neutron": ("root", "neutron", 0o750),
            "/var/lib/neutron": ("neutron", "neutron", 0o755),
            "/var/lib/neutron/tmp": ("neutron", "neutron", 0o750),
            "/var/log/neutron": ("neutron", "neutron", 0o750),
        },
        config_files=(
            ConfigFile(
                name="neutron.conf",
                path=CONF,
                group="neutron",
                schema="neutron",
                why="what every unit of neutron on this host reads",
            ),
            *(
                (
                    ConfigFile(
                        name="ml2_conf.ini",
                        path=ML2,
                        group="neutron",
                        schema="ml2",
                        why="which kinds of network there are and which driver makes them: for controllers",
                    ),
                )
                if controller
                else ()
            ),
            *own.config_files,
        ),
        options=(*options(c), *(ml2_options(c) if controller else ()), *own.options),
        files=(*((*api_files, policy_file(c, "neutron")) if controller else ()), *own.files),
        units=(*((api, _periodic(c)) if controller else ()), *own.units),
        databases=(database(c, "neutron", "neutron"),) if controller else (),
        schema=_schema(c) if controller else None,
        identity_users=(identity_user(c, "neutron", admin=True),) if controller else (),
        endpoints=(
            (Endpoint(name="neutron", type="network", description="Networks", url=c.api(9696)),)
            if controller
            else ()
        ),
        ports=(
            (Port(number=9696, address="127.0.0.1", unit="neutron-api", purpose="backend"),)
            if controller
            else ()
        ),
        proxied=(proxied,) if controller else (),
        tasks=(
            *((paste_file(c, "neutron", "/etc/neutron/api-paste.ini"),) if controller else ()),
            *own.tasks,
        ),
    )


# neutron shows its policy enforcer to other threads before the rules are in it: a request that comes
# at the same time as the first is refused with 403. nova has a lock there, neutron none.
_WARM_UP = """\
from neutron import policy
policy.init()
"""


def _schema(c: Context) -> Schema:
    program = c.bin("neutron-db-manage")
    return schema(
        c,
        (program, "--config-file", CONF, "--config-file", ML2, "upgrade", "heads"),
        {"OS_DATABASE__CONNECTION": "neutron"},
        rehearsal=(program, "upgrade", "heads"),
    )


def _periodic(c: Context) -> Unit:
    return daemon(
        c,
        "neutron-periodic-workers",
        "OpenStack network: periodic work of the plugins",
        (CONF, ML2),
        needs=("neutron.unit.neutron-api",),
        notice=NOBODY,
    )
