"""The dashboard and the consoles, used by a person with a browser."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from gureum.checks.client import connect
from gureum.checks.vm import cleaning
from gureum.checks.vm.furnishing import FLAVOR, IMAGE

from .browsing import Person, first_paint, pixels, watched
from .screen_text import shows

# The client warns of what its own code will drop.
pytestmark = pytest.mark.lab

GREETING = "gureum guest on tty1. A root shell; 'poweroff' ends it."
"""What the guest shows on its screen once it has booted (images/guest/terminal)."""


@pytest.fixture
def address(cloud: Any) -> str:
    """The dashboard's address, as `gureum open` tells it."""
    return str(cloud.gureum("open", "dashboard").stdout.splitlines()[0])


@pytest.fixture
def member(cloud: Any) -> Iterator[tuple[str, str]]:
    """Name and password of a member of a project that has one network."""
    api = connect(cloud.folder.clouds_yaml, cloud.name)
    name, password = f"browser-{secrets.token_hex(3)}", secrets.token_urlsafe(12)
    project = api.identity.create_project(name=name, domain_id="default")
    user = api.identity.create_user(
        name=name, password=password, domain_id="default", default_project_id=project.id
    )
    role = api.identity.find_role("member", ignore_missing=False)
    api.identity.assign_project_role_to_user(project, user, role)
    network = api.network.create_network(name="blue", project_id=project.id)
    api.network.create_subnet(
        name="blue",
        network_id=network.id,
        project_id=project.id,
        ip_version=4,
        cidr="192.168.77.0/24",
    )
    yield name, password
    cleaning.clean_project(api, project, 90)
    api.identity.delete_user(user)


def test_the_administrator_logs_in_with_the_password_that_open_reveals(
    cloud: Any, page: Page, address: str
) -> None:
    """R-SVC-8: warm, the login page shows something within a second."""
    told = cloud.gureum("open", "dashboard", "--reveal").stdout.splitlines()
    password = next(line.split()[1] for line in told if line.split()[:1] == ["password"])
    with watched(page, "admin"):
        paints = [first_paint(page, address) for _ in range(3)]
        print(f"first content after {', '.join(f'{p:.2f}' for p in paints)} s")
        person = Person(page, address)
        person.log_in("admin", password)
        page.goto(f"{address}admin/hypervisors/")
        page.get_by_role("cell", name="one", exact=True).first.wait_for()
    assert min(paints) < 1.0


def test_every_page_opens_without_an_error(cloud: Any, page: Page, address: str) -> None:
    """R-SVC-8: all that the menus of the administrator lead to; the wizard as well."""
    told = cloud.gureum("open", "dashboard", "--reveal").stdout.splitlines()
    password = next(line.split()[1] for line in told if line.split()[:1] == ["password"])
    person = Person(page, address)
    with watched(page, "every-page"):
        person.log_in("admin", password)
        links = person.links()
        assert len(links) > 25, links
        visits = [person.visit(path) for path in links]
        for visit in visits:
            print(f"{visit.answered:6.2f} {visit.painted:6.2f} s  {visit.path}")
        # A browser gives its requests up when a network of this machine comes or goes; what is
        # wrong with a page itself is wrong the second time too.
        again = [person.visit(visit.path) for visit in visits if visit.wrong]
        assert not [(visit.path, visit.wrong) for visit in again if visit.wrong]
        wrong: list[str] = []
        page.on("response", lambda r: wrong.append(r.url) if r.status >= 500 else None)
        page.goto(f"{person.address}/project/instances/")
        with page.expect_response("**/metadefs/namespaces/**Volumes**"):
            page.get_by_text("Launch Instance").first.click()
        page.wait_for_load_state("networkidle")
        assert not wrong


def test_a_member_launches_a_vm_opens_its_console_and_deletes_it(
    cloud: Any, page: Page, address: str, member: tuple[str, str]
) -> None:
    """R-SVC-8, R-OPS-7: from the wizard to the words on the VM's screen, all in a browser."""
    name, password = member
    person = Person(page, address)
    with watched(page, "member"):
        person.log_in(name, password)
        person.launch("by-hand", image=IMAGE, flavor=FLAVOR, network="blue")
        person.sees_it_run("by-hand")
        person.sees_drawn("blue", "by-hand")
        screen = person.console("by-hand")
        assert _until(lambda: shows(pixels(screen), GREETING)), "the screen shows no greeting"
        assert not shows(pixels(screen), GREETING[::-1])
        told = cloud.gureum("console", "by-hand")
        assert "within 180 s" in told.stderr
        page.goto(told.stdout.strip())
        page.wait_for_function("document.getElementById('status').textContent.startsWith('Conn')")
        person.delete("by-hand")
    wrong = cloud.gureum("console", "by-hnd", check=False)
    assert wrong.returncode == 1


def _until(look: Callable[[], bool], within: float = 90.0) -> bool:
    end = time.monotonic() + within
    while not look():
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True
