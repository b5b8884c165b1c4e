"""Removes what tests left in a cloud, known by the name that all of it begins with.

Tempest's own cleaning takes every resource for a leftover that was not there when it began, whoever
made it, and looks for VMs in the administrator's project alone. So projects are cleaned here, as
those of a verification are, and Tempest removes what lies in no project.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gureum.checks.vm.cleaning import clean_project
from gureum.operate.tempest.configuration import PREFIX

Say = Callable[[str], None]


def clean_projects(api: Any, say: Say) -> tuple[str, ...]:
    """Delete every project of tests with all that is in it; return their names."""
    projects = [p for p in api.identity.projects() if _ours(p.name)]
    for project in projects:
        say(f"removing what tests left: project {project.name}")
        clean_project(api, project)
    for user in api.identity.users():
        if _ours(user.name):
            for pair in api.compute.keypairs(user_id=user.id):
                api.compute.delete_keypair(pair, user_id=user.id)
            api.identity.delete_user(user)
    return tuple(project.name for project in projects)


def clean_furniture(api: Any) -> None:
    """Delete images and flavors of tests, our own second ones of a killed run among them."""
    for image in api.image.images():
        if _ours(image.name):
            api.image.delete_image(image)
    for flavor in api.compute.flavors(is_public=None):
        if _ours(flavor.name):
            api.compute.delete_flavor(flavor)


def _ours(name: str | None) -> bool:
    return (name or "").startswith(f"{PREFIX}-")
