"""State `queues_present`: RabbitMQ has these queues, so that what is sent to them is kept and not lost."""

from __future__ import annotations

import base64
import http.client
import time
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import time_left

PAUSE = 0.2
TIMEOUT = 8.0


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return for each queue whether it is there, by the management API."""
    token = base64.b64encode(f"{spec['admin']}:{spec['password']}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    reading: dict[str, Any] = dict.fromkeys(spec["queues"], False)
    connection = http.client.HTTPConnection(spec["address"], spec["port"], timeout=TIMEOUT)
    try:
        for name in spec["queues"]:
            path = f"/api/queues/{spec['vhost']}/{name}?disable_stats=true&enable_queue_totals=true"
            connection.request("GET", path, headers=headers)
            reply = connection.getresponse()
            reply.read()
            reading[name] = reply.status == 200
            reading["_output"] = f"{reply.status} for {name}"
    except (OSError, http.client.HTTPException) as error:
        reading["_output"] = str(error)
    finally:
        connection.close()
    return {**reading, "_exists": False}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Wait until whoever reads the queues has made them."""
    began = time.monotonic()
    until = began + min(spec["within"], time_left())
    while True:
        reading = read(spec)
        missing = [name for name in spec["queues"] if not reading[name]]
        seconds = round(time.monotonic() - began, 3)
        evidence: list[Evidence] = [
            {
                "command": ["wait for", "queues", *spec["queues"]],
                "exit": 1 if missing else 0,
                "output": reading.get("_output", ""),
                "seconds": seconds,
            }
        ]
        if not missing:
            return evidence
        if time.monotonic() >= until:
            raise Failure(
                f"nobody has made the queues {', '.join(missing)} within {seconds:.0f} s; why is in "
                f"{spec['log']}",
                evidence,
            )
        time.sleep(PAUSE)
