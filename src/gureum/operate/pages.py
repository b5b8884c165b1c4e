"""The cloud's own pages for people: where they answer, and who logs in with what (R-SVC-8, R-INFRA-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gureum.diagnostics import did_you_mean
from gureum.errors import GureumError
from gureum.operate.deployment import Deployment
from gureum.operate.known import Known, known
from gureum.operate.tunnel import local_port, tunnel
from gureum.operate.typed import typed
from gureum.services import dashboard_address, rabbitmq
from gureum.services.context import Context


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of a cloud: its address, its user, and where the password stands.

    `password` is empty unless it was asked for. `tunnel` is what somebody at another machine types
    to reach a lab's page, which then answers at `tunnelled`.
    """

    name: str
    title: str
    url: str
    user: str
    password_file: str
    password_key: str
    password: str = ""
    domain: str = ""
    ca: str
    tunnel: str = ""
    tunnelled: str = ""


@dataclass(frozen=True)
class _Kind:
    title: str
    port: int
    user: str
    secret: str
    domain: str
    served: Callable[[Context], bool]


_PAGES = {
    "dashboard": _Kind(
        "the dashboard",
        dashboard_address.PORT,
        "admin",
        "keystone.admin",
        "Default",
        lambda c: c.cloud.dashboard.enabled,
    ),
    "rabbitmq": _Kind(
        "RabbitMQ's management page",
        rabbitmq.PAGE_PORT,
        rabbitmq.ADMIN,
        rabbitmq.ADMIN_SECRET,
        "",
        lambda _: True,
    ),
}


def page(
    deployment: Deployment, name: str, *, reveal: bool = False, seen: Known | None = None
) -> Page:
    """Return a page of a cloud; `reveal` puts its password into it, `seen` saves looking it up.

    Raises GureumError for a page that there is not, and for a cloud that was never built.
    """
    folder = deployment.folder
    kind = _PAGES.get(name)
    if kind is None:
        raise GureumError(
            f"there is no page {name!r}",
            hint=did_you_mean(name, _PAGES) or f"the pages are {' and '.join(_PAGES)}",
        )
    # Nothing is computed for a cloud that is not there: that would make its folder and secrets.
    if seen is None and folder.facts.exists():
        seen = known(deployment)
    if seen is None or seen.seen is None:
        raise GureumError(
            f"there is no cloud {folder.name!r} yet", hint=typed(deployment.loaded, "up")
        )
    context = next(iter(seen.blueprint.contexts.values()))
    if not kind.served(context):
        raise GureumError(
            f"the cloud {folder.name!r} has no dashboard",
            detail=f"{deployment.loaded.file} says dashboard.enabled: false",
            hint="set dashboard.enabled: true, then: " + typed(deployment.loaded, "apply"),
        )
    line = tunnel(deployment, kind.port)
    return Page(
        name=name,
        title=kind.title,
        url=_url(context.api_address, kind.port),
        user=kind.user,
        password_file=str(folder.path / "secrets.json"),
        password_key=kind.secret,
        password=seen.blueprint.secrets.password(kind.secret).reveal() if reveal else "",
        domain=kind.domain,
        ca=str(folder.ca),
        tunnel=line,
        tunnelled=_url("localhost", local_port(kind.port)) if line else "",
    )


def pages(deployment: Deployment, seen: Known | None = None) -> Iterator[Page]:
    """Yield every page that the cloud serves, without passwords."""
    for name in _PAGES:
        if name != "dashboard" or deployment.cloud.dashboard.enabled:
            yield page(deployment, name, seen=seen)


def _url(host: str, port: int) -> str:
    return f"https://{host}/" if port == dashboard_address.PORT else f"https://{host}:{port}/"
