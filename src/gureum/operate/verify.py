"""Proves a cloud: every check, and one VM that boots while the last services still start."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from gureum.apply.events import Message, StepFinished
from gureum.errors import CheckError, GureumError
from gureum.model.cloud import Connection, Driver, Role
from gureum.model.objects import SwiftAuth
from gureum.operate.background import Background
from gureum.operate.bundle_way import source_of
from gureum.operate.run import Ready
from gureum.operate.typed import typed

if TYPE_CHECKING:
    from gureum.checks import CheckContext, CheckResult
    from gureum.checks.vm import Scenario
    from gureum.checks.vm.outside import Outside
    from gureum.images.guest_image import GuestImage
    from gureum.model.cloud import Cloud

Emit = Callable[[Any], None]

PREPARE_AFTER = (
    "keystone.identity",
    "neutron.unit.neutron-api",
    "neutron.agents_report",
    "glance.unit.glance-api",
)
"""Steps after which networks can be made and an image uploaded. A network that is there before the first
DHCP agent, with the ports of its VMs, is given to none."""
BOOT_AFTER = (
    "nova.discovery",
    "nova.computes_report",
    "nova.unit.nova-api",
    "nova.unit.nova-scheduler",
    "nova.unit.nova-metadata",
    "neutron.unit.neutron-ovn-agent",
    "neutron.agents_report",
)
"""Steps after which a VM can be asked for."""
VOLUMES_AFTER = ("cinder.types", "cinder.units_report")
"""Steps after which a volume can be asked for."""


MEMORY_LIMIT_MB = {Driver.OVN: 3200, Driver.OVS: 4500}
MEMORY_PER_HOST_MB = 250
MEMORY_OF_VOLUMES_MB = 550
MEMORY_OF_CEPH_MB = 1200
MEMORY_OF_SWIFT_MB = 700
"""What an idle all-in-one may take (PSS) before a check warns of it. The dashboard and the proxy of
consoles are 230 of it. The agents of ovs each start helpers of their own for what takes root: routers and
DHCP take 500 each, RPC 330, where OVN's agent takes 480 and its worker 220. cinder's four units take 500; a
host of Ceph takes 600, and an OSD with data as much again for its cache. Of Swift a host has a dozen
programs."""


@dataclass(frozen=True)
class Report:
    """What a verification found, and when the VM reached what."""

    results: tuple[CheckResult, ...]
    milestones: dict[str, float]
    seconds: float

    @property
    def failures(self) -> tuple[CheckResult, ...]:
        """The checks that failed."""
        return tuple(r for r in self.results if r.status.value == "fail")

    def raise_for_failures(self) -> None:
        """Raise CheckError named after the first failure."""
        if self.failures:
            first = self.failures[0]
            more = f" and {len(self.failures) - 1} more" if len(self.failures) > 1 else ""
            raise CheckError(
                f"{first.title}{more}: failed",
                detail=first.summary,
                hint=first.hint or "gureum verify",
            )


class Verification:
    """One verification of a cloud, which may begin while the cloud is still being applied."""

    def __init__(
        self,
        ready: Ready,
        guest: Background[GuestImage],
        emit: Emit,
        *,
        origin: float | None = None,
        host: str = "",
    ) -> None:
        from gureum.checks.vm import Milestones

        self._ready = ready
        self._host = host
        self._guest = guest
        self._emit = emit
        self._began = time.monotonic()
        self._origin = origin or self._began
        self.milestones = Milestones(self._origin, lambda name: emit(Message("verify", name)))
        self._done: set[str] = set()
        self._prepare_after = self._keys(PREPARE_AFTER)
        self._boot_after = self._keys(BOOT_AFTER)
        self._may_prepare = threading.Event()
        self._volumes_after = self._keys(VOLUMES_AFTER)
        self._may_boot = threading.Event()
        self._may_use_volumes = threading.Event()
        self._given_up = False
        self._vm: Background[tuple[CheckResult, ...]] | None = None
        self._scenario: Scenario | None = None

    @staticmethod
    def guest_image(emit: Emit, cloud: Cloud | None = None) -> GuestImage:
        """Return the test guest's image: of the cloud's bundle, or built here at first use."""
        from gureum.images import tiny
        from gureum.images.raw import as_raw
        from gureum.state.folder import cache

        source = source_of(cloud) if cloud is not None else None
        if source is not None:
            from gureum.bundle.guest import taken

            guest = taken(source, cache())
        else:
            guest = tiny.build(cache(), lambda text: emit(Message("image", text)))
        # Ceph makes a disk of a raw image in no time, and copies any other as a whole.
        return as_raw(guest) if cloud is not None and cloud.image_store == "ceph" else guest

    def watch(self, event: Any) -> None:
        """Take note of a step that is done; the VM starts as soon as what it needs is."""
        if not isinstance(event, StepFinished) or not event.status.good:
            return
        self._done.add(event.key)
        if self._vm is None:
            self._vm = Background(self._boot_and_prove)
        if self._done >= self._prepare_after:
            self._may_prepare.set()
        if self._done >= self._boot_after:
            self._may_boot.set()
        if self._done >= self._volumes_after:
            self._may_use_volumes.set()

    def _keys(self, ids: Collection[str]) -> set[str]:
        """Return the keys of steps on every host that has them."""
        return {step.key for step in self._ready.blueprint.steps if step.id in ids}

    def give_up(self) -> None:
        """Remove what the VM scenario made so far: the apply before it failed, or Ctrl-C came."""
        self._given_up = True
        if self._scenario is not None:
            self._scenario.stop()
        self._may_prepare.set()
        self._may_boot.set()
        self._may_use_volumes.set()
        if self._vm is not None:
            self._vm.wait()

    def run(self) -> Report:
        """Wait for the VM, run every check beside it, and return what was found."""
        from gureum.checks import CHECKS, run_checks

        self._may_prepare.set()
        self._may_boot.set()
        self._may_use_volumes.set()
        if self._vm is None:
            self._vm = Background(self._boot_and_prove)
        try:
            results = run_checks(CHECKS, self.context(), self._tell)
            results += self._vm_results()
        except BaseException:
            self.give_up()
            raise
        report = Report(results, self.milestones.as_dict(), time.monotonic() - self._began)
        self._keep(report)
        return report

    def _vm_results(self) -> tuple[CheckResult, ...]:
        """Return what the VM proved; what kept it from being made is a failed check as well."""
        from gureum.checks import CheckResult, Status
        from gureum.checks.runner import first_line

        assert self._vm is not None
        try:
            return self._vm.result()
        except GureumError as error:
            said, hint = f"{error.summary}: {error.detail}".rstrip(": "), error.hint
        except Exception as error:
            said, hint = f"{type(error).__name__}: {first_line(error)}", "gureum status"
        failed = CheckResult(
            id="vm.made", title="a VM is made", status=Status.FAIL, summary=said, hint=hint
        )
        self._tell(failed)
        return (failed,)

    def context(self) -> CheckContext:
        """Return what checks are given of this cloud."""
        from gureum.checks import CheckContext
        from gureum.checks.expected import expected_of
        from gureum.services import dashboard_address, nova_console, rabbitmq
        from gureum.services.firewall_rules import doors
        from gureum.services.swift_layout import PROXY_PORT
        from gureum.services.swift_proxy import TEMPAUTH_USER

        ready = self._ready
        folder = ready.deployment.folder
        context = next(iter(ready.blueprint.contexts.values()))
        swift = ready.deployment.cloud.swift
        return CheckContext(
            cloud=folder.name,
            clouds_yaml=folder.clouds_yaml,
            ca=folder.ca,
            hosts=ready.sessions,
            expected=expected_of({n: h.declarations for n, h in ready.blueprint.hosts.items()}),
            time_servers=bool(ready.deployment.cloud.time.servers),
            memory_limit_mb=_memory_limit(ready.deployment.cloud, len(ready.sessions)),
            ssh=lambda host: typed(ready.deployment.loaded, "ssh", host),
            logs=lambda unit: typed(ready.deployment.loaded, "logs", unit),
            queue_admin=(
                rabbitmq.ADMIN,
                ready.blueprint.secrets.password(rabbitmq.ADMIN_SECRET),
            ),
            admin=("admin", ready.blueprint.secrets.password("keystone.admin")),
            dashboard=dashboard_address.url(context),
            doors=tuple(
                door
                for name, host in ready.blueprint.hosts.items()
                for door in doors(ready.blueprint.contexts[name], host.declarations)
            ),
            addresses=context.addresses,
            one_is_here=any(
                host.connection is Connection.LOCAL
                for host in ready.deployment.cloud.hosts.values()
            ),
            consoles=context.api(nova_console.PORT, "/"),
            objects=context.api(PROXY_PORT)
            if ready.deployment.cloud.object_store != "none"
            else "",
            keeps_keys=any(
                "backend" in host.tree.files.get("cinder.conf", {}).get("key_manager", {})
                for host in ready.blueprint.hosts.values()
            ),
            objects_key=(
                ready.blueprint.secrets.password(TEMPAUTH_USER)
                if swift is not None and swift.auth is SwiftAuth.TEMPAUTH
                else None
            ),
        )

    def _boot_and_prove(self) -> tuple[CheckResult, ...]:
        from gureum.checks.vm import Scenario

        self._may_prepare.wait()
        if self._given_up:
            return ()
        scenario = Scenario(
            self.context().api,
            self._settings(),
            milestones=self.milestones,
            on_result=self._tell,
            say=lambda text: self._emit(Message("verify", text)),
        )
        scenario.volumes_ready = self._may_use_volumes
        self._scenario = scenario
        results: tuple[CheckResult, ...] = ()
        try:
            scenario.prepare()
            scenario.furnish(self._guest.result())
            self._may_boot.wait()
            if not self._given_up:
                scenario.boot(self._guest.result())
                results = scenario.prove()
        finally:
            results += scenario.clean()
        return results

    def _settings(self) -> Any:
        from gureum.checks.vm import VmSettings, provider_range

        provider = self._ready.deployment.cloud.networks.provider
        cidr = provider.cidr or self._ready.provider
        if cidr is None:
            raise GureumError(
                "the provider network has no subnet",
                detail="floating IPs need one, and only the operator knows it",
                hint="set networks.provider.cidr in cloud.yaml",
            )
        gateway, pool = provider_range(provider, IPv4Network(cidr))
        outside, beyond = self._outside()
        return VmSettings(
            physical_network=provider.physical_network,
            cidr=IPv4Network(cidr),
            gateway=gateway,
            pool=pool,
            ca=self._ready.deployment.folder.ca,
            host=self._host,
            outside=outside,
            beyond=beyond,
            volumes=bool(self._ready.deployment.cloud.backends),
            backups=self._ready.deployment.cloud.backup_target != "none",
        )

    def _outside(self) -> tuple[Outside, str]:
        """Return from where floating IPs are reached, and what lies behind their gateway if told."""
        from gureum.checks.vm.outside import Outside

        hosts = self._ready.deployment.cloud.hosts
        router = next((name for name, host in hosts.items() if host.routes_provider), "")
        if not router:
            return Outside(), ""
        beyond = str((self._ready.facts[router]["default_route"] or {}).get("gateway", ""))
        session = self._ready.sessions[router]
        if session.target.is_local:
            return Outside(), beyond
        way = tuple(session.target.ssh_command())
        return Outside(router, session.call, (*way, "-o", "BatchMode=yes")), beyond

    def _tell(self, result: CheckResult) -> None:
        words = f"{result.status.value}: {result.title}: {result.summary}"
        self._emit(Message("verify", words))

    def _keep(self, report: Report) -> None:
        """Write the report beside the journal, where `status` and later reports find it."""
        folder = self._ready.deployment.folder
        found = {
            "time": time.time(),
            "seconds": round(report.seconds, 2),
            "began": round(time.time() - (time.monotonic() - self._origin), 3),
            "milestones": report.milestones,
            "checks": [{**asdict(r), "status": r.status.value} for r in report.results],
        }
        redact = self._ready.blueprint.secrets.redactor()
        folder.write(folder.path / "verify.json", redact(json.dumps(found, indent=1)) + "\n")


def _memory_limit(cloud: Cloud, hosts: int) -> int:
    """Return what an idle cloud of this kind may take, in MB."""
    limit = MEMORY_LIMIT_MB[cloud.network.driver] + MEMORY_PER_HOST_MB * (hosts - 1)
    volumes = MEMORY_OF_VOLUMES_MB if cloud.backends else 0
    storage = len(list(cloud.hosts_with(Role.STORAGE))) if cloud.deploys_ceph else 0
    stores = len(list(cloud.hosts_with(Role.STORAGE))) if cloud.swift else 0
    return limit + volumes + MEMORY_OF_CEPH_MB * storage + MEMORY_OF_SWIFT_MB * stores
