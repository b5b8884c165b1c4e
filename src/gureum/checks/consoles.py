"""The consoles' page and proxy answer, and open for nobody without a token."""

from __future__ import annotations

import time

from gureum.checks.browser import Browser
from gureum.checks.check import Check, Evidence, Status, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.checks.websocket import Opened, open_websocket

WRONG = "00000000-0000-0000-0000-000000000000"
"""A token that nova never gave."""


def run(context: CheckContext) -> Verdict:
    """Read noVNC's page, and knock at its websocket with a token that opens nothing."""
    if not context.consoles:
        return Verdict(status=Status.SKIP, summary="the cloud has no console proxy")
    began = time.monotonic()
    page = Browser(context.ca).get(f"{context.consoles}vnc_lite.html")
    read = time.monotonic()
    opened = open_websocket(
        f"{context.consoles.replace('https://', 'wss://')}?token={WRONG}", context.ca
    )
    wrong = [] if page.status == 200 and "rfb.js" in page.text else [f"no noVNC at {page.url}"]
    return verdict(
        [*wrong, *judge(opened)],
        f"noVNC answers at {context.consoles}, and a wrong token opens nothing",
        evidence=(
            Evidence(
                command=f"GET {page.url}",
                output=f"{page.status}, {len(page.body)} bytes",
                seconds=read - began,
            ),
            Evidence(
                command="websocket with a token that nova never gave",
                output=f"{opened.status}, then closed with {opened.closed}",
                seconds=time.monotonic() - read,
            ),
        ),
        hint=context.logs("nova-novncproxy"),
    )


def judge(opened: Opened) -> list[str]:
    """Return what is wrong with how a wrong token was answered."""
    if opened.status != 101:
        return [f"no websocket gets through: it is answered {opened.status or 'nothing'}"]
    if opened.message:
        return ["a token that nova never gave opens a console"]
    return []


CHECK = Check(
    id="nova.consoles_guarded",
    title="consoles are guarded",
    proves="noVNC's page answers over TLS, websockets get through to the proxy, and a token that nova "
    "did not give opens no console.",
    run=run,
    requirement="R-OPS-7",
)
