"""Every systemd unit that was declared runs, and none had to be restarted."""

from __future__ import annotations

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.checks.expected import ExpectedUnit
from gureum.remote import probes


def run(context: CheckContext) -> Verdict:
    """Ask systemd on each host about all units at once."""
    wrong: list[str] = []
    doubtful: list[str] = []
    evidence: list[Evidence] = []
    count = 0
    for host in context.hosts:
        units = [unit for unit in context.expected.units if unit.host == host]
        count += len(units)
        shown, looked = context.ask(host, probes.units, [unit.name for unit in units])
        evidence.append(looked)
        for unit in units:
            dead, restarted = judge(unit, shown.get(unit.name, {}))
            wrong += dead
            doubtful += restarted
    first = next(iter([*wrong, *doubtful]), "UNIT").split()[0].split("/")[-1]
    return verdict(
        wrong,
        f"{count} units active",
        doubtful=doubtful,
        evidence=tuple(evidence),
        hint=context.logs(first),
        value=count,
        unit="units",
    )


def judge(unit: ExpectedUnit, shown: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return what is wrong with a unit, and what is worth a look."""
    name = f"{unit.host}/{unit.name}"
    state = shown.get("ActiveState", "unknown")
    done = unit.oneshot and state == "inactive" and shown.get("Result") == "success"
    if state != "active" and not done:
        sub = shown.get("SubState", "")
        exited = shown.get("ExecMainStatus", "0")
        said = f", exit {exited}" if exited not in ("", "0") else ""
        return [f"{name} is {state} ({sub}{said})"], []
    restarts = int(shown.get("NRestarts") or 0)
    return [], [f"{name} was restarted {restarts} times"] if restarts else []


CHECK = Check(
    id="hosts.units_active",
    title="units run",
    proves="Every systemd unit of every service is active on its host; one that systemd had to "
    "restart since it was started is a warning.",
    run=run,
)
