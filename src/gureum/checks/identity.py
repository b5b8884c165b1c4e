"""keystone issues tokens to who has a password, and to nobody else."""

from __future__ import annotations

import http.client
import ssl
import time
from urllib.parse import urlsplit

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.client import connect
from gureum.checks.context import CheckContext
from gureum.remote import probes

KEYSTONE_FOLDER = "/etc/keystone"
WELL_KNOWN = ("ADMIN", "admin", "ADMIN_TOKEN")
"""Bypass tokens of old installation guides."""


def run_token(context: CheckContext) -> Verdict:
    """Ask for a token and have it say whose it is."""
    # A connection of its own: the shared one has its token already.
    session = connect(context.clouds_yaml, context.cloud).config.get_session()
    began = time.monotonic()
    token = session.get_token()
    seconds = time.monotonic() - began
    access = session.auth.get_access(session)
    wrong = [] if token and access.username else ["keystone issued no token"]
    return verdict(
        wrong,
        f"a token for {access.username} in {access.project_name} in {seconds:.2f} s",
        evidence=(
            Evidence(
                command="POST /v3/auth/tokens",
                output=f"user {access.username}, project {access.project_name}, keystone roles "
                f"{', '.join(access.role_names)}, expires {access.expires}",
                seconds=seconds,
            ),
        ),
        hint="gureum openstack token issue",
        value=round(seconds, 3),
        unit="s",
    )


def run_bypass(context: CheckContext) -> Verdict:
    """Look into keystone's files on every controller, and try the well-known tokens from outside."""
    wrong: list[str] = []
    evidence: list[Evidence] = []
    for host in context.expected.hosts_of("keystone-api") or tuple(context.hosts):
        lines, looked = context.ask(host, probes.bypass_tokens, KEYSTONE_FOLDER)
        evidence.append(looked)
        wrong += [f"{host}: {line}" for line in lines]
    url = (
        f"{context.api.config.get_session().auth.auth_url.rstrip('/').removesuffix('/v3')}/v3/users"
    )
    for token in WELL_KNOWN:
        status = _try(url, token, str(context.ca))
        evidence.append(Evidence(command=f"GET {url} as {token}", output=str(status)))
        if status != 401:
            wrong.append(f"the token {token} was answered with {status} in place of 401")
    return verdict(
        wrong,
        "no bypass token, well-known ones are refused",
        evidence=tuple(evidence),
        hint=context.there(wrong, "grep", "-rn", "admin_token", KEYSTONE_FOLDER),
    )


def _try(url: str, token: str, ca: str) -> int:
    parts = urlsplit(url)
    tls = ssl.create_default_context(cafile=ca)
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port or 443, timeout=15, context=tls
    )
    try:
        connection.request("GET", parts.path, headers={"X-Auth-Token": token})
        return connection.getresponse().status
    finally:
        connection.close()


TOKEN = Check(
    id="keystone.token_issued",
    title="a token is issued",
    proves="The administrator's password is exchanged for a token, and how long that takes.",
    run=run_token,
)
BYPASS = Check(
    id="keystone.no_bypass_token",
    title="no way around a password",
    proves="No admin_token stands in keystone's configuration, and the tokens of old installation "
    "guides are refused.",
    run=run_bypass,
    requirement="R-SVC-1",
)
