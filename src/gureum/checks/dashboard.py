"""The dashboard lets its administrator in, and sends its files as a browser wants them."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Callable
from html import unescape

from gureum.checks.browser import Browser, PageRead
from gureum.checks.check import Check, Evidence, Status, Verdict, verdict
from gureum.checks.context import CheckContext

_NONE = Verdict(status=Status.SKIP, summary="the cloud has no dashboard")
_HASHED = r'src="(/static/dashboard/js/[^"]+\.[0-9a-f]{12}\.js)"'
_FORM_KEY = r'name="csrfmiddlewaretoken" value="([^"]+)"'


def log_in(context: CheckContext) -> Verdict:
    """Fill in the login form as a person would, read the list of VMs, and log out.

    That page asks keystone, nova, glance and neutron, so it shows that the dashboard reaches them.
    """
    if not context.dashboard or context.admin is None:
        return _NONE
    name, password = context.admin
    browser = Browser(context.ca)
    evidence: list[Evidence] = []
    form, took = _timed(evidence, "GET", lambda: browser.get(context.dashboard))
    token = form.first(_FORM_KEY)
    if form.status != 200 or not token:
        said = f"{form.url} answers {form.status}" + ("" if token else " and shows no login form")
        return verdict([said], "", evidence=tuple(evidence), hint=context.logs("horizon"))
    fields = {
        "csrfmiddlewaretoken": token,
        "region": form.first(r'name="region"[^>]*value="([^"]+)"') or "default",
        "username": name,
        "password": password.reveal(),
    }
    answer, _ = _timed(evidence, "log in at", lambda: browser.post(form.url, fields))
    wrong = judge_login(answer, name)
    if not wrong:
        vms = f"{context.dashboard}project/instances/"
        inside, _ = _timed(evidence, "GET", lambda: browser.get(vms))
        wrong += judge_vms(inside, name)
        leave = {"csrfmiddlewaretoken": inside.first(_FORM_KEY)}
        out = f"{context.dashboard}auth/logout/"
        _timed(evidence, "log out at", lambda: browser.post(out, leave))
    return verdict(
        wrong,
        f"{name} logged in at {context.dashboard}",
        evidence=tuple(evidence),
        hint=context.logs("horizon"),
        value=round(took, 3),
        unit="s to the login page",
    )


def judge_login(answer: PageRead, name: str) -> list[str]:
    """Return what is wrong with the answer to a login; one that went well leads on."""
    if answer.status == 302:
        return []
    if answer.status != 200:
        return [f"the login is answered {answer.status}"]
    said = answer.first(r'class="alert alert-danger"[^>]*>\s*(?:<[^>]+>\s*)*([^<]+)').strip()
    return [f"the login as {name} is refused" + (f": {said}" if said else "")]


def judge_vms(page: PageRead, name: str) -> list[str]:
    """Return what is wrong with the list of VMs that somebody sees."""
    if page.status != 200 or page.url.split("?")[0].endswith("/auth/login/"):
        return [f"{page.url} answers {page.status} after the login"]
    wrong = [] if name in page.text else [f"{page.url} does not name {name}"]
    if 'id="instances"' not in page.text:
        wrong.append(f"{page.url} shows no list of VMs")
    # A service that it could not ask is named in a message above an empty list.
    said = re.findall(r"Unable to (?:retrieve|connect)[^<]*", page.text)
    return wrong + [f"{page.url} says: {unescape(one).strip()}" for one in dict.fromkeys(said)]


def files(context: CheckContext) -> Verdict:
    """Ask for the dashboard's largest script as a browser does that takes compressed answers."""
    if not context.dashboard:
        return _NONE
    browser = Browser(context.ca)
    evidence: list[Evidence] = []
    page, _ = _timed(evidence, "GET", lambda: browser.get(context.dashboard))
    script = page.first(_HASHED)
    if not script:
        said = "the login page names no script whose name holds a hash"
        return verdict([said], "", evidence=tuple(evidence), hint=context.logs("horizon"))
    url = f"{context.dashboard.rstrip('/')}{script}"
    found, _ = _timed(evidence, "GET", lambda: browser.get(url, **{"Accept-Encoding": "gzip"}))
    packed, _ = _timed(
        evidence, "GET", lambda: browser.get(context.dashboard, **{"Accept-Encoding": "gzip"})
    )
    wrong = judge_file(found)
    if packed.headers.get("Content-Encoding") != "gzip":
        wrong.append(f"{packed.url} is not compressed")
    kilobytes = len(found.body) / 1024
    return verdict(
        wrong,
        f"{script.rsplit('/', 1)[-1]} comes compressed ({kilobytes:.0f} kB) and is kept for good",
        evidence=tuple(evidence),
        hint=context.logs("horizon"),
        value=round(kilobytes, 1),
        unit="kB",
    )


def judge_file(found: PageRead) -> list[str]:
    """Return what a browser would miss of a static file."""
    if found.status != 200:
        return [f"{found.url} answers {found.status}"]
    wrong = []
    if found.headers.get("Content-Encoding") != "gzip":
        wrong.append(f"{found.url} is not compressed")
    elif not gzip.decompress(found.body).strip():
        wrong.append(f"{found.url} is empty")
    if "immutable" not in (found.headers.get("Cache-Control") or ""):
        wrong.append(f"browsers are not told to keep {found.url}")
    if "javascript" not in (found.headers.get("Content-Type") or ""):
        wrong.append(f"{found.url} is not sent as a script")
    return wrong


def _timed(
    evidence: list[Evidence], what: str, ask: Callable[[], PageRead]
) -> tuple[PageRead, float]:
    began = time.monotonic()
    page = ask()
    seconds = time.monotonic() - began
    said = f"{page.status}, {len(page.body)} bytes"
    evidence.append(Evidence(command=f"{what} {page.url}", output=said, seconds=seconds))
    return page, seconds


LOGIN = Check(
    id="horizon.lets_in",
    title="the dashboard lets in",
    proves="The dashboard's login page comes over TLS, and the administrator logs in through its form "
    "and sees the list of VMs, for which the dashboard asks every other service.",
    run=log_in,
    requirement="R-SVC-8",
)
FILES = Check(
    id="horizon.files_compressed",
    title="the dashboard loads fast",
    proves="The dashboard's pages and scripts come compressed, the scripts under names that change with "
    "their content, and browsers are told to keep them.",
    run=files,
    requirement="R-SVC-8",
)
