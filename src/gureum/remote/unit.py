"""State `unit`: a systemd unit runs, starts at boot, and is younger than the files it reads."""

from __future__ import annotations

import datetime
import glob
import os
import re
import socket
import time
from typing import Any

from gureum.remote import options_read, reload
from gureum.remote.failure import Evidence, Failure
from gureum.remote.http import ask
from gureum.remote.process import must, run, time_left
from gureum.remote.unit_log import Marks, lines_that_matter

PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,Result,NeedDaemonReload,NRestarts,"
    "ExecMainStartTimestamp,ExecMainExitTimestamp,ExecMainStatus,ActiveEnterTimestamp,MainPID,"
    "StateChangeTimestamp"
)
LINKS_ONLY = {"SYSTEMCTL_INSTALL_CLIENT_SIDE": "1", "SYSTEMCTL_SKIP_SYSV": "1"}
"""Makes systemctl write the links itself: 6 ms. Through systemd it takes 0.3 s where there is an
init script as well, and marks every unit as in need of a reload."""
ENABLED = {"enabled", "static", "alias", "indirect", "generated", "linked", "enabled-runtime"}
SHIPPED = "/usr/lib/systemd/system"
FIRST_PAUSE = 0.05
LATER_PAUSE = 0.12
LOOK_EVERY = 1.0
CRASHES_ALLOWED = 2
"""A unit that died and was restarted more often than this during its start has failed."""


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return active, enabled, and which inputs were written after the unit started."""
    return read_all([spec])[0]


def read_all(specs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the readings of many units from one call of systemctl."""
    shown = show([spec["name"] for spec in specs])
    return [_reading(spec, properties) for spec, properties in zip(specs, shown)]


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Enable and start the unit, restart it if it runs already, and wait until it is ready.

    One that runs with what it reads, and only would not start at boot, is enabled and left alone.
    """
    evidence: list[Evidence] = []
    name = spec["name"]
    state = actual.get("_load")
    if state == "masked":
        must(("systemctl", "unmask", name), evidence, f"cannot unmask {name}")
    if actual.get("_reload") or state in ("not-found", "error", "bad-setting", "masked"):
        evidence += reload.daemon_reload()
    if actual.get("enabled") != spec["enabled"]:
        verb = "enable" if spec["enabled"] else "disable"
        command = ("systemctl", verb, "--no-reload", name)
        done = must(command, evidence, f"cannot {verb} {name}", environment=LINKS_ONLY)
        if not spec["enabled"] or _socket_waits_for(done.output):
            evidence += reload.daemon_reload()
    current = actual.get("active") == "active" and not actual.get("stale_inputs")
    if current and not actual.get("_forced"):
        return evidence
    start(spec, actual, evidence)
    after = read(spec)
    if after["active"] == "activating":
        # It died when it was ready, as ovn-controller 25.03 does at times; systemd starts it again.
        _wait_until_ready(spec, Marks.now(spec["log_files"]), evidence)
        after = read(spec)
    return [*evidence, {"reading": after}]


def _socket_waits_for(output: str) -> bool:
    """Tell whether `systemctl enable` made an alias that a socket starts.

    rsyslog wants syslog.socket, which wants syslog.service: its alias for itself, of which systemd
    does not know before it read its units again.
    """
    aliases = re.findall(r"^Created symlink '?/etc/systemd/system/([^/]+)\.service\b", output, re.M)
    return any(os.path.exists(f"{SHIPPED}/{alias}.socket") for alias in aliases)


def start(spec: dict[str, Any], actual: dict[str, Any], evidence: list[Evidence]) -> None:
    """Start the unit, or restart it if it runs, and wait until it is ready; Failure tells why not."""
    name = spec["name"]
    marks = Marks.now(spec["log_files"])
    verb = "restart" if actual.get("active") in ("active", "activating") else "start"
    if actual.get("active") == "failed":
        run(("systemctl", "reset-failed", name))
    units = [name]
    if name.endswith(".socket"):
        # systemd refuses to start a socket whose service runs: both go down first.
        served = _served(name)
        if verb == "restart" or served:
            units += served
            must(("systemctl", "stop", *units), evidence, f"cannot stop {name}")
            verb = "start"
    mode = ("--job-mode=ignore-dependencies",) if spec["at_once"] else ()
    done = run(("systemctl", *mode, verb, *units), timeout=max(1.0, time_left() - 2))
    evidence.append(done.evidence())
    if done.exit:
        raise _failure(spec, marks, evidence, f"{name} did not {verb}")
    _wait_until_ready(spec, marks, evidence)


def _served(name: str) -> list[str]:
    """Return the unit that a socket starts, if it runs now; one service may have several sockets."""
    done = run(("systemctl", "show", "--property=Triggers", "--value", "--", name))
    return [unit for unit in done.output.split() if show([unit])[0].get("ActiveState") == "active"]


def show(names: list[str], more: str = "") -> list[dict[str, str]]:
    """Return the properties of units, in the order asked for; none where there is no systemd.

    `more` names further properties, with commas between them.
    """
    wanted = f"{PROPERTIES},{more}"
    done = run(("systemctl", "show", "--timestamp=us+utc", f"--property={wanted}", "--", *names))
    blocks = done.output.strip("\n").split("\n\n") if done.exit == 0 else []
    if len(blocks) != len(names):
        return [{} for _ in names]
    return [
        dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in blocks
    ]


def _reading(spec: dict[str, Any], properties: dict[str, str]) -> dict[str, Any]:
    active = properties.get("ActiveState", "absent")
    started = _seconds(properties.get("ExecMainStartTimestamp", ""))
    if spec["oneshot"]:
        entered = _seconds(properties.get("ActiveEnterTimestamp", ""))
        started = max(started, entered)
        ended = _seconds(properties.get("ExecMainExitTimestamp", ""))
        if active == "inactive" and ended and properties.get("Result") == "success":
            active = "active"
    if not started:
        started = _seconds(properties.get("ActiveEnterTimestamp", ""))
    load = properties.get("LoadState", "not-found")
    if load == "not-found":
        active = "absent"
    start = properties.get("ExecMainStartTimestamp", "")
    stale = [
        path for path in spec["inputs"] if active == "active" and _stale(spec, path, start, started)
    ]
    return {
        "active": active,
        "enabled": starts_at_boot(spec["name"], properties.get("UnitFileState", "")),
        "stale_inputs": stale,
        "_exists": load not in ("not-found",) and active != "inactive",
        "_load": load,
        "_state": f"{active} ({properties.get('SubState', '')})",
        "_result": properties.get("Result", ""),
        "_exit": properties.get("ExecMainStatus", ""),
        "_started": started,
        "_since": _seconds(properties.get("StateChangeTimestamp", "")),
        "_pid": int(properties.get("MainPID") or 0),
        "_restarts": int(properties.get("NRestarts") or 0),
        "_reload": properties.get("NeedDaemonReload") == "yes",
    }


def _stale(spec: dict[str, Any], path: str, start: str, started: float) -> bool:
    """Tell whether a unit that runs since then would read something else of `path` now."""
    newer = _modified(path) > started
    unread = spec["unread"].get(path)
    if not unread:
        return newer
    return not options_read.still_read(spec["name"], start, path, unread, newer)


def starts_at_boot(name: str, state: str) -> bool:
    """Return whether a unit is started at boot, by systemd's `UnitFileState` or by its links."""
    if state in ENABLED:
        return True
    # systemd does not see new links before it is reloaded, nor does it have to.
    full = name if "." in name else f"{name}.service"
    wants = glob.glob(f"/etc/systemd/system/*.wants/{glob.escape(full)}")
    return bool(wants or glob.glob(f"/etc/systemd/system/*.requires/{glob.escape(full)}"))


