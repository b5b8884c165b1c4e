"""State `libvirt_secret`: libvirt keeps a key of Ceph for the VMs of its host."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from gureum.remote.ceph_ask import mark
from gureum.remote.failure import Evidence
from gureum.remote.process import must, run

_VIRSH = ("virsh", "--quiet", "--connect", "qemu:///system")


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the secret's name and the mark of its key, both empty where there is none."""
    shown = run((*_VIRSH, "secret-dumpxml", spec["uuid"]), timeout=20)
    if shown.exit:
        return {"name": "", "key": ""}
    name = re.search(r"<name>([^<]*)</name>", shown.output)
    value = run((*_VIRSH, "secret-get-value", spec["uuid"]), timeout=20)
    return {
        "name": name[1] if name else "",
        "key": mark(value.output.strip()) if value.exit == 0 else "",
    }


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Define the secret and give it the key; both go in by standard input."""
    evidence: list[Evidence] = []
    xml = (
        "<secret ephemeral='no' private='no'>"
        f"<uuid>{escape(spec['uuid'])}</uuid>"
        f"<usage type='ceph'><name>{escape(spec['name'])}</name></usage></secret>\n"
    )
    define = (*_VIRSH, "secret-define", "--file", "/dev/stdin")
    must(
        define, evidence, f"libvirt does not take the secret {spec['name']}", stdin=xml, timeout=30
    )
    give = (*_VIRSH, "secret-set-value", spec["uuid"], "--file", "/dev/stdin")
    must(
        give,
        evidence,
        f"libvirt does not take the key of {spec['name']}",
        stdin=spec["key"],
        timeout=30,
    )
    return evidence
