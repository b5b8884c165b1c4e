"""Asks a cloud's API whether it answers, while its hosts are being asked how they are."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from gureum.checks import endpoints
from gureum.operate.deployment import Deployment
from gureum.operate.health import ApiHealth
from gureum.operate.host_reports import HostReport, host_reports
from gureum.operate.plain_api import PlainApi
from gureum.operate.vm_count import VmCount, count_vms
from gureum.services.declaration import Declaration

TIMEOUT = 5.0
"""Seconds that an endpoint is waited for."""


@dataclass(frozen=True)
class Counts:
    """How many VMs there are, and what the cloud last heard of its hosts."""

    vms: VmCount
    reports: tuple[HostReport, ...]


class ApiLook:
    """Asks the endpoints and nova in the background, while the hosts are being asked."""

    def __init__(self, deployment: Deployment, declared: Iterable[Declaration]) -> None:
        self._ca = deployment.folder.ca
        self._password = deployment.folder.secrets().password("keystone.admin")
        declared = tuple(declared)
        self._urls = {e.type: e for d in declared for e in d.endpoints}
        asked = [(e.name, e.url) for e in self._urls.values()]
        asked += [(page.name, page.url) for d in declared for page in d.pages]
        self._pool = ThreadPoolExecutor(8)
        self._vms = self._pool.submit(self._count)
        self._answers = [
            (name, self._pool.submit(endpoints.ask, _plain(url), self._ca, TIMEOUT))
            for name, url in asked
        ]

    def result(self) -> tuple[tuple[ApiHealth, ...], Counts | str]:
        """Return the answers of endpoints and pages, and what nova and neutron said, or why nothing."""
        answers = []
        for name, job in self._answers:
            got = job.result()
            wrong = endpoints.judge(got, name)
            answers.append(
                ApiHealth(
                    service=name,
                    url=got.url,
                    status=got.status,
                    milliseconds=round(got.seconds * 1000),
                    error=got.error or (f"HTTP status {got.status}" if wrong else ""),
                    tls=got.tls,
                    days=got.days if got.tls else None,
                )
            )
        vms = self._vms.result()
        self._pool.shutdown()
        return tuple(answers), vms

    def _count(self) -> Counts | str:
        if not {"identity", "compute", "network"} <= set(self._urls):
            return Counts(VmCount(), ())
        compute = _plain(self._urls["compute"].url)
        try:
            api = PlainApi(self._urls["identity"].url, self._password, self._ca)
            reports = self._pool.submit(host_reports, api, compute, self._urls["network"].url)
            return Counts(count_vms(api, compute), reports.result())
        except (OSError, ValueError, KeyError) as error:
            return f"{type(error).__name__}: {error}"


def _plain(url: str) -> str:
    """Return a URL without the part that names a project."""
    return url.partition("%(")[0].rstrip("/")


def authority_days(deployment: Deployment) -> int | None:
    """Return the days until the cloud's own authority ends."""
    context = ssl.create_default_context(cafile=str(deployment.folder.ca))
    ends = str(next(iter(context.get_ca_certs()), {}).get("notAfter", ""))
    if not ends:
        return None
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
    return (until - datetime.now(UTC)).days
