"""Every mistake in a cloud.yaml is named with its line and a way out (R-PREP-8)."""

from __future__ import annotations

from pathlib import Path

import pytest
from dashboard_mistakes import DASHBOARD_CASES
from image_mistakes import IMAGE_CASES
from objects_mistakes import OBJECTS_CASES
from storage_mistakes import STORAGE_CASES

from gureum.diagnostics import Diagnostic
from gureum.errors import InputError
from gureum.model import (
    bundle_rules,
    dashboard_rules,
    image_rules,
    nic_rules,
    objects_rules,
    opening_rules,
    ssh_rules,
    storage_rules,
    validate,
)
from gureum.model.load import load

ONE = "hosts:\n  one:\n    roles: [controller, network, compute]\n"
"""A cloud that is right, on lines 1 to 3; what a case adds begins on line 4."""

OPEN = ONE + "firewall: {allow: "
SSH = ONE + "    connection: ssh\n    address: 192.0.2.11\n"
PROVIDER = "networks:\n  provider:\n    cidr: 203.0.113.0/24\n"


def mistakes(text: str) -> list[Diagnostic]:
    with pytest.raises(InputError) as caught:
        load(Path("cloud.yaml"), text)
    return list(caught.value.diagnostics)


CASES = {
    # The writing.
    "empty": ("", None, "the file is empty", "gureum init"),
    "comments only": ("# nothing\n", None, "the file is empty", "gureum init"),
    "a list": ("- one\n", 1, "this is a list", "gureum init"),
    "unclosed": ("hosts: [one\nname: x\n", 2, "this is not YAML", "look at this line"),
    "colon": ("name: a: b\n", 1, "this is not YAML", "look at this line"),
    "outdented": ("hosts:\n    one: 1\n  two: 2\n", 3, "this is not YAML", "indentation"),
    "two documents": (ONE + "---\nname: x\n", 4, "this is not YAML", "look at this line"),
    "no such anchor": (ONE + "lab: *x\n", 4, "undefined alias", "look at this line"),
    "contains itself": (ONE + "lab: &x\n  os: *x\n", 4, "contains itself", "write its values"),
    "control character": (ONE + "region: \x01\n", 4, "character", "delete it"),
    "crlf": (ONE.replace("\n", "\r\n"), 1, "Windows", "sed -i 's/\\r$//' cloud.yaml"),
    "tab": (ONE + "\tport: 23\n", 4, "indented by a tab", "two spaces"),
    "twice": (ONE + "    port: 23\n    port: 24\n", 5, "hosts.one.port stands twice", "keep one"),
    "host twice": (ONE + "  one: {}\n", 4, "hosts.one stands twice", "keep one"),
    "a bundle by the wrong way": (
        ONE + "packages: {bundle: ftp://a/b}\n",
        4,
        "no address of a web server",
        "http://",
    ),
    "a bundle by half a path": (
        ONE + "packages:\n  bundle: ./bundle\n",
        5,
        "neither an address nor a whole path",
        "/srv/bundle",
    ),
    "a digest of no bundle": (
        ONE + f"packages: {{sha256: {'0' * 64}}}\n",
        4,
        "packages.sha256 is given",
        "leave it out",
    ),
    "a digest that is none": (
        ONE + "packages: {sha256: abc}\n",
        4,
        "which is no SHA-256",
        "gureum bundle show",
    ),
    "a closed lab without a bundle": (
        ONE + "lab: {internet: false}\n",
        4,
        "no bundle to install from",
        "gureum bundle create",
    ),
    # Keys.
    "unknown key": (ONE + "relese: x\n", 4, "no key 'relese'", "'release'"),
    "unknown below": (ONE + "    adress: x\n", 4, "hosts.one has no key 'adress'", "'address'"),
    "a level off": (ONE + "driver: ovn\n", 4, "no key 'driver'", "network.driver: move it"),
    "like nothing": (ONE + "quux: 1\n", 4, "no key 'quux'", "delete the key"),
    "unknown network": (ONE + "    nics: {mgmt: eth0}\n", 4, "has no key 'mgmt'", ""),
    "no hosts": ("name: x\n", None, "hosts is missing", "gureum init"),
    "hosts without value": ("hosts:\n", 1, "hosts is missing", "gureum init"),
    "hosts: {}": ("hosts: {}\n", 1, "hosts holds nothing", "gureum init"),
    "no roles": ("hosts:\n  one:\n    port: 22\n", 2, "hosts.one.roles is missing", "roles: ["),
    "roles: []": ("hosts:\n  one:\n    roles: []\n", 3, "roles holds nothing", "roles: ["),
    # The firewall.
    "no number": (OPEN + "[{port: http, why: x}]}\n", 4, "wants a number, or", ""),
    "no such port": (OPEN + "[{port: 99999, why: x}]}\n", 4, "no port 99999", "9100"),
    "ports downwards": (OPEN + "[{port: 90-80, why: x}]}\n", 4, "no ports 90-80", "port: 80-90"),
    "open for nothing": (OPEN + "[{port: 80}]}\n", 4, "[1].why is missing", "in a sentence"),
    "open nowhere": (OPEN + "[{port: 80, why: x, hosts: [on]}]}\n", 4, "no host 'on'", "'one'"),
    # Types.
    "unknown role": ("hosts:\n  one:\n    roles: [contoller]\n", 3, "'contoller'", "'controller'"),
    "role alone": ("hosts:\n  one:\n    roles: controller\n", 3, "a list", "[controller]"),
    "text for keys": (ONE + "lab: debian\n", 4, "lab wants keys", ""),
    "list for keys": (ONE + "lab: [debian]\n", 4, "not a list", ""),
    "level of nothing": (
        ONE + "logging:\n  services:\n    nvoa: debug\n",
        6,
        "no level to set of 'nvoa'",
        "'nova'",
    ),
    "syslog without a port": (
        ONE + "logging: {syslog: [logs.example.com]}\n",
        4,
        "'logs.example.com' is no syslog server",
        "logs.example.com:514",
    ),
    "bool": (ONE + "logging: {debug: maybe}\n", 4, "true or false, not 'maybe'", ""),
    "port": (ONE + "    port: ssh\n", 4, "a whole number, not 'ssh'", ""),
    "port 0": (ONE + "    port: 0\n", 4, "is 0, and cannot be smaller than 1", ""),
    "port 70000": (ONE + "    port: 70000\n", 4, "cannot be larger than 65535", ""),
    "address": (ONE + "    address: 192.0.2.300\n", 4, "an IPv4 address", ""),
    "host bits": (
        ONE + "networks:\n  management:\n    cidr: 192.0.2.5/24\n",
        6,
        "a subnet",
        "'192.0.2.0/24'",
    ),
    "pool of one": (
        ONE + PROVIDER + "    pool: [203.0.113.9]\n",
        7,
        "pool[2] is missing",
        "pool: [",
    ),
    "choice": (ONE + "lab: {os: debian-11}\n", 4, "cannot be 'debian-11'", "'debian-13'"),
    "cloud's name": (ONE + "name: My_Cloud\n", 4, "'My_Cloud' cannot be a name", "'my-cloud'"),
    "host's name": (ONE.replace("one", "Ona"), 2, "'Ona' cannot be a name", "'ona'"),
    "option": (ONE + "config:\n  nova.conf:\n    DEFAULT:\n      a: {b: 1}\n", 7, "keys below", ""),
    "file of options": (ONE + "config:\n  nova.conf: x\n", 5, "config.nova.conf wants", ""),
    # Meaning.
    "release": (ONE + "release: 2062.2\n", 4, "no OpenStack release '2062.2'", "'2026.2'"),
    "no controller": (ONE.replace("controller, ", ""), 1, "the role controller", "roles: ["),
    "no network": (ONE.replace("network, ", ""), 1, "the role network", "roles: ["),
    "no compute": (ONE.replace(", compute", ""), 1, "the role compute", "roles: ["),
    "role twice": (ONE.replace("compute", "compute, compute"), 3, "compute 2 times", "once"),
    **STORAGE_CASES,
    **DASHBOARD_CASES,
    **OBJECTS_CASES,
    **IMAGE_CASES,
    "two controllers": (
        ONE + "  two:\n    roles: [controller]\n",
        5,
        "redundant controllers are not supported yet",
        "take the role controller from two",
    ),
    "lab and ssh": (
        ONE + "  two:\n    roles: [compute]\n    connection: ssh\n    address: 192.0.2.2\n",
        6,
        "two is reached by ssh, one by lab",
        "connection: lab",
    ),
    "two local": (
        ONE.replace("hosts:\n", "hosts:\n")
        + "    connection: local\n  two:\n    roles: [compute]\n    connection: local\n",
        7,
        "both this machine",
        "connection: ssh",
    ),
    "ssh without address": (
        ONE + "    connection: ssh\n" + PROVIDER,
        2,
        "one has no address",
        "hosts.one.address",
    ),
    "ssh keys of a lab host": (
        ONE + "    user: ops\n",
        4,
        "one has user, and is not reached by SSH",
        "connection: ssh",
    ),
    "user and host in one": (
        SSH + "    ssh_host: ops@web1\n" + PROVIDER,
        6,
        "hosts.one.ssh_host cannot be 'ops@web1'",
        "keys of their own",
    ),
    "a jump that is an option": (
        SSH + "    jump: -oProxyCommand=true\n" + PROVIDER,
        6,
        "hosts.one.jump cannot be",
        "ops@192.0.2.1:22",
    ),
    "ssh without provider": (SSH, None, "networks.provider.cidr is missing", "add the subnet"),
    "one address": (
        SSH + "  two:\n    roles: [compute]\n    connection: ssh\n    address: 192.0.2.11\n",
        9,
        "two and one have one address",
        "correct",
    ),
    "outside": (
        ONE + "    address: 192.0.2.11\nnetworks:\n  management: {cidr: 198.51.100.0/24}\n",
        4,
        "outside of the management network",
        "correct",
    ),
    "broadcast": (
        ONE + "    address: 192.0.2.255\nnetworks:\n  management: {cidr: 192.0.2.0/24}\n",
        4,
        "outside of the management network",
        "correct",
    ),
    "overlap": (
        ONE + PROVIDER + "  management: {cidr: 203.0.0.0/16}\n",
        6,
        "management and provider overlap",
        "own",
    ),
    "tunnel is management": (
        ONE + "networks:\n  management: {cidr: 10.0.0.0/24}\n  tunnel: {cidr: 10.0.0.0/24}\n",
        6,
        "management and tunnel overlap",
        "leave networks.tunnel.cidr out",
    ),
    "pool without cidr": (
        ONE + "networks:\n  provider:\n    pool: [203.0.113.5, 203.0.113.9]\n",
        6,
        "its cidr is not",
        "add networks.provider.cidr",
    ),
    "pool outside": (
        ONE + PROVIDER + "    pool: [203.0.113.5, 203.0.114.9]\n",
        7,
        "203.0.114.9 is outside of the provider network",
        "correct",
    ),
    "pool backwards": (
        ONE + PROVIDER + "    pool: [203.0.113.9, 203.0.113.5]\n",
        7,
        "before it begins",
        "pool: [203.0.113.5, 203.0.113.9]",
    ),
    "gateway in the pool": (
        ONE + PROVIDER + "    gateway: 203.0.113.7\n    pool: [203.0.113.5, 203.0.113.9]\n",
        8,
        "holds the gateway",
        "pool: [203.0.113.8, 203.0.113.9]",
    ),
    "gateway outside": (
        ONE + PROVIDER + "    gateway: 192.0.2.1\n",
        7,
        "the gateway 192.0.2.1 is outside",
        "gateway: 203.0.113.1",
    ),
    "small provider": (
        ONE + "networks:\n  provider: {cidr: 203.0.113.0/28}\n",
        5,
        "needs a pool",
        "add networks.provider.pool",
    ),
    "tiny management": (
        ONE + "networks:\n  management: {cidr: 192.0.2.0/31}\n",
        5,
        "too small",
        "larger",
    ),
    "firewall of the other driver": (
        ONE + "network: {firewall: openvswitch}\n",
        4,
        "network.firewall is openvswitch, but the driver is ovn",
        "network.driver: ovs",
    ),
    "tunnels of the other driver": (
        ONE + "network:\n  driver: ovn\n  project_network_type: vxlan\n",
        6,
        "project networks cannot be VXLAN with the driver ovn",
        "network.driver: ovs",
    ),
    "no NIC for tunnels": (ONE + "    nics: {tunnel: none}\n", 4, "without a NIC", "leave the key"),
    "a router of nothing": (ONE + "    nics: {provider: none}\n", 4, "is not told", "cidr: 172.24"),
    "distributed routers of the other driver": (
        ONE + "network:\n  driver: ovs\n  distributed_floating_ips: true\n",
        6,
        "floating IPs cannot be distributed with the driver ovs",
        "network.driver: ovn",
    ),
    "name unused": (ONE + "endpoints: {name: api}\n", 4, "endpoints go by address", "by: name"),
    "name missing": (
        ONE + "  two:\n    roles: [controller]\nendpoints: {by: name}\n",
        6,
        "no name is given",
        "endpoints.name",
    ),
}


