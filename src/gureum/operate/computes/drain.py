"""Empties a compute host: no new VMs come, those that are there move, and what stays is named."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from gureum.apply.journal import Journal
from gureum.errors import GureumError
from gureum.operate.api import as_admin
from gureum.operate.computes.chosen import check_compute
from gureum.operate.computes.enabling import Disabled, disable
from gureum.operate.computes.move import Moved, move
from gureum.operate.computes.room import Room, room_beside
from gureum.operate.computes.vms import Vm, Way, leave, sentence, vms_on
from gureum.operate.deployment import Deployment
from gureum.operate.typed import typed

AT_ONCE = 3
"""VMs that are moved at the same time. Alive, nova takes them one by one; disks are copied side by side."""
ROUNDS = 3
"""Looks for VMs that came or were busy while others moved."""
BUSY_PAUSE = 5.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """A compute host before it is drained: its VMs, and the room beside it."""

    host: str
    vms: tuple[Vm, ...]
    homeless: tuple[Vm, ...]
    others: tuple[str, ...]
    shut: dict[str, str]
    cold: tuple[Vm, ...]


@dataclass(frozen=True, kw_only=True)
class Stays:
    """A VM that is still there, why, and what a person types to let it go."""

    vm: Vm
    why: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Drained:
    """How it ended: what moved, what stays, and since when the host takes no VMs."""

    host: str
    disabled: Disabled
    moved: tuple[Moved, ...]
    stays: tuple[Stays, ...]
    seconds: float

    @property
    def empty(self) -> bool:
        """Whether no VM is left on the host."""
        return not self.stays


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How a host is to be drained.

    `cold` shuts running VMs off instead of moving them alive, `live_only` leaves them running where
    they are when they cannot move alive, `partly` begins although not all of them find room.
    """

    host: str
    reason: str = ""
    cold: bool = False
    live_only: bool = False
    partly: bool = False


@dataclass
class Telling:
    """Who is told what happens: `disabled`, each VM that moved or not, and how far one has come."""

    disabled: Callable[[Disabled], None]
    moved: Callable[[Moved], None]
    progress: Callable[[Vm, str], None]


Confirm = Callable[[Look], None]
"""Is shown what will happen before anything does; raises to refuse it."""


def drain(deployment: Deployment, wish: Wish, confirm: Confirm, telling: Telling) -> Drained:
    """Empty a compute host and return what moved and what could not.

    Raises InputError for a name that is no compute host, GureumError where no other host takes VMs,
    or where not all of them find room (unless only some are asked for); nothing was changed then.
    """
    check_compute(deployment, wish.host, "drained")
    silent = f"the cloud {deployment.cloud.name!r} cannot be asked about its VMs"
    with as_admin(deployment.loaded, deployment.folder, silent) as api:
        room = room_beside(api, wish.host)
        look = _look(api, wish, room)
        _check_room(deployment, wish, look)
        confirm(look)
        return _Draining(deployment, api, wish, telling).to_the_end()


def _look(api: Any, wish: Wish, room: Room) -> Look:
    vms = tuple(vms_on(api, wish.host))
    movable = [vm for vm in vms if leave(vm, cold=wish.cold).way is not Way.NONE]
    return Look(
        host=wish.host,
        vms=vms,
        homeless=tuple(room.homeless(movable)),
        others=tuple(room.free),
        shut=dict(room.shut),
        cold=tuple(vm for vm in movable if vm.runs and wish.cold),
    )


def _check_room(deployment: Deployment, wish: Wish, look: Look) -> None:
    if not look.vms:
        return
    closed = "; ".join(f"{host} takes none: {why}" for host, why in look.shut.items())
    if not look.others:
        raise GureumError(
            f"no other compute host takes the {sentence(len(look.vms))} of {wish.host}",
            detail=closed or "it is the only compute host of this cloud",
            hint=typed(deployment.loaded, "host list"),
        )
    if look.homeless and not wish.partly:
        names = ", ".join(f"{vm.name} ({vm.id})" for vm in look.homeless)
        raise GureumError(
            f"{sentence(len(look.homeless))} of {len(look.vms)} on {wish.host} would find no room: {names}",
            detail="\n".join(filter(None, [f"room is on: {', '.join(look.others)}", closed])),
            hint=f"{typed(deployment.loaded, 'host drain', '--partly', wish.host)} moves the others",
        )


