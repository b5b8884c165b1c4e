"""R-SVC-5: what tests made is told from what others have, by name, description and what stood before."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gureum.operate.tempest.cleaning import ours, throwaway


@dataclass
class Project:
    """As keystone tells of one."""

    name: str
    description: str | None = None


@pytest.mark.parametrize(
    ("project", "made_by_tests"),
    [
        (Project("tempest-ServersTest-285131919", "tempest-ServersTest-285131919-desc"), True),
        (Project("tempest-ServersTest-285131919", "our staging"), False),
        (Project("tempest-ServersTest-285131919"), False),
        (Project("tempest-team-desc", "tempest-team-desc-desc"), False),
        (Project("admin", "admin-desc"), False),
    ],
)
def test_a_project_of_tests_is_known_by_name_and_description(
    project: Project, made_by_tests: bool
) -> None:
    """R-SVC-5: a team may be called tempest, and keeps its project."""
    assert throwaway(project) is made_by_tests


def test_what_lies_in_no_project_is_known_by_its_first_word() -> None:
    """R-SVC-5: images and flavors of a run, and nothing that only looks like them."""
    assert ours("gtempest-larger")
    assert not ours("gtempestuous")
    assert not ours("tempest-image")
    assert not ours(None)
