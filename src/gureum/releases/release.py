"""One OpenStack release as gureum installs it: everything is read from its folder when asked for."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from gureum.diagnostics import did_you_mean
from gureum.errors import InputError

if TYPE_CHECKING:
    from gureum.releases.policies import PolicyRules
    from gureum.releases.schema import Schema

FOLDER = Path(__file__).parent
LOCK = "requirements.lock"
UV_LOCK = "uv.lock"
DATABASES = "databases.json"
SCHEMA_SUFFIX = ".options.json.xz"
POLICIES_SUFFIX = ".policies.json.xz"

_SAME_SCHEMA = {"nova": "nova_cell", "nova_cell0": "nova_cell"}
"""nova's cells are databases of one schema; by default they are called nova and nova_cell0."""


class Release:
    """One release: its lock, its virtual environment's place, its option schemas and databases."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder

    @property
    def venv(self) -> str:
        """Where hosts keep the release's virtual environment, beside those of other releases."""
        return f"/opt/gureum/{self.name}"

    @functools.cached_property
    def lock(self) -> str:
        """The hash-pinned requirements of the virtual environment."""
        return (self.folder / LOCK).read_text()

    @functools.cached_property
    def uv_lock(self) -> str:
        """The hash-pinned requirements file that holds uv alone, for pip to install it from."""
        return (self.folder / UV_LOCK).read_text()

    def version(self, project: str) -> str:
        """Return the locked version of a project (`nova`) or package (`oslo.messaging`).

        Raises InputError where the lock has no such package.
        """
        wanted = re.sub(r"[-_.]+", "-", project).lower()
        for name in (wanted, f"openstack-{wanted}"):
            if name in self._versions:
                return self._versions[name]
        raise _unknown(f"release {self.name} locks no package {project!r}", project, self._versions)

    def heads(self, database: str) -> frozenset[str]:
        """Return what alembic_version of a database holds once it is up to date.

        The databases are keystone, glance, placement, nova_api, nova_cell (nova and nova_cell0 as
        well) and neutron. Raises InputError for another.
        """
        name = _SAME_SCHEMA.get(database, database)
        if name not in self._heads:
            known = {*self._heads, *_SAME_SCHEMA}
            raise _unknown(f"release {self.name} has no database {database!r}", database, known)
        return self._heads[name]

    def schema(self, name: str) -> Schema:
        """Return the option schema `name` (`nova`); raises InputError where there is none."""
        if name not in self.schemas:
            raise _unknown(f"release {self.name} has no option schema {name!r}", name, self.schemas)
        return self._load_schema(name)

    @functools.cached_property
    def schemas(self) -> frozenset[str]:
        """The names of the release's option schemas."""
        files = self.folder.glob(f"*{SCHEMA_SUFFIX}")
        return frozenset(file.name.removesuffix(SCHEMA_SUFFIX) for file in files)

    @functools.cache  # noqa: B019 - releases live as long as the process
    def _load_schema(self, name: str) -> Schema:
        from gureum.releases.schema import Schema

        return Schema.read(name, self.folder / f"{name}{SCHEMA_SUFFIX}")

    def policies(self, service: str) -> PolicyRules:
        """Return the policy rules of a service (`nova`); raises InputError where it has none."""
        if service not in self.services_with_policies:
            known = self.services_with_policies
            summary = f"release {self.name} has no policy rules of {service!r}"
            raise _unknown(summary, service, known)
        return self._load_policies(service)

    @functools.cached_property
    def services_with_policies(self) -> tuple[str, ...]:
        """The services whose policy rules the release lists."""
        files = self.folder.glob(f"*{POLICIES_SUFFIX}")
        return tuple(sorted(file.name.removesuffix(POLICIES_SUFFIX) for file in files))

    @functools.cache  # noqa: B019 - releases live as long as the process
    def _load_policies(self, service: str) -> PolicyRules:
        from gureum.releases.policies import PolicyRules

        return PolicyRules.read(service, self.folder / f"{service}{POLICIES_SUFFIX}")

    @functools.cached_property
    def _versions(self) -> dict[str, str]:
        # A package that is locked twice differs by Python version only; the last one is the newest.
        return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", self.lock, re.MULTILINE))

    @functools.cached_property
    def _heads(self) -> dict[str, frozenset[str]]:
        heads = json.loads((self.folder / DATABASES).read_text())
        return {name: frozenset(revisions) for name, revisions in heads.items()}


@functools.cache
def known_releases() -> tuple[str, ...]:
    """Return the names of all releases that gureum can install, oldest first."""
    return tuple(sorted(file.parent.name for file in FOLDER.glob(f"*/{LOCK}")))


@functools.cache
def load_release(name: str) -> Release:
    """Return the release `name`; raises InputError, naming the nearest, where it is unknown."""
    if name not in known_releases():
        raise _unknown(f"there is no release {name!r}", name, known_releases())
    return Release(name, FOLDER / name)


def _unknown(summary: str, name: str, known: object) -> InputError:
    names = sorted(known)  # type: ignore[call-overload]
    hint = did_you_mean(name, names) or f"known are {', '.join(names[:12])}"
    return InputError(summary, [], hint=hint)
