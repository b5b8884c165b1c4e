"""Removes what tests left in a cloud, known by its name and its kind.

Tempest's own cleaning takes every resource for a leftover that was not there when it began, whoever
made it, and looks for VMs in the administrator's project alone. So projects are cleaned here, as
those of a verification are, and Tempest removes what lies in no project.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gureum.checks.vm.cleaning import clean_project
from gureum.operate.tempest.configuration import PREFIX

Say = Callable[[str], None]

_THROWAWAY = re.compile(r"tempest-\w+-\d+")
"""How Tempest calls the projects of its tests: no option changes how that begins."""


class Cleaning:
    """Cleans up after tests, this run's and those of one that was killed.

    `before` is a file with the ids of projects that stood before the first run that did not end
    well: whoever else runs Tempest against this cloud keeps what they had. It goes when all is clean.
    """

    def __init__(self, api: Any, before: Path, say: Say) -> None:
        self._api = api
        self._before = before
        self._say = say

    def begin(self) -> None:
        """Note what stands already, or remove what a killed run left since it noted that."""
        if self._before.exists():
            self.clean()
        self._before.write_text(json.dumps([p.id for p in self._api.identity.projects()]))

    def clean(self) -> tuple[str, ...]:
        """Delete the projects of tests with all that is in them, their users, images and flavors.

        Returns the names of the projects: tests that end well leave none.
        """
        known = set(json.loads(self._before.read_text()))
        api = self._api
        projects = [p for p in api.identity.projects() if p.id not in known and throwaway(p)]
        names = tuple(project.name for project in projects)
        for project in projects:
            self._say(f"removing what tests left: project {project.name}")
            clean_project(api, project)
        for user in api.identity.users():
            if user.name.startswith(tuple(f"{name}-" for name in names)):
                for pair in api.compute.keypairs(user_id=user.id):
                    api.compute.delete_keypair(pair, user_id=user.id)
                api.identity.delete_user(user)
        for image in api.image.images():
            if ours(image.name):
                api.image.delete_image(image)
        for flavor in api.compute.flavors(is_public=None):
            if ours(flavor.name):
                api.compute.delete_flavor(flavor)
        self._before.unlink()
        return names


def throwaway(project: Any) -> bool:
    """Tell whether Tempest made a project for one class of tests, by name and description."""
    named = _THROWAWAY.fullmatch(project.name) is not None
    return named and project.description == f"{project.name}-desc"


def ours(name: str | None) -> bool:
    """Tell whether tests of a run of gureum's made something."""
    return (name or "").startswith(f"{PREFIX}-")
