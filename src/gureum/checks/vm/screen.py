"""Opens a VM's console as its owner's browser would, up to the first words of its screen."""

from __future__ import annotations

import time

from gureum.checks.check import Evidence, Verdict, verdict
from gureum.checks.vm.state import Booted
from gureum.checks.websocket import open_websocket, websocket_of


def shows_its_screen(vm: Booted) -> Verdict:
    """Ask nova for the console's address and open the websocket that noVNC's page would."""
    began = time.monotonic()
    page = str(vm.prepared.api.compute.create_console(vm.server_id, console_type="novnc")["url"])
    asked = time.monotonic()
    opened = open_websocket(websocket_of(page), vm.settings.ca)
    said = opened.message.decode(errors="replace").strip()
    if opened.status != 101:
        problem = f"the console's websocket is answered {opened.status or 'nothing'}"
    elif opened.closed:
        problem = f"the proxy closes the console at once ({opened.closed})"
    else:
        problem = "" if said.startswith("RFB ") else f"it says {said[:40]!r}, which is no screen"
    return verdict(
        [problem] if problem else [],
        f"its screen speaks {said} at {page.split('/vnc', 1)[0]}",
        evidence=(
            # The address holds a token, which opens the console for whoever reads it.
            Evidence(command="create console", output="novnc", seconds=asked - began),
            Evidence(
                command="open its websocket",
                output=f"{opened.status}, {said or f'closed with {opened.closed}'}",
                seconds=time.monotonic() - asked,
            ),
        ),
        hint="gureum logs nova-novncproxy",
    )
