"""horizon's copies of the services' policies, by which it shows or hides what a person may do."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.policy.written import policy_yaml
from gureum.services.context import Context, options_in
from gureum.services.declaration import TextFile

_SERVICES = {
    "identity": "keystone",
    "compute": "nova",
    "volume": "cinder",
    "image": "glance",
    "network": "neutron",
}
"""horizon's names of the services whose policy it judges by."""


def policy_copies(c: Context) -> tuple[TextFile, ...]:
    """Return a copy of each service's overrides: horizon's user may not read the services' folders."""
    return tuple(
        TextFile(
            path=_path(service),
            content=policy_yaml(
                service, c.cloud.policy.get(service, {}), c.release.policies(service)
            ),
            why=f"what {service} would refuse is not offered, and what it would grant is not hidden",
            group="horizon",
            mode=0o640,
        )
        for service in _SERVICES.values()
    )


def policy_settings(file: str) -> Iterator[Option]:
    """Yield where horizon finds its copies."""
    conf = options_in(file, "horizon")
    for name, service in _SERVICES.items():
        yield conf(
            "POLICY_FILES",
            name,
            _path(service),
            f"the operator's policy for {service} decides what is offered as well as what is granted",
        )


def _path(service: str) -> str:
    return f"/etc/horizon/policy/{service}.yaml"
