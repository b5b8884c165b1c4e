"""The catalogue: every service that gureum deploys, in the order a person would name them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from gureum.services import (
    base,
    ceph,
    chrony,
    cinder,
    firewall,
    glance,
    haproxy,
    horizon,
    keystone,
    libvirt,
    mariadb,
    memcached,
    neutron,
    nova,
    openvswitch,
    ovn,
    placement,
    rabbitmq,
    radosgw,
    rsyslog,
    swift,
)
from gureum.services.context import Context
from gureum.services.declaration import Declaration

Declare = Callable[[Context], Declaration | None]

CATALOGUE: dict[str, Declare] = {
    "base": base.declare,
    "chrony": chrony.declare,
    "mariadb": mariadb.declare,
    "rabbitmq": rabbitmq.declare,
    "memcached": memcached.declare,
    "keystone": keystone.declare,
    "ceph": ceph.declare,
    "glance": glance.declare,
    "placement": placement.declare,
    "openvswitch": openvswitch.declare,
    "ovn": ovn.declare,
    "libvirt": libvirt.declare,
    "nova": nova.declare,
    "neutron": neutron.declare,
    "cinder": cinder.declare,
    "swift": swift.declare,
    "radosgw": radosgw.declare,
    "horizon": horizon.declare,
}
"""Service name -> its declaration. haproxy comes after these, for it serves what they proxy, then
rsyslog, which gathers what all of them log, and the firewall last, for it opens what all serve."""

LAST: dict[str, ModuleType] = {
    "haproxy": haproxy,
    "rsyslog": rsyslog,
    "firewall": firewall,
}
"""The services that are made of what others declare, by name."""


def declarations(c: Context) -> tuple[Declaration, ...]:
    """Return what every service of the catalogue declares for the context's host."""
    declared = [d for declare in CATALOGUE.values() if (d := declare(c)) is not None]
    proxied = [p for d in declared for p in d.proxied]
    if (last := haproxy.declare(c, proxied)) is not None:
        declared.append(last)
    declared.append(rsyslog.declare(c, declared))
    declared.append(firewall.declare(c, declared))
    return tuple(declared)
