"""Policy on a real cloud: a member is refused, allowed, and refused again, and no unit restarts."""

from __future__ import annotations

import json
import os
import random
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gureum.checks.client import connect
from gureum.policy.language import Misspelt, parse
from gureum.policy.verdict import RealUser, Rules

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
    # The SDK warns of what it has itself, whoever uses it.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

EXAMPLES = Path(__file__).parents[2] / "examples"
FIXED_IP = "create_port:fixed_ips:ip_address"
FORCED_HOST = "os_compute_api:servers:create:forced_host"
ADDRESS = "10.77.0.77"
UNITS = "nova-api neutron-api keystone-api placement-api glance-api"
MARK = "gureum-test-policy"


class Member:
    """A user with the keystone role member, what they act upon, and what became of it."""

    def __init__(self, cloud: Any, folder: Path) -> None:
        self.admin = connect(cloud.folder.clouds_yaml, cloud.name)
        identity, network = self.admin.identity, self.admin.network
        password = secrets.token_urlsafe()
        self.project = identity.create_project(name=MARK)
        self.user = identity.create_user(name=MARK, password=password)
        role = identity.find_role("member")
        identity.assign_project_role_to_user(self.project, self.user, role)
        self.network = network.create_network(name=MARK, shared=True)
        network.create_subnet(network_id=self.network.id, ip_version=4, cidr="10.77.0.0/24")
        self.flavor = self.admin.compute.create_flavor(name=MARK, ram=64, vcpus=1, disk=1)
        self.image = self.admin.image.create_image(
            MARK, data=bytes(512), disk_format="raw", container_format="bare", visibility="public"
        )
        lines = cloud.folder.clouds_yaml.read_text().splitlines()
        mine = {"username:": MARK, "password:": password, "project_name:": MARK}
        for number, line in enumerate(lines):
            word = line.split()[0]
            if word in mine:
                lines[number] = f"{line.partition(word)[0]}{word} {mine[word]}"
        (folder / "member.yaml").write_text("\n".join(lines))
        self.api = connect(folder / "member.yaml", cloud.name)

    def chooses_address(self) -> int:
        """Ask for a port with an address on the shared network; return the HTTP status."""
        ips = [{"ip_address": ADDRESS}]
        answer = self.api.network.post(
            "/ports", json={"port": {"network_id": self.network.id, "fixed_ips": ips}}
        )
        if answer.status_code == 201:
            port = answer.json()["port"]
            assert [ip["ip_address"] for ip in port["fixed_ips"]] == [ADDRESS]
            self.api.network.delete_port(port["id"])
        return int(answer.status_code)

    def forces_host(self) -> int:
        """Ask for a VM on the host `one`; return the HTTP status."""
        server = {
            "name": MARK,
            "imageRef": self.image.id,
            "flavorRef": self.flavor.id,
            "networks": "none",
            "availability_zone": "nova:one",
        }
        answer = self.api.compute.post("/servers", json={"server": server}, microversion="2.37")
        if answer.status_code == 202:
            made = self.admin.compute.get_server(answer.json()["server"]["id"])
            self.admin.compute.wait_for_server(made, wait=60, interval=1)
            made = self.admin.compute.get_server(made.id)
            assert (made.status, made.compute_host) == ("ACTIVE", "one")
            self.admin.compute.delete_server(made, force=False)
            self.admin.compute.wait_for_delete(made, wait=60, interval=1)
        return int(answer.status_code)

    def leave(self) -> None:
        """Take away all that was made."""
        self.admin.image.delete_image(self.image)
        self.admin.compute.delete_flavor(self.flavor)
        self.admin.network.delete_network(self.network)
        self.admin.identity.delete_user(self.user)
        self.admin.identity.delete_project(self.project)
        self.api.close()
        self.admin.close()


@pytest.fixture(scope="module")
def member(cloud: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Member]:
    made = Member(cloud, tmp_path_factory.mktemp("member"))
    yield made
    made.leave()


def answers(cloud: Any, rule: str, *words: str) -> tuple[dict[str, bool], dict[str, Any]]:
    """Return what `policy check` says of the member, by policy, and all of it."""
    asked = ("policy", "check", rule, "--user", MARK, "--project", MARK, "--json", *words)
    found = json.loads(cloud.gureum(*asked).stdout)
    return {one["policy"]: one["allowed"] for one in found["answers"]}, found


