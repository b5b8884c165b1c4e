"""The policy file of a service: what the operator decides otherwise than the release (R-CONF-5)."""

from __future__ import annotations

from gureum.config.setting import Option, Setting
from gureum.diagnostics import Source
from gureum.policy.written import policy_yaml
from gureum.services.context import Context
from gureum.services.declaration import TextFile


def policy_path(service: str) -> str:
    """Return where a service's policy file lies."""
    return f"/etc/{service}/policy.yaml"


def policy_file(c: Context, service: str) -> TextFile:
    """Return the file of a service's overrides.

    oslo.policy looks at the file's time at every request and reads it again when it changed, so
    that no unit need restart for it, unless its service keeps what it once read (glance).
    """
    return TextFile(
        path=policy_path(service),
        content=policy_yaml(service, c.cloud.policy.get(service, {}), c.release.policies(service)),
        why=f"what the operator lets users do otherwise than {service}'s release does, and nothing else",
        group=service,
        mode=0o640,
    )


def policy_option(file: str, service: str) -> Option:
    """Return the option of a service's config `file` that leads to its policy file."""
    why = f"gureum writes the operator's policy for {service} there; at another place it would not count"
    setting = Setting(policy_path(service), why, Source(f"services/{service}.py"), fixed=True)
    return Option(file, "oslo_policy", "policy_file", setting)
