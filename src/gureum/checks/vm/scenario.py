"""The VM scenario (R-VERIFY-2), from an empty project to an empty project.

    scenario = Scenario(api, settings)
    try:
        scenario.prepare()            # as soon as keystone and neutron answer
        scenario.furnish(guest)       # as soon as glance answers
        scenario.boot(guest)          # as soon as nova-compute is registered
        results = scenario.prove()
    finally:
        results += scenario.clean()   # after a failure and after Ctrl-C too

What a killed run leaves is removed by the next one, before it begins.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gureum.checks.check import CheckResult, Evidence, Status, Verdict, verdict
from gureum.checks.runner import first_line
from gureum.checks.vm import cleaning
from gureum.checks.vm.booting import boot
from gureum.checks.vm.furnishing import ensure_image
from gureum.checks.vm.labels import new_label
from gureum.checks.vm.milestones import Milestones
from gureum.checks.vm.preparation import Prepared, prepare
from gureum.checks.vm.proof import STAGES
from gureum.checks.vm.settings import Guest, VmSettings
from gureum.checks.vm.stage import Stage, run_stages
from gureum.checks.vm.state import Booted
from gureum.checks.vm.volumes import BACKUP_STAGES, VOLUME_STAGES
from gureum.errors import GureumError


class Scenario:
    """One run of the scenario as an administrator whose connection is `api`.

    Everything lies in a project of its own in which the user is an ordinary member. `on_mark` is
    told of each milestone, `on_result` of each result, `say` what a person wants to know.
    """

    def __init__(
        self,
        api: Any,
        settings: VmSettings,
        *,
        milestones: Milestones | None = None,
        on_result: Callable[[CheckResult], None] = lambda _: None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.milestones = milestones or Milestones()
        self.label = new_label()
        self._api = api
        self._settings = settings
        self._on_result = on_result
        self._say = say
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.volumes_ready = threading.Event()
        self._prepared: Prepared | None = None
        self._booted: Booted | None = None
        self._failed: Verdict | None = None

    def prepare(self) -> None:
        """Remove what a killed run left, then make project, network, router and floating IP.

        What goes wrong here, in `furnish` and in `boot` is not raised: `prove` tells it as a
        failed check, so that it stands in every report.
        """
        with self._trouble("cannot make the VM's network"):
            cleaning.sweep(self._api, self._say)
            self._prepared = prepare(self._api, self._settings, self.label)
            self.milestones.mark("network prepared")

    def furnish(self, guest: Guest) -> None:
        """Upload the guest, so that `boot` finds it there; glance must answer, nova need not."""
        with self._trouble("cannot upload the VM's image"):
            ensure_image(self._api, guest)
            self.milestones.mark("image uploaded")

    def boot(self, guest: Guest) -> None:
        """Request the VM, and prepare for it first where `prepare` did not run yet."""
        if self._prepared is None and self._failed is None:
            self.prepare()
        if self._failed is not None or self._prepared is None:
            return
        with self._trouble("cannot request the VM"):
            self._booted = boot(
                self._api,
                self._prepared,
                guest,
                settings=self._settings,
                milestones=self.milestones,
                label=self.label,
            )
            self._booted.stopped = self._stopped
            self._booted.volumes_ready = self.volumes_ready

    def stop(self) -> None:
        """End all waiting at once: what runs in another thread then fails, and `clean` can begin."""
        self._stopped.set()

    def prove(self) -> tuple[CheckResult, ...]:
        """Return what the VM proves; failures carry its console, its fault and its port."""
        if self._booted is None:
            return run_stages(self._not_booted(), None, self._on_result, tuple)
        return run_stages(self._stages, self._booted, self._on_result, self._booted.autopsy)

    @property
    def _stages(self) -> tuple[Stage[Booted], ...]:
        """What this cloud's VM has to prove."""
        volumes = VOLUME_STAGES if self._settings.volumes else ()
        backups = BACKUP_STAGES if self._settings.backups else ()
        return (*STAGES, *volumes, *backups)

    def _not_booted(self) -> tuple[Stage[None], ...]:
        """Return the stages of a run without a VM: the first fails, the others need it."""
        first, *rest = (
            Stage[None](id=s.id, title=s.title, proves=s.proves, run=_never, needs=s.needs)
            for s in self._stages
        )
        return (replace(first, run=lambda _: self._failed or _NOT_BOOTED), *rest)

    @contextmanager
    def _trouble(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            hint = error.hint if isinstance(error, GureumError) else "gureum status"
            told = f"{error.summary}: {error.detail}" if isinstance(error, GureumError) else ""
            self._failed = self._failed or Verdict(
                status=Status.FAIL,
                summary=f"{what}: {told or first_line(error)}",
                evidence=(Evidence(command=what, output=str(error)),),
                hint=hint,
            )

    def clean(self) -> tuple[CheckResult, ...]:
        """Delete all that was made and return the proof that nothing is left of it.

        Safe to call at any time and more than once. Returns nothing where nothing was made.
        """
        with self._lock:
            if self._booted is not None:
                self._booted.stop()
            try:
                project = self._api.identity.find_project(self.label.name, domain_id="default")
            except Exception as error:
                return run_stages((_cannot_clean(error),), None, self._on_result, tuple)
            if project is None:
                return ()
            return run_stages((self._cleaning(project),), None, self._on_result, tuple)

    def _cleaning(self, project: Any) -> Stage[None]:
        def act(_: None) -> Verdict:
            began = time.monotonic()
            servers = cleaning.clean_project(self._api, project, self._settings.gone_within)
            self._api.compute.delete_keypair(self.label.name, ignore_missing=True)
            cleaning.wait_for_allocations(self._api, servers)
            deleted = time.monotonic() - began
            left = cleaning.leftovers(self._api, project.id, servers, (self.label.name,))
            self.milestones.mark("cleaned up")
            return verdict(
                [f"left behind: {item}" for item in left],
                f"gone in {deleted:.1f} s, nothing left",
                evidence=(
                    Evidence(
                        command=f"every resource of project {project.id}, allocations of "
                        f"{', '.join(servers) or 'no server'}",
                        output="\n".join(left) or "none",
                        seconds=time.monotonic() - began,
                    ),
                ),
                hint="gureum verify (it removes what an earlier run left)",
                value=round(deleted, 2),
                unit="s",
            )

        return replace(NO_LEFTOVERS, run=act)


def _never(_: object) -> Verdict:
    return Verdict(status=Status.SKIP, summary="nothing was made")


_NOT_BOOTED = Verdict(status=Status.FAIL, summary="no VM was requested", hint="gureum verify")
NO_LEFTOVERS: Stage[None] = Stage(
    id="vm.no_leftovers",
    title="nothing is left of it",
    proves="After the VM and its project are deleted there is no port, floating IP, router, network, "
    "security group, volume, key pair or allocation of theirs.",
    run=_never,
)


def _cannot_clean(error: Exception) -> Stage[None]:
    said = Verdict(
        status=Status.FAIL,
        summary=f"cannot look for what is left: {first_line(error)}",
        hint="gureum verify (it removes what an earlier run left)",
    )
    return replace(NO_LEFTOVERS, run=lambda _: said)


def run_scenario(scenario: Scenario, guest: Guest) -> tuple[CheckResult, ...]:
    """Run a whole scenario and clean up after it, whatever ends it."""
    results: tuple[CheckResult, ...] = ()
    try:
        scenario.boot(guest)
        results = scenario.prove()
    except BaseException:
        scenario.stop()
        raise
    finally:
        results += scenario.clean()
    return results