@pytest.mark.parametrize(("text", "line", "summary", "hint"), CASES.values(), ids=CASES)
def test_a_mistake_is_named(text: str, line: int | None, summary: str, hint: str) -> None:
    """R-PREP-8, R-CONF-3: file, line, what is wrong, the nearest valid name or the way out."""
    matching = [d for d in mistakes(text) if summary in d.summary]
    assert len(matching) == 1, [d.summary for d in mistakes(text)]
    found = matching[0]
    assert found.source is not None
    assert (found.source.file, found.source.line) == ("cloud.yaml", line)
    assert hint in found.hint


def test_every_rule_has_a_case() -> None:
    """A rule that no case breaks could be broken itself without anybody noticing."""
    from gureum.model.cloud import Cloud
    from gureum.model.reading import read

    broken = set()
    for text, *_ in CASES.values():
        try:
            cloud = Cloud.model_validate(read(text, "cloud.yaml").data)
        except ValueError:
            continue
        broken |= {rule.__name__ for rule in validate.RULES if list(rule(cloud))}
    assert broken == {rule.__name__ for rule in validate.RULES}


def test_every_rule_is_listed() -> None:
    rules = [
        value
        for module in (
            validate,
            ssh_rules,
            bundle_rules,
            image_rules,
            opening_rules,
            nic_rules,
            objects_rules,
            storage_rules,
            dashboard_rules,
        )
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__
        and callable(value)
        and not name.startswith("_")
        and name not in ("problems", "lacking", "known_releases", "jumps")
    ]
    assert set(rules) == set(validate.RULES)


