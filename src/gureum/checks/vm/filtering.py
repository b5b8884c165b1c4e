"""Proves that security groups block and let in, both ways, for TCP and for ICMP."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from gureum.checks.check import Evidence, Verdict, verdict
from gureum.checks.vm.outside import Outside
from gureum.checks.vm.preparation import open_for
from gureum.checks.vm.state import Booted

WEB = 80


def filters(vm: Booted) -> Verdict:
    """Open and shut TCP port 80, and shut and open ICMP, at the same time."""
    with ThreadPoolExecutor(2, thread_name_prefix="filter") as pool:
        jobs = [pool.submit(_tcp, vm), pool.submit(_icmp, vm)]
        found = [job.result() for job in jobs]
    wrong = [line for lines, _ in found for line in lines]
    return verdict(
        wrong,
        "TCP and ICMP: shut, open and shut again as told",
        evidence=tuple(looked for _, evidence in found for looked in evidence),
        hint=f"gureum openstack security group rule list {vm.name}",
    )


def _tcp(vm: Booted) -> tuple[list[str], list[Evidence]]:
    address, page = vm.prepared.floating_ip, vm.settings.outside.page
    wrong: list[str] = []
    evidence: list[Evidence] = []
    if page(address, timeout=1.0) is not None:
        wrong.append(f"port {WEB} answers although no rule lets it in")
    evidence.append(Evidence(command=f"connect to {address}:{WEB}, no rule", output="dropped"))
    rule = open_for(vm.prepared.api, vm.prepared.security_group, "tcp", WEB)
    opened = _until(vm, lambda: page(address, timeout=0.5) == vm.name, "add the rule", evidence)
    if not opened:
        wrong.append(f"port {WEB} stays shut after a rule was added")
    vm.prepared.api.network.delete_security_group_rule(rule)
    shut = _until(vm, lambda: page(address, timeout=0.5) is None, "remove the rule", evidence)
    if not shut:
        wrong.append(f"port {WEB} stays open after its rule was removed")
    return wrong, evidence


def _icmp(vm: Booted) -> tuple[list[str], list[Evidence]]:
    api, group, address = vm.prepared.api, vm.prepared.security_group, vm.prepared.floating_ip
    outside = vm.settings.outside
    wrong: list[str] = []
    evidence: list[Evidence] = []
    for rule in api.network.security_group_rules(security_group_id=group.id, protocol="icmp"):
        api.network.delete_security_group_rule(rule)
    if not _until(vm, lambda: _silent(outside, address), "remove the ICMP rule", evidence):
        wrong.append("ping is answered although its rule was removed")
    open_for(api, group, "icmp", None)
    if not _until(vm, lambda: outside.answers(address, timeout=0.5), "add the ICMP rule", evidence):
        wrong.append("ping is not answered after its rule was added again")
    return wrong, evidence


def _silent(outside: Outside, address: str) -> bool:
    """Tell that three requests in a row get no answer: one lost packet proves no firewall."""
    return not any(outside.answers(address, timeout=0.3) for _ in range(3))


def _until(vm: Booted, look: Callable[[], bool], what: str, evidence: list[Evidence]) -> bool:
    began = time.monotonic()
    done = bool(vm.until(look, within=vm.settings.filter_within, pause=0.05))
    seconds = time.monotonic() - began
    said = f"took effect within {seconds:.1f} s" if done else f"no effect after {seconds:.0f} s"
    evidence.append(Evidence(command=what, output=said, seconds=seconds))
    return done
