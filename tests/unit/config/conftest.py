"""Options as short as tests need them, and the check of a few of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gureum.config.check import check
from gureum.config.merge import merge
from gureum.config.setting import ConfigFile, Option, Setting, Value
from gureum.diagnostics import Diagnostic, Source
from gureum.releases import load_release


@pytest.fixture(scope="session")
def files() -> dict[str, ConfigFile]:
    """Return config files of every kind, by name."""
    made = (
        ConfigFile(name="nova.conf", path="/etc/nova/nova.conf", schema="nova"),
        ConfigFile(name="glance-api.conf", path="/etc/glance/glance-api.conf", schema="glance-api"),
        ConfigFile(name="neutron.conf", path="/etc/neutron/neutron.conf", schema="neutron"),
        ConfigFile(name="ml2_conf.ini", path="/etc/neutron/ml2_conf.ini", schema="ml2"),
        ConfigFile(name="gureum.cnf", path="/etc/mysql/gureum.cnf"),
        ConfigFile(name="rabbitmq.conf", path="/etc/rabbitmq/rabbitmq.conf", format="properties"),
    )
    return {file.name: file for file in made}


@pytest.fixture(scope="session")
def opt() -> Callable[..., Option]:
    """Return a maker of services' options; an address is spelt `nova.conf DEFAULT debug`."""

    def make(
        address: str, value: Value, *, by: str = "nova", why: str = "", fixed: bool = False
    ) -> Option:
        file, section, name = address.split(" ")
        source = Source(f"services/{by}.py")
        return Option(file, section, name, Setting(value, why or f"{by} needs it", source, fixed))

    return make


@pytest.fixture(scope="session")
def own() -> Callable[..., Option]:
    """Return a maker of an operator's options, each from a line of cloud.yaml."""

    def make(address: str, value: Value, line: int = 7) -> Option:
        file, section, name = address.split(" ")
        setting = Setting(value, "the operator wants it", Source("cloud.yaml", line))
        return Option(file, section, name, setting, override=True)

    return make


@pytest.fixture(scope="session")
def checked(
    files: dict[str, ConfigFile], own: Callable[..., Option]
) -> Callable[..., list[Diagnostic]]:
    """Return a function that checks an operator's options against 2026.2, and gives what it found."""

    def run(options: dict[str, Value]) -> list[Diagnostic]:
        tree = merge(own(address, value) for address, value in options.items())
        return check(tree, files, load_release("2026.2"))

    return run