def _wait_until_ready(spec: dict[str, Any], marks: Marks, evidence: list[Evidence]) -> None:
    """Poll what the unit serves; raise Failure as soon as the unit itself is dead.

    systemd is asked only once a second, or when the unit's process is gone: to ask costs it and us
    some milliseconds, which a host that starts twenty units at once does not have.
    """
    began = time.monotonic()
    until = began + min(spec["ready_within"], time_left())
    state = read(spec)
    restarts, looked = state["_restarts"], began
    while True:
        now = time.monotonic()
        if now - looked > LOOK_EVERY or not _alive(state["_pid"]):
            state, looked = read(spec), now
        if state["active"] == "failed" or state["_restarts"] - restarts > CRASHES_ALLOWED:
            raise _failure(spec, marks, evidence, f"{spec['name']} failed")
        if state["active"] in ("inactive", "absent"):
            raise _failure(spec, marks, evidence, f"{spec['name']} ended")
        said = _not_ready(spec) if state["active"] == "active" else f"it is {state['_state']}"
        if not said:
            break
        if now >= until:
            message = f"{spec['name']} is not ready after {now - began:.0f} s: {said}"
            raise _failure(spec, marks, evidence, message)
        time.sleep(FIRST_PAUSE if now - began < 2 else LATER_PAUSE)
    if spec["ready_url"] or spec["ready_port"]:
        what = spec["ready_url"] or "{}:{}".format(*spec["ready_port"])
        seconds = round(time.monotonic() - began, 3)
        evidence.append(
            {"command": ["wait for", what], "exit": 0, "output": "", "seconds": seconds}
        )


def _alive(pid: int) -> bool:
    return not pid or os.path.exists(f"/proc/{pid}")


def _not_ready(spec: dict[str, Any]) -> str:
    """Return why the unit does not serve yet, or an empty text."""
    if spec["ready_port"]:
        try:
            socket.create_connection(tuple(spec["ready_port"]), timeout=2).close()
        except OSError as error:
            return f"port {spec['ready_port'][1]}: {error}"
    if spec["ready_url"]:
        status, text = ask(spec["ready_url"])
        if not 0 < status < 500:
            return f"{spec['ready_url']}: {status or text}"
    return ""


def _failure(spec: dict[str, Any], marks: Marks, evidence: list[Evidence], message: str) -> Failure:
    state = read(spec)
    exited = f" (result {state['_result']}, exit {state['_exit']})" if state["_result"] else ""
    lines = lines_that_matter(spec["name"], marks)
    # What a unit with a log file of its own says is there, once it has come so far.
    told = next((path for path in spec["log_files"] if f"{path}:" in lines), "")
    hint = f"tail -n 100 {told}" if told else f"journalctl -u {spec['name']} -n 100"
    return Failure(message + exited, evidence, lines, hint)


def _modified(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def _seconds(timestamp: str) -> float:
    """Return seconds since the epoch of systemd's `Mon 2026-01-05 10:11:12.345678 UTC`."""
    words = timestamp.split()
    if len(words) < 3:
        return 0.0
    form = "%Y-%m-%d %H:%M:%S.%f" if "." in words[2] else "%Y-%m-%d %H:%M:%S"
    parsed = datetime.datetime.strptime(f"{words[1]} {words[2]}", form)
    return parsed.replace(tzinfo=datetime.timezone.utc).timestamp()
