"""Measures how gureum grows with hosts: ./run python benchmarks/fleet.py --help.

Two things are measured, each in a process of its own for each number of hosts:

- planning: a new cloud of one controller and many computes, from facts to a whole plan with every
  diff. No host is asked.
- apply: facts, blueprint and an apply that changes nothing, over one SSH connection a host. There
  are only the lab's few real hosts (`gureum up --shape three-node`), so many connections lead to
  its compute host, and each gets the steps of that host under a name of its own. What they read is
  real; the processor time on hosts, which a real fleet would spend side by side, is spent on this
  one machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from gureum.hosts import Connections, Target
from gureum.model.cloud import Cloud, Role
from gureum.model.load import LoadedCloud
from gureum.operate.deployment import Deployment
from gureum.operate.host_check.asking import ask
from gureum.operate.hosts import addresses, open_lab, targets
from gureum.state.folder import CloudFolder
from gureum.steps.step import Step

BASE = IPv4Address("10.64.0.0")
FACTS: dict[str, Any] = {
    "default_route": {"device": "eno1"},
    "cpus": 64,
    "memory_mb": 262144,
    "kvm": {"works": True},
    "openvswitch": "loaded",
    "os": {"id": "debian", "version": "13", "name": "Debian GNU/Linux 13 (trixie)"},
}
SSHD = "/etc/ssh/sshd_config.d/fleet.conf"
"""Lets many connections begin at once at one host, as each of a fleet lets one."""


def main() -> None:
    """Print a table of seconds and memory by number of hosts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--cloud", help="a standing cloud of three nodes, for the part that applies"
    )
    parser.add_argument("--plan", type=int, nargs="*", default=[10, 50, 100, 250, 500])
    parser.add_argument("--apply", type=int, nargs="*", default=[3, 10, 25, 50])
    parser.add_argument("--out", type=Path, help="write every figure to this file as JSON")
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "HOSTS"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        what, hosts = chosen.one[0], int(chosen.one[1])
        found = planning(hosts) if what == "plan" else applying(chosen.cloud, hosts)
        print(json.dumps(found))
        return
    rows = [("plan", n) for n in chosen.plan]
    rows += [("apply", n) for n in chosen.apply] if chosen.cloud else []
    figures = []
    for what, hosts in rows:
        command = [sys.executable, __file__, "--one", what, str(hosts)]
        command += ["--cloud", chosen.cloud] if chosen.cloud else []
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        figures.append({"what": what, "hosts": hosts, **json.loads(done.stdout.splitlines()[-1])})
        shown = "  ".join(f"{key} {value}" for key, value in figures[-1].items())
        print(shown, flush=True)
    if chosen.out:
        found = {"load": os.getloadavg(), "figures": figures}
        chosen.out.write_text(json.dumps(found, indent=1) + "\n")


