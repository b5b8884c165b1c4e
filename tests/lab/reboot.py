"""A reboot of all hosts of a cloud at once, with a VM that has to run again afterwards."""

from __future__ import annotations

import json
import time
from typing import Any

from own_vm import NAME, answers, own_vm


def reboot(cloud: Any) -> None:
    """Restart every host at once and fail unless all is as it was, without anybody's help."""
    with own_vm(cloud) as (api, address):
        assert answers(address, 120)
        restarted = time.monotonic()
        cloud.gureum("lab", "restart")
        assert answers(address, 240)
        print(f"the VM answers {time.monotonic() - restarted:.0f} s after the reboot was asked for")
        assert api.compute.find_server(NAME).status == "ACTIVE"
        listed = cloud.gureum("lab", "list", "--json").stdout.splitlines()
        for host in (json.loads(line)["name"] for line in listed):
            assert "tcp dport 22 accept" in cloud.ssh(host, "nft list table inet gureum")
            assert not cloud.ssh(host, "systemctl list-units --failed --no-legend").strip()
        cloud.gureum("verify")
    found = json.loads(cloud.gureum("status", "--json").stdout.splitlines()[-1])
    assert found["well"] is True
    assert "nothing to change" in cloud.gureum("apply").stderr
