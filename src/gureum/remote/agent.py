"""Runs jobs on a host side by side, each in a thread, and sends every result back as it comes.

One connection serves dozens of steps at once: the connection's own dispatcher runs one call after
another, so calls only start a thread here. All modules are imported by name, so that they travel
to the host together, in one round trip.
"""

from __future__ import annotations

import importlib
import threading
import traceback
from typing import Any

from gureum.remote import (  # noqa: F401
    bundle,
    ceph_ask,
    ceph_cluster,
    ceph_health,
    ceph_leaving,
    ceph_members,
    ceph_monitor,
    ceph_osd,
    ceph_spare,
    ceph_usable,
    cinder_api,
    cinder_reports,
    cluster_records,
    command,
    contact,
    databases,
    directory,
    disk_use,
    facts,
    file,
    firewall,
    grounds,
    grounds_firewall,
    http,
    identity,
    knock,
    libvirt_secret,
    log_direct,
    log_filter,
    log_follow,
    log_record,
    log_requests,
    log_search,
    names,
    neutron_reports,
    nova_reports,
    objects_kept,
    on_disk,
    options_read,
    outside,
    ovs,
    packages,
    passwords_proven,
    perform,
    policy,
    queue_users,
    queues_present,
    quiet,
    rehearsal,
    reports,
    retire,
    retired_units,
    running_vms,
    schema,
    service_look,
    static_files,
    swift_disk,
    swift_look,
    swift_rings,
    swift_rings_taken,
    text_file,
    traces,
    unit,
    unit_act,
    users,
    venv,
    versions,
    volume_group,
    volume_types,
)
from gureum.remote.failure import Failure

_channel: list[Any] = []


def start(sender: Any) -> int:
    """Remember where results go; returns the user id that jobs run as."""
    import os

    _channel[:] = [sender]
    return os.geteuid()


def submit(job: int, module: str, function: str, args: list[Any]) -> None:
    """Start `function` of `module` in a thread; its result goes out under the number `job`."""
    threading.Thread(target=_work, args=(job, module, function, args), daemon=True).start()


def _work(job: int, module: str, function: str, args: list[Any]) -> None:
    try:
        answer: tuple[Any, ...] = (job, "done", _call(module, function, args))
    except Failure as failure:
        details = (failure.message, failure.evidence, failure.log_lines, failure.hint)
        answer = (job, "failure", details)
    except BaseException as error:
        answer = (job, "error", (type(error).__name__, str(error), traceback.format_exc()))
    try:
        _channel[0].send(answer)
    except Exception as error:
        _channel[0].send((job, "error", (type(error).__name__, str(error), "")))


def _call(module: str, function: str, args: list[Any]) -> Any:
    return getattr(importlib.import_module(module), function)(*args)
