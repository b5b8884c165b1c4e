"""What each service is for, in the two or three words that a newcomer needs."""

from __future__ import annotations

PURPOSE = {
    "chrony": "the clock",
    "mariadb": "databases",
    "rabbitmq": "message queue",
    "memcached": "cache",
    "keystone": "users and rights",
    "glance": "images",
    "placement": "room on hosts",
    "openvswitch": "virtual switches",
    "ovn": "virtual networks",
    "libvirt": "runs VMs",
    "nova": "VMs",
    "neutron": "networks",
    "cinder": "volumes",
    "swift": "objects",
    "radosgw": "objects, kept in Ceph",
    "horizon": "dashboard",
    "haproxy": "TLS, spreads load",
    "firewall": "who may come in",
}
"""A service that is not named here is shown without."""