@dataclass
class _Draining:
    deployment: Deployment
    api: Any
    wish: Wish
    telling: Telling
    stopped: threading.Event = field(default_factory=threading.Event)
    failed: dict[str, Moved] = field(default_factory=dict)
    moved: list[Moved] = field(default_factory=list)

    def to_the_end(self) -> Drained:
        began = time.monotonic()
        disabled = disable(self.api, self.wish.host, self.wish.reason)
        self.telling.disabled(disabled)
        self._write("disabled", reason=disabled.reason)
        for turn in range(ROUNDS):
            vms = [vm for vm in vms_on(self.api, self.wish.host) if vm.id not in self.failed]
            if not vms:
                break
            if turn and all(vm.task or vm.status == "BUILD" for vm in vms):
                self.stopped.wait(BUSY_PAUSE)
            self._move_all(vms)
        stays = tuple(self._stays(vm) for vm in vms_on(self.api, self.wish.host))
        self._write("empty" if not stays else "not empty", left=[s.vm.id for s in stays])
        return Drained(
            host=self.wish.host,
            disabled=disabled,
            moved=tuple(self.moved),
            stays=stays,
            seconds=round(time.monotonic() - began, 1),
        )

    def _move_all(self, vms: list[Vm]) -> None:
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            for done in pool.map(self._move, vms):
                if done is None:
                    continue
                self.telling.moved(done)
                self._write(
                    "moved" if done.to else "stays", vm=done.vm.id, to=done.to, why=done.why
                )
                if done.to:
                    self.moved.append(done)
                elif not done.gone:
                    self.failed[done.vm.id] = done
        except BaseException:
            # Ctrl-C: what nova has begun it ends by itself; nothing more is asked of it.
            self.stopped.set()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _move(self, vm: Vm) -> Moved | None:
        """Move one VM: alive if it runs, shut off where that fails and may be; None if it cannot go."""
        if vm.task or vm.status == "BUILD":
            return None
        way = leave(vm, cold=self.wish.cold).way
        if way is Way.NONE:
            return None
        done = self._moved(vm, way)
        may_stop = vm.runs and not self.wish.live_only
        if done.to or done.gone or way is not Way.LIVE or not may_stop or self.stopped.is_set():
            return done
        again = self._moved(vm, Way.COLD)
        return replace(
            again, why=f"not alive: {done.why}" + (f"; {again.why}" if again.why else "")
        )

    def _moved(self, vm: Vm, way: Way) -> Moved:
        done = move(self.api, vm, way, progress=self.telling.progress, stopped=self.stopped)
        if done.to or done.why:
            return done
        logs = typed(
            self.deployment.loaded, "logs", *(["--request", done.request] if done.request else [])
        )
        return replace(done, why=f"nova's logs say why: {logs}")

    def _stays(self, vm: Vm) -> Stays:
        loaded = self.deployment.loaded
        found = leave(vm, cold=self.wish.cold)
        if found.way is Way.NONE:
            return Stays(vm=vm, why=found.why, hint=typed(loaded, "openstack", *found.hint))
        if failed := self.failed.get(vm.id):
            return Stays(vm=vm, why=failed.why, hint=self._way_on(vm, failed.request))
        why = f"nova is busy with it: {vm.task or vm.status}"
        return Stays(vm=vm, why=why, hint=typed(loaded, "host drain", self.wish.host))

    def _way_on(self, vm: Vm, request: str) -> str:
        loaded = self.deployment.loaded
        if self.wish.live_only and vm.runs:
            return typed(loaded, "host drain", "--cold", self.wish.host)
        if request:
            return typed(loaded, "logs", "--request", request)
        return typed(loaded, "openstack", "server", "event", "list", vm.id)

    def _write(self, what: str, **fields: Any) -> None:
        with_journal = Journal(self.deployment.folder.journal)
        with_journal.write("drain", host=self.wish.host, what=what, **fields)
        with_journal.close()
