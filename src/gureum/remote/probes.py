"""Facts that checks ask of a host: read-only, each a command or a file and one parser."""

from __future__ import annotations

import base64
import glob
import http.client
import json
import os
import re
import socket
import time
from typing import Any

from gureum.remote.mariadb import query
from gureum.remote.process import last_line, run
from gureum.remote.text_file import text_of

MACHINES = "virtual machines"
TIME_DAEMONS = ("systemd-timesyncd", "ntp", "ntpd", "ntpsec", "openntpd")
UNIT_PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,Result,NRestarts,ExecMainStatus,StateChangeTimestamp"
)


def units(names: list[str], more: str = "") -> dict[str, dict[str, str]]:
    """Return systemd's properties of units by the names asked for; times as `@` and seconds.

    `more` names further properties, each with a comma before it.
    """
    wanted = UNIT_PROPERTIES + more
    command = ("systemctl", "show", "--timestamp=unix", f"--property={wanted}", "--")
    done = run((*command, *names), timeout=15)
    blocks = [unit_properties(block) for block in done.output.strip("\n").split("\n\n")]
    return dict(zip(names, blocks)) if done.exit == 0 and len(blocks) == len(names) else {}


def unit_properties(block: str) -> dict[str, str]:
    """Parse one block of `systemctl show`."""
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def databases(names: list[str]) -> dict[str, Any]:
    """Return `tables` (count) and `heads` (alembic revisions) of each database that exists."""
    counted = query(
        "SELECT SCHEMA_NAME, COUNT(TABLE_NAME) FROM information_schema.SCHEMATA "
        "LEFT JOIN information_schema.TABLES ON TABLE_SCHEMA = SCHEMA_NAME GROUP BY SCHEMA_NAME"
    )
    if counted is None:
        return {"error": "mariadb does not answer on its local socket"}
    tables = {name: int(count) for name, count in counted}
    found: dict[str, Any] = {}
    for name in names:
        if name in tables:
            sql = f"SELECT version_num FROM `{name}`.alembic_version"  # noqa: S608
            heads = query(sql) or []
            found[name] = {"tables": tables[name], "heads": sorted(row[0] for row in heads)}
    return found


def queues(address: str, port: int, user: str, password: str) -> dict[str, Any]:
    """Return RabbitMQ's `queues` of every virtual host, its `users` and `nodes`.

    By the management API, for a rabbitmqctl command costs a second of processor time.
    """
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    answer: dict[str, Any] = {}
    for name, columns in (
        ("queues", "vhost,name,messages,consumers,auto_delete,exclusive,type"),
        ("users", "name"),
        ("nodes", "name,running,mem_alarm,disk_free_alarm,partitions"),
    ):
        connection = http.client.HTTPConnection(address, port, timeout=8)
        try:
            headers = {"Authorization": f"Basic {token}"}
            connection.request("GET", f"/api/{name}?columns={columns}", headers=headers)
            reply = connection.getresponse()
            text = reply.read()
            if reply.status != 200:
                return {"error": f"the management API answers {reply.status} for /api/{name}"}
            answer[name] = json.loads(text)
        except (OSError, ValueError, http.client.HTTPException) as error:
            return {"error": f"the management API at {address}:{port}: {error}"}
        finally:
            connection.close()
    return answer


def chassis() -> dict[str, Any]:
    """Return OVN's chassis (`name`, `hostname`, `encaps`) as its southbound database has them."""
    rows = _ovsdb("ovn-sbctl", "name,hostname,encaps", "Chassis")
    if isinstance(rows, str):
        return {"error": rows}
    return {"chassis": [{"name": r["name"], "hostname": r["hostname"]} for r in rows]}


def northbound() -> dict[str, Any]:
    """Return OVN's generation numbers: what was wanted, and what every chassis has put to work."""
    rows = _ovsdb("ovn-nbctl", "nb_cfg,sb_cfg,hv_cfg", "NB_Global")
    return {"error": rows} if isinstance(rows, str) else (rows[0] if rows else {})


def ovsdb_rows(output: str) -> list[dict[str, Any]]:
    """Parse the JSON table format of ovs-vsctl and its like."""
    answer = json.loads(output)
    return [dict(zip(answer["headings"], row)) for row in answer["data"]]


def clock() -> dict[str, Any]:
    """Return the host's time and what chronyd measures: `stratum`, `offset`, `leap`, `reference`.

    `sources` are those it follows or could follow, with how many of their last eight answers came;
    `others` are daemons that pull at the same clock. `zone` is the offset of its local time, by
    which what the distribution ships writes its logs.
    """
    done = run(("chronyc", "-c", "tracking"), timeout=5)
    measured = tracking(done.output) if done.exit == 0 else {"error": last_line(done.output)}
    heard = run(("chronyc", "-n", "-c", "sources"), timeout=5)
    running = run(("systemctl", "is-active", *TIME_DAEMONS), timeout=5).output.split()
    offset = time.strftime("%z")
    return {
        "time": time.time(),
        "zone": f"UTC{offset[:3]}:{offset[3:]}",
        "sources": sources(heard.output),
        "others": [name for name, is_ in zip(TIME_DAEMONS, running) if is_ == "active"],
        **measured,
    }