def test_all_mistakes_are_named_at_once() -> None:
    """R-PREP-8: writing, keys, types and meaning in one go, in the file's order."""
    text = (
        "relese: 2026.2\r\n"
        "name: cloud\n"
        "name: other\n"
        "hosts:\n"
        "  one:\n"
        "    roles: [controller, network, compute]\n"
        "    port: 0\n"
        "networks:\n"
        "  provider:\n"
        "    pool: [203.0.113.5, 203.0.113.9]\n"
    )
    lines = [d.source.line for d in mistakes(text) if d.source]
    assert lines == [1, 1, 3, 7, 10]


def test_a_key_left_out_for_its_mistake_causes_no_second_one() -> None:
    text = ONE + "    connection: ssh\n    adress: 192.0.2.11\n" + PROVIDER
    assert [d.summary for d in mistakes(text)] == ["hosts.one has no key 'adress'"]


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    (tmp_path / "clod.yaml").write_text(ONE)
    with pytest.raises(InputError) as caught:
        load(tmp_path / "cloud.yaml")
    (found,) = caught.value.diagnostics
    assert "clod.yaml" in found.detail
    assert found.hint == f"gureum init {tmp_path}/cloud.yaml"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"name: caf\xe9\n"])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cloud.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load(path)
    assert "UTF-8" in caught.value.diagnostics[0].summary


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    assert "folder" in caught.value.diagnostics[0].summary
