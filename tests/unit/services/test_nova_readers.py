"""Who reads what of nova.conf: only options that exist, and no unit without the ones it needs."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from gureum.releases import known_releases, load_release
from gureum.services import declarations
from gureum.services.context import Context
from gureum.services.nova_config import CONF, CONTEXTS
from gureum.services.nova_readers import READ_ONLY_BY, unread_by

FOREIGN = ("os_vif_ovs.*", *(f"{section}.*" for section in CONTEXTS))
"""Sections of the libraries that nova-compute alone starts; nova's schema may not hold them."""


@pytest.mark.parametrize("release", known_releases())
def test_every_pattern_means_an_option_of_the_release(release: str) -> None:
    """R-CONF-3: a pattern that means nothing would be a misspelt one."""
    schema = load_release(release).schema("nova")
    names = {f"{section}.{name}" for section in schema.sections for name in schema.names(section)}
    patterns = [p for found in READ_ONLY_BY.values() for p in found if p not in FOREIGN]
    assert not [p for p in patterns if not any(fnmatchcase(name, p) for name in names)]


def test_every_reader_is_a_unit_of_nova(context: Context) -> None:
    nova = next(d for d in declarations(context) if d.service == "nova")
    units = {unit.name for unit in nova.units}
    assert {name for readers in READ_ONLY_BY for name in readers} <= units
    for unit in nova.units:
        assert unit.unread[CONF] == unread_by(unit.name)


def test_units_read_their_own_and_what_all_read(context: Context) -> None:
    nova = next(d for d in declarations(context) if d.service == "nova")
    units = {unit.name: unit for unit in nova.units}

    def readers(section: str, name: str) -> set[str]:
        return {n for n, unit in units.items() if unit.reads_option(CONF, section, name)}

    assert readers("libvirt", "virt_type") == {"nova-compute"}
    assert readers("vnc", "enabled") == {"nova-compute", "nova-novncproxy"}
    assert readers("metrics", "required") == {"nova-scheduler"}
    assert readers("conductor", "workers") == {"nova-conductor"}
    assert readers("api", "dhcp_domain") == {"nova-api", "nova-metadata"}
    assert readers("DEFAULT", "debug") == set(units)
    assert readers("DEFAULT", "cpu_allocation_ratio") == set(units)
