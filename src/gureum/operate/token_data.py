"""What a token of some user in some project says: from keystone, and without ever making one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gureum.checks.client import client
from gureum.diagnostics import did_you_mean
from gureum.errors import GureumError, InputError
from gureum.model.load import LoadedCloud
from gureum.operate.api import as_admin
from gureum.operate.typed import typed
from gureum.state.folder import CloudFolder


@dataclass(frozen=True)
class TokenData:
    """The body of a token: `token` is what keystone would tell a service of it."""

    user: str
    project: str
    roles: tuple[str, ...]
    token: Mapping[str, Any]

    @property
    def user_id(self) -> str:
        """The user's id."""
        return str(self.token["user"]["id"])

    @property
    def project_id(self) -> str:
        """The project's id."""
        return str(self.token["project"]["id"])

    def credentials(self, *, is_admin: bool = False) -> dict[str, Any]:
        """Return what rules are judged by, as oslo.policy's checker makes it of a token."""
        return {
            **self.token,
            "roles": list(self.roles),
            "user_id": self.user_id,
            "project_id": self.project_id,
            "is_admin": is_admin,
        }


def token_data(loaded: LoadedCloud, folder: CloudFolder, user: str, project: str) -> TokenData:
    """Return what a token of `user` in `project` says; both are names or ids.

    Keystone's effective assignments are what it fills a token with: groups, inherited and implied
    keystone roles are in them. So nobody's password is needed, and no token of a user is issued.
    Raises InputError for unknown names, GureumError where there is no cloud or keystone is silent.
    """
    silent = f"keystone of the cloud {folder.name!r} cannot be asked"
    with as_admin(loaded, folder, silent) as api:
        return _read(api.identity, loaded, user, project)


def _read(identity: Any, loaded: LoadedCloud, user: str, project: str) -> TokenData:
    whose = _one(identity, "user", user)
    where = _one(identity, "project", project)
    query = f"user.id={whose['id']}&scope.project.id={where['id']}&effective&include_names"
    found = _get(identity, f"/role_assignments?{query}")["role_assignments"]
    roles = {entry["role"]["name"]: entry["role"]["id"] for entry in found}
    if not roles:
        words = ("role", "add", "--user", user, "--project", project, "member")
        raise GureumError(
            f"{user} has no keystone role in the project {project}, and so gets no token there",
            hint=typed(loaded, "openstack", *words),
        )
    token = {
        "methods": ["password"],
        "user": {"id": whose["id"], "name": whose["name"], "domain": {"id": whose["domain_id"]}},
        "project": {"id": where["id"], "name": where["name"], "domain": {"id": where["domain_id"]}},
        "roles": [{"id": id_, "name": name} for name, id_ in sorted(roles.items())],
        "is_domain": False,
    }
    return TokenData(whose["name"], where["name"], tuple(sorted(roles)), token)


def _one(identity: Any, kind: str, wanted: str) -> Mapping[str, Any]:
    known: list[Mapping[str, Any]] = _get(identity, f"/{kind}s")[f"{kind}s"]
    found = [one for one in known if wanted == one["id"]] or [
        one for one in known if wanted == one["name"]
    ]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{one['id']} (domain {one['domain_id']})" for one in found)
        summary = f"there are {len(found)} {kind}s {wanted!r}, each in a domain of its own"
        raise InputError(summary, [], hint=f"name one by its id: {ids}")
    names = [str(one["name"]) for one in known]
    hint = did_you_mean(wanted, names) or f"the {kind}s are {', '.join(sorted(names)[:12])}"
    raise InputError(f"this cloud has no {kind} {wanted!r}", [], hint=hint)


def _get(identity: Any, path: str) -> Any:
    response = identity.get(path)
    client().exceptions.raise_from_response(response)
    return response.json()
