"""RabbitMQ runs, and somebody reads every queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gureum.checks.check import Check, Evidence, Status, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.checks.patience import settled
from gureum.remote import probes

MANAGEMENT_PORT = 15672
"""Where it answers its own host; HAProxy serves it to others."""
COUNTED_WITHIN = 20.0
"""Seconds in which a service that has just started is counted: RabbitMQ looks every five, and
nova-compute subscribes some seconds after its record exists. A cloud in order waits for nothing."""
PASSING = ("reply_", "fanout_", "_fanout_")
"""Queues of one process's life: they expire by themselves after it ended."""


def run(context: CheckContext) -> Verdict:
    """Ask RabbitMQ's management API on one controller about the whole cluster."""
    ports = [port for port in context.expected.ports if port.port == MANAGEMENT_PORT]
    if not ports or context.queue_admin is None:
        return Verdict(status=Status.SKIP, summary="no RabbitMQ management API is known")
    name, password = context.queue_admin
    host, address = ports[0].host, ports[0].address
    answer, looked = settled(
        lambda: context.ask(host, probes.queues, address, MANAGEMENT_PORT, name, password.reveal()),
        lambda seen: any(judge(seen[0].get("queues", ()))),
        COUNTED_WITHIN,
    )
    wrong, doubtful = judge(answer.get("queues", ()))
    evidence = (
        Evidence(
            command=f"GET http://{address}:{MANAGEMENT_PORT}/api/queues",
            host=host,
            output=looked.output,
            seconds=looked.seconds,
        ),
    )
    if "error" in answer:
        status = context.there([host], "rabbitmqctl", "status")
        return verdict([answer["error"]], "", evidence=evidence, hint=status)
    wrong += judge_cluster(answer["nodes"], answer["users"])
    return verdict(
        wrong,
        f"{len(answer['queues'])} queues, all read",
        doubtful=doubtful,
        evidence=evidence,
        hint="gureum service show rabbitmq",
        value=len(answer["queues"]),
        unit="queues",
    )


def judge(queues: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Return queues where messages wait that nobody reads, and queues that nobody reads."""
    wrong, doubtful = [], []
    for queue in queues:
        if queue.get("consumers"):
            continue
        name = f"{queue['vhost']}/{queue['name']}"
        if queue["name"].startswith(PASSING) or "_fanout" in queue["name"]:
            continue
        if queue.get("messages"):
            wrong.append(f"{name}: {queue['messages']} messages and nobody reads them")
        elif not queue.get("auto_delete"):
            doubtful.append(f"{name}: nobody reads it")
    return wrong, doubtful


def judge_cluster(
    nodes: Sequence[Mapping[str, Any]], users: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return members that are down, short of memory or disk, or cut off; and the guest user."""
    wrong = []
    for node in nodes:
        if not node.get("running"):
            wrong.append(f"{node['name']} does not run")
        wrong += [
            f"{node['name']} is short of {what}"
            for what, alarm in (("memory", "mem_alarm"), ("disk", "disk_free_alarm"))
            if node.get(alarm)
        ]
        if node.get("partitions"):
            wrong.append(f"{node['name']} is cut off from {', '.join(node['partitions'])}")
    if any(user.get("name") == "guest" for user in users):
        wrong.append("the user guest with its well-known password is still there")
    return wrong


CHECK = Check(
    id="rabbitmq.queues_read",
    title="queues are read",
    proves="RabbitMQ's members run without alarms and partitions, no queue holds messages that "
    "nobody reads, and the default user guest is gone.",
    run=run,
    requirement="R-INFRA-2",
)
