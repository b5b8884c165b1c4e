"""Logs that travel from host to host: none is lost, and no stranger slips one in (R-OPS-2)."""

from __future__ import annotations

import os
import re
import time
from typing import Any

from reading_logs import settled


def test_lines_of_all_hosts_come_to_the_controller_and_none_is_lost(three: Any) -> None:
    """R-OPS-2: while the controller takes no logs, lines wait on the disk of their host, in their order."""
    mark = f"numbered-{os.getpid()}"
    count = 300
    loop = f"for i in $(seq {count}); do logger -t trial {mark} $i; sleep 0.05; done"
    three.ssh("compute", f"systemd-run --quiet --unit=numbering sh -c '{loop}'")
    time.sleep(3)
    three.ssh(
        "controller",
        "systemctl stop rsyslog syslog.socket; sleep 6; systemctl start rsyslog; sleep 3",
    )
    three.ssh("controller", "systemctl kill -s KILL rsyslog; sleep 4")
    # systemd tells the whole command as well, when the unit starts. A line whose writer is gone
    # before the journal asks who it was carries its tag as its unit, not in front of its text.
    numbered = re.compile(rf"(trial: )?{mark} (\d+)")
    found = settled(three, "--grep", mark, "-n", "1000", count=count + 1)
    found = [one for one in found if numbered.fullmatch(one["text"])]
    # What a killed receiver had not confirmed comes once more; nothing stays away.
    numbers = dict.fromkeys(int(one["text"].split()[-1]) for one in found)
    assert list(numbers) == list(range(1, count + 1))
    assert {one["host"] for one in found} == {"compute"}
    everything = three.ssh("controller", f"grep -c {mark} /var/log/gureum/all-system.log")
    assert int(everything) >= count


def test_logs_travel_by_tls_between_hosts_that_know_each_other(three: Any) -> None:
    """R-OPS-2: who has no certificate of the cloud's authority slips no line in."""
    address = three.ssh("controller", "ss -Hltn sport = :2514").split()[3]
    host, _, port = address.rpartition(":")
    assert re.fullmatch(r"[0-9.]+", host)
    assert host != "0.0.0.0"  # noqa: S104 - what it must not be
    stranger = (
        f"import socket; s = socket.create_connection(('{host}', {port}), 5); s.settimeout(5); "
        "s.sendall(b'1 open 30 relp_version=0 commands=syslog'); print(repr(s.recv(100)))"
    )
    assert "200 OK" not in three.ssh("compute", f'python3 -c "{stranger}" 2>&1 || true')