def test_a_member_is_refused_allowed_and_refused_again(
    cloud: Any, member: Member, tmp_path: Path
) -> None:
    """R-CONF-5: a fixed IP and a forced host, judged alike by the live API and by the checker."""
    before = started(cloud)
    assert (member.chooses_address(), member.forces_host()) == (403, 403)
    both = tmp_path / "both.yaml"
    one, other = ((EXAMPLES / f"policy-{n}.yaml").read_text() for n in ("fixed-ip", "forced-host"))
    both.write_text(one + other.partition("policy:\n")[2])
    for rule in (FIXED_IP, FORCED_HOST):
        said, found = answers(cloud, rule, "--file", str(both))
        assert said == {"default": False, "input": True}
        assert found["runs"] == "default"
        assert found["keystone_roles"] == ["member", "reader"]
        assert [w["severity"] for w in found["warnings"]] == ["warning"]

    applied = cloud.gureum("apply", "--file", str(both))
    assert "POST /servers" in applied.stderr
    assert "4 changed" in applied.stderr
    assert (member.chooses_address(), member.forces_host()) == (201, 202)
    said, found = answers(cloud, FIXED_IP, "--file", str(both))
    assert (said["input"], found["runs"]) == (True, "input")
    said, found = answers(cloud, FORCED_HOST, "--file", str(cloud.base))
    assert (said, found["runs"]) == ({"default": False, "cloud": True}, "cloud")

    assert "4 changed" in cloud.back().stderr
    assert (member.chooses_address(), member.forces_host()) == (403, 403)
    assert started(cloud) == before


def started(cloud: Any) -> str:
    said: str = cloud.ssh("one", f"systemctl show -p Id,ActiveEnterTimestamp {UNITS}")
    return said


def test_a_token_says_what_gureum_knows_of_it(cloud: Any, member: Member) -> None:
    """R-CONF-5: credentials without a token are those of a real one."""
    from gureum.model.load import default_cloud
    from gureum.operate.token_data import token_data

    known = token_data(default_cloud(cloud.name), cloud.folder, MARK, MARK)
    real = member.api.session.auth.get_access(member.api.session)
    assert set(known.roles) == set(real.role_names)
    assert (known.user_id, known.project_id) == (real.user_id, real.project_id)


COMPARE = """\
import json, sys
from oslo_policy import policy
asked = json.load(sys.stdin)
creds, target = asked["creds"], asked["target"]
class Enforcer:
    rules = policy.Rules.from_dict(asked["rules"])
said = {}
for name, check in Enforcer.rules.items():
    said[name] = bool(policy._checks._check(check, target, dict(creds), Enforcer, name))
print(json.dumps(said))
"""


def test_rules_are_read_as_oslo_policy_reads_them(cloud: Any) -> None:
    """R-CONF-5: three hundred rules made by chance are decided alike by both."""
    chance = random.Random(5)  # noqa: S311 - the same rules every time
    creds = {"roles": ["member", "reader"], "project_id": "p", "user_id": "u", "is_admin": False}
    target = {"project_id": "p", "user_id": "v", "visibility": "public"}
    rules: dict[str, str] = {}
    while len(rules) < 300:
        text = expression(chance, 3)
        try:
            parse(text)
        except Misspelt:
            continue
        rules[f"r{len(rules)}"] = text
    asked = json.dumps({"rules": rules, "creds": creds, "target": target})
    done = cloud.gureum(
        "ssh", "one", f"/opt/gureum/2026.2/bin/python -c '{COMPARE}' <<'END'\n{asked}\nEND"
    )
    theirs = json.loads(done.stdout)
    ours = Rules(rules)
    judge = RealUser(creds, target)
    mine = {name: ours.decide(name, judge).allowed for name in rules}
    assert {n: (rules[n], mine[n]) for n in rules if mine[n] != theirs[n]} == {}
    assert 50 < sum(mine.values()) < 250


LEAVES = (
    *("role:member", "role:admin", "@", "!", "project_id:%(project_id)s", "user_id:%(user_id)s"),
    *("rule:r1", "rule:r2", "rule:nowhere", "is_admin:True", "is_admin:False", "tenant:%(none)s"),
    *('"public":%(visibility)s', "None:%(project_id)s", "user_id:u", "role:%(visibility)s"),
)


def expression(chance: random.Random, depth: int) -> str:
    """Return a check that chance makes."""
    kind = chance.choice(("leaf", "not", "and", "or", "bracket")) if depth else "leaf"
    if kind == "leaf":
        return chance.choice(LEAVES)
    if kind == "not":
        return f"not {expression(chance, depth - 1)}"
    if kind == "bracket":
        return f"({expression(chance, depth - 1)})"
    return f"{expression(chance, depth - 1)} {kind} {expression(chance, depth - 1)}"