def planning(hosts: int) -> dict[str, Any]:
    """Plan a new cloud of so many hosts."""
    from gureum.plan import make_plan

    with tempfile.TemporaryDirectory() as place:
        deployment, addresses, facts = made_up(hosts, Path(place))
        began, spent = time.monotonic(), time.process_time()
        blueprint = deployment.blueprint(addresses, facts)
        plan = make_plan(blueprint.steps, {}, redact=blueprint.secrets.redactor())
        return {
            "steps": len(plan.steps),
            "seconds": round(time.monotonic() - began, 2),
            "cpu": round(time.process_time() - spent, 2),
            "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


def made_up(hosts: int, place: Path) -> tuple[Deployment, dict[str, str], dict[str, Any]]:
    """Return a cloud of one controller and many computes, its addresses and facts."""
    names = ["controller", *(f"compute-{n:03}" for n in range(1, hosts))]
    addresses = {name: str(BASE + 10 + n) for n, name in enumerate(names)}
    cloud = {
        "name": "fleet",
        "networks": {"provider": {"cidr": "203.0.113.0/24"}},
        "hosts": {
            name: {
                "roles": ["compute"] if n else ["controller", "network"],
                "connection": "ssh",
                "address": addresses[name],
            }
            for n, name in enumerate(names)
        },
    }
    facts = {
        name: {
            **FACTS,
            "nics": [
                nic("eno1", n, [f"{addresses[name]}/16"]),
                nic("eno2", n, []),
            ],
        }
        for n, name in enumerate(names)
    }
    loaded = LoadedCloud(Cloud.model_validate(cloud))
    return Deployment(loaded, CloudFolder("fleet", place)), addresses, facts


def nic(name: str, number: int, addresses: list[str]) -> dict[str, Any]:
    """Return a NIC as facts tell it."""
    mac = f"02:00:00:{name[-1]}0:{number // 256:02x}:{number % 256:02x}"
    return {"name": name, "ipv4": addresses, "mac": mac, "mtu": 1500, "kind": ""}


def said(connections: Connections, hosts: list[Target]) -> dict[str, Any]:
    """Ask hosts all that an apply asks before it plans, and return their facts."""
    _, looks = ask(connections, hosts)
    return {name: look.facts for name, look in looks.items()}


def applying(cloud: str, hosts: int) -> dict[str, Any]:
    """Ask so many hosts for facts, blueprint as many, and apply what changes nothing."""
    from gureum.apply import Journal, run
    from gureum.model.load import load
    from gureum.operate.kept_input import kept_input
    from gureum.plan import make_plan, read_steps

    folder = CloudFolder(cloud)
    kept = kept_input(folder)
    deployment = Deployment(kept.load() if kept else load(folder.path / "cloud.yaml"), folder)
    lab = open_lab(deployment, lambda _: None) if deployment.in_lab else None
    here = {target.name: target for target in targets(deployment, lab)}
    at = addresses(deployment, lab)
    names = [f"compute-{n:03}" for n in range(hosts)]
    compute = next(name for name, _ in deployment.cloud.hosts_with(Role.COMPUTE))
    own = [replace(here[compute], name=name) for name in names]
    allow_many(here[compute])
    with tempfile.TemporaryDirectory() as place, Connections() as connections:
        began, spent = time.monotonic(), time.process_time()
        sessions = connections.open(own)
        connected = time.monotonic()
        facts = said(connections, own)
        asked = time.monotonic()
        others, theirs, made = made_up(hosts + 1, Path(place))
        others.blueprint(theirs, made)
        real = said(connections, list(here.values()))
        steps = [
            copy
            for name in names
            for copy in named(deployment.blueprint(at, real).hosts[compute].steps, name)
        ]
        blueprinted = time.monotonic()
        plan = make_plan(steps, read_steps(steps, sessions))
        journal = Journal(Path(place) / "journal.jsonl")
        result = run(steps, sessions, plan=plan, journal=journal, emit=lambda _: None)
        ended = time.monotonic()
        changed = [step.key for step in plan.changes]
        if changed or len(facts) != hosts:
            sys.exit(f"this is to change nothing, and would change {changed[:5]}")
        result.raise_for_failures()
        return {
            "steps": len(steps),
            "seconds": round(ended - began, 2),
            "connect": round(connected - began, 2),
            "facts": round(asked - connected, 2),
            "blueprint": round(blueprinted - asked, 2),
            "read and apply": round(ended - blueprinted, 2),
            "cpu": round(time.process_time() - spent, 2),
            "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "ssh MB": ssh_memory(),
        }


def named(steps: tuple[Step, ...], host: str) -> Iterator[Step]:
    """Yield a host's steps as those of another name; what they need of other hosts falls away."""
    for step in steps:
        needs = frozenset(
            f"{host}/{key.partition('/')[2]}"
            for key in step.needs
            if key.startswith(f"{step.host}/")
        )
        watches = frozenset(
            f"{host}/{key.partition('/')[2]}"
            for key in step.watches
            if key.startswith(f"{step.host}/")
        )
        yield replace(step, host=host, needs=needs, watches=watches)


def allow_many(host: Target) -> None:
    """Let the one host that stands for a fleet take many connections at once."""
    # OpenSSH shuts an address out from which many come and do not log in, as gureum's own look does
    # at a host that is slow to answer: once a host, and here all of them are one.
    text = f"printf 'MaxStartups 500\\nPerSourcePenalties no\\n' >{SSHD}; systemctl reload ssh; sleep 2"
    subprocess.run(host.ssh_command("sh", "-c", text), check=True, stdin=subprocess.DEVNULL)


def ssh_memory() -> int:
    """Return the memory of the ssh clients of this process in MB, shared pages counted once."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                lines = (status.parent / "smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except OSError:
            continue
    return total // 1024


if __name__ == "__main__":
    main()
