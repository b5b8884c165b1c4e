"""A person at the dashboard, in a real browser: the few things that people do there."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Frame, Page, Response, expect

SCREENSHOTS = Path(__file__).parents[2] / ".cache" / "screenshots"
PATIENCE = 60_000
"""Milliseconds for a page on a busy machine; a quiet one needs a tenth of it."""


NOISE = (
    # The page of images asks whether there are volumes, and a no is an error to its framework.
    "Service type is not enabled: block-storage",
    # A share of nothing (pinned processors on a host without any) is drawn as a full circle.
    "<path> attribute d: Expected number",
    # What the browser says where a network of this machine comes or goes meanwhile.
    "ERR_NETWORK_CHANGED",
    "Possibly unhandled rejection: null",
)
"""What horizon's own pages say in the browser's console of a cloud where nothing is wrong."""
TIMES = """() => ({
    answered: performance.getEntriesByType('navigation')[0].responseStart,
    painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
})"""


@dataclass(frozen=True)
class Visit:
    """A page that somebody opened: what was wrong, and seconds until it answered and showed something."""

    path: str
    wrong: list[str]
    answered: float
    painted: float


class Person:
    """Somebody who sits at a browser and has the dashboard's address."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address.rstrip("/")
        page.set_default_timeout(PATIENCE)
        page.set_default_navigation_timeout(PATIENCE)

    def log_in(self, name: str, password: str) -> None:
        self.page.goto(f"{self.address}/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", password)
        self.page.click("#loginBtn")
        expect(self.page.locator("#navbar-collapse, .navbar").first).to_contain_text(name)

    def links(self) -> list[str]:
        """Return the path of every page that the menus lead to."""
        found: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('#sidebar a[href], nav a[href]')]"
            ".map(link => link.getAttribute('href'))"
        )
        pages = [path for path in dict.fromkeys(found) if path.startswith("/") and path != "/"]
        # One ends the session, others change the project or are no pages but files.
        ends = ("logout", "switch", "openrc", "clouds.yaml")
        return [path for path in pages if not any(word in path for word in ends)]

    def visit(self, path: str) -> Visit:
        """Open a page, wait until it asks for nothing more, and return what was seen of it."""
        page, wrong = self.page, list[str]()

        def answered(answer: Response) -> None:
            if answer.status >= 400:
                wrong.append(f"{answer.status} {answer.url}")

        def said(message: ConsoleMessage) -> None:
            if message.type == "error" and not any(word in message.text for word in NOISE):
                wrong.append(message.text)

        def failed(error: object) -> None:
            wrong.append(str(error))

        page.on("response", answered)
        page.on("console", said)
        page.on("pageerror", failed)
        try:
            page.goto(f"{self.address}{path}")
            page.wait_for_load_state("networkidle")
        finally:
            page.remove_listener("response", answered)
            page.remove_listener("console", said)
            page.remove_listener("pageerror", failed)
        wrong += page.locator(".alert-danger:visible, .alert-warning:visible").all_inner_texts()
        if "/auth/login/" in page.url:
            wrong.append("it leads to the login")
        times: dict[str, float] = page.evaluate(TIMES)
        return Visit(path, wrong, times["answered"] / 1000, times["painted"] / 1000)

    def launch(self, vm: str, *, image: str, flavor: str, network: str) -> None:
        """Go through the launch-instance wizard, every required step of it."""
        page = self.page
        page.goto(f"{self.address}/project/instances/")
        page.get_by_text("Launch Instance").first.click()
        page.fill("input[name=name]", vm)
        finish = page.locator("button.finish")
        end = time.monotonic() + PATIENCE / 1000
        # What is taken before the page has all it asked for is given up again when the rest comes,
        # as the flavor when the quotas do: a person takes it once more, and so does this.
        while not finish.is_enabled() and time.monotonic() < end:
            for step, name in (("Source", image), ("Flavor", flavor), ("Networks", network)):
                page.locator(".wizard-nav").get_by_text(step, exact=True).click()
                row = page.locator("tr:visible", has_text=name)
                row.first.wait_for()
                take = row.locator("button.fa-arrow-up:visible")
                # The only network there is has been taken already.
                if take.count():
                    take.first.click()
            page.wait_for_timeout(500)
        page.locator("button.finish:enabled").click()

    def sees_it_run(self, vm: str) -> None:
        """Wait until the list of VMs, which renews itself, calls it active."""
        row = self.page.locator("tr", has_text=vm).filter(has_text="Running")
        expect(row.locator("td.status_up", has_text="Active").first).to_be_visible(
            timeout=3 * PATIENCE
        )

    def sees_drawn(self, *names: str) -> None:
        """Wait until the drawing of the project's networks shows all of these names."""
        self.page.goto(f"{self.address}/project/network_topology/")
        for name in names:
            expect(self.page.locator("#topology_canvas")).to_contain_text(name, timeout=PATIENCE)

    def console(self, vm: str) -> Frame:
        """Open the VM's console in its page and return its frame, connected."""
        page = self.page
        page.goto(f"{self.address}/project/instances/")
        page.get_by_role("link", name=vm).click()
        page.locator(".nav-tabs").get_by_text("Console", exact=True).click()
        found = page.wait_for_selector("iframe[src*=':6080']").content_frame()
        assert found is not None
        found.wait_for_function("document.getElementById('status').textContent.startsWith('Conn')")
        found.wait_for_selector("canvas")
        return found

    def delete(self, vm: str) -> None:
        self.page.goto(f"{self.address}/project/instances/")
        self._delete_row("instances", vm)

    def makes_volume(self, name: str) -> None:
        """Make a volume of one gigabyte, and wait until its list calls it available."""
        page = self.page
        page.goto(f"{self.address}/project/volumes/")
        page.locator("#volumes__action_create").click()
        page.fill(".modal-dialog #id_name", name)
        page.locator(".modal-footer input[type=submit]").click()
        row = page.locator("#volumes tr", has_text=name)
        expect(row.locator("td", has_text="Available").first).to_be_visible(timeout=2 * PATIENCE)

    def deletes_volume(self, name: str) -> None:
        """Delete a volume in the list that is open."""
        self._delete_row("volumes", name)

    def _delete_row(self, table: str, name: str) -> None:
        """Delete what one row of a table is about, and wait until the row is gone."""
        page = self.page
        row = page.locator(f"#{table} tr", has_text=name)
        # The box itself is hidden behind a picture of one, its label.
        row.locator("input[type=checkbox] + label").click()
        page.locator(f"#{table}__action_delete").click()
        page.locator(".modal-footer .btn-danger, .modal-footer .btn-primary").first.click()
        expect(row).to_have_count(0, timeout=2 * PATIENCE)

    def makes_container(self, name: str) -> None:
        """Make a container for objects, and open it."""
        page = self.page
        page.goto(f"{self.address}/project/containers/")
        page.locator("button[ng-click='cc.createContainer()']").click()
        page.fill(".modal-dialog input#name", name)
        page.locator(".modal-dialog .btn-primary").click()
        page.get_by_text(name, exact=True).first.click()

    def uploads(self, file: Path) -> None:
        """Put a file into the container that is open, under its own name."""
        page = self.page
        page.locator("button:visible", has=page.locator(".fa-upload")).click()
        page.set_input_files(".modal-dialog input[type=file]", file)
        page.locator(".modal-dialog .btn-primary").click()
        expect(page.locator("td", has_text=file.name).first).to_be_visible(timeout=PATIENCE)

    def deletes_all_in_it(self) -> None:
        """Delete every object of the container that is open."""
        page = self.page
        page.locator("thead input[type=checkbox] + label").first.click()
        page.locator("button.btn-danger:visible", has=page.locator(".fa-trash")).first.click()
        page.locator(".modal-dialog .btn-danger").click()
        # The dialog stays, to tell what was deleted.
        page.get_by_role("button", name="OK").click()
        expect(page.get_by_text("No items to display.").first).to_be_visible(timeout=PATIENCE)


def pixels(frame: Frame) -> list[bytes]:
    """Return the rows of a console's picture, one byte of brightness for each pixel."""
    width, rows = frame.evaluate(
        """() => {
            const canvas = document.querySelector('canvas');
            const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            const rows = [];
            for (let y = 0; y < canvas.height; y++) {
                let row = '';
                for (let x = 0; x < canvas.width; x++)
                    row += data[4 * (y * canvas.width + x)] > 96 ? '1' : '0';
                rows.push(row);
            }
            return [canvas.width, rows];
        }"""
    )
    assert all(len(row) == width for row in rows)
    return [row.encode() for row in rows]


@contextlib.contextmanager
def watched(page: Page, name: str) -> Iterator[None]:
    """Keep a picture of the page where what is done in it fails."""
    try:
        yield
    except BaseException as error:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        with contextlib.suppress(Exception):
            page.screenshot(path=path)
            error.add_note(f"what the browser showed at {page.url.split('?')[0]}: {path}")
        raise


def first_paint(page: Page, address: str) -> float:
    """Return the seconds until the login page shows its first content."""
    page.goto(address)
    page.wait_for_selector("#loginBtn")
    found: Any = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    )
    return float(found) / 1000