def sources(output: str) -> dict[str, int]:
    """Parse `chronyc -c sources`: how many of the last eight questions each source answered."""
    rows = [line.split(",") for line in output.splitlines()]
    # Columns: mode, state, name, stratum, poll, reach (a bit for each answer, in octal), …
    heard = {row[2]: row[5] for row in rows if len(row) > 6 and row[5].isdigit()}
    return {name: bin(int(reach, 8)).count("1") for name, reach in heard.items()}


def tracking(output: str) -> dict[str, Any]:
    """Parse `chronyc -c tracking`; the offset is in seconds, positive where the clock is behind."""
    fields = output.strip().split(",")
    if len(fields) < 14:
        return {"error": f"cannot read {output.strip()[:200]!r}"}
    return {
        "reference": fields[1] or fields[0],
        "stratum": int(fields[2]),
        "offset": float(fields[4]),
        "leap": fields[13],
    }


def names() -> dict[str, Any]:
    """Return the host's running name, /etc/hostname, and what /etc/hosts says of that name."""
    running = socket.gethostname()
    hosts = text_of("/etc/hosts")
    return {
        "running": running,
        "etc_hostname": text_of("/etc/hostname").strip(),
        "addresses": addresses_of(running, hosts),
    }


def addresses_of(name: str, hosts: str) -> list[str]:
    """Return the addresses that an /etc/hosts gives to a name."""
    lines = (line.split("#")[0].split() for line in hosts.splitlines())
    return [words[0] for words in lines if name in words[1:]]


def memcached(address: str, port: int) -> dict[str, Any]:
    """Return memcached's own statistics."""
    try:
        with socket.create_connection((address, port), timeout=3) as connection:
            connection.sendall(b"stats\r\nquit\r\n")
            text = b"".join(iter(lambda: connection.recv(4096), b"")).decode(errors="replace")
    except OSError as error:
        return {"error": str(error)}
    return dict(re.findall(r"^STAT (\S+) (\S+)\r?$", text, re.MULTILINE))


def memory() -> dict[str, int]:
    """Return the proportional set size (PSS) of all processes in kB, summed by systemd unit.

    PSS counts shared pages once over all processes, so the sum is what the host really spends. VMs
    are summed as `virtual machines`, whichever unit they are under: they are not the cloud's own.
    """
    total: dict[str, int] = {}
    for path in glob.glob("/proc/[0-9]*/smaps_rollup"):
        try:
            found = re.search(r"^Pss:\s+(\d+) kB", text_of(path), re.MULTILINE)
            folder = os.path.dirname(path)
            cgroup, name = text_of(f"{folder}/cgroup"), text_of(f"{folder}/comm")
        except OSError:
            continue
        if found:
            unit = MACHINES if name.startswith("qemu-system") else unit_of(cgroup)
            total[unit] = total.get(unit, 0) + int(found[1])
    return total


def unit_of(cgroup: str) -> str:
    """Return the systemd unit that a /proc/PID/cgroup names, `other` where it names none."""
    found = re.findall(r"/([^/\n]+)\.(service|scope|socket)", cgroup)
    if not found:
        return "other"
    name, kind = found[-1]
    if name.startswith("machine-qemu"):
        return MACHINES
    return name if kind == "service" else f"{name}.{kind}"


def bypass_tokens(folder: str) -> list[str]:
    """Return every line of a service's config files that sets a token which needs no password."""
    found = []
    for path in sorted(glob.glob(os.path.join(folder, "**", "*"), recursive=True)):
        if not os.path.isfile(path) or not path.endswith((".conf", ".ini")):
            continue
        for number, line in enumerate(text_of(path).splitlines(), 1):
            if re.match(r"\s*admin_token\s*=\s*\S", line) or re.match(
                r"\s*[^#;]*\badmin_token_auth\b", line
            ):
                # The option's name only: its value is a secret.
                found.append(f"{path}:{number}: {line.split('=')[0].strip()}")
    return found


def _ovsdb(program: str, columns: str, table: str) -> list[dict[str, Any]] | str:
    command = (program, "--timeout=5", "--format=json", f"--columns={columns}", "list", table)
    done = run(command, timeout=8)
    return ovsdb_rows(done.output) if done.exit == 0 else f"{program}: {last_line(done.output)}"
