"""Every endpoint of the catalogue answers, through TLS that leads to the cloud's own CA."""

from __future__ import annotations

import http.client
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext

TIMEOUT = 15.0
EXPIRY_WARNING_DAYS = 30


@dataclass(frozen=True)
class Answer:
    """What an endpoint said: HTTP status (0 for none), error, TLS version, days to expiry."""

    url: str
    status: int
    error: str = ""
    tls: str = ""
    days: int = 0
    seconds: float = 0.0


def run(context: CheckContext) -> Verdict:
    """Read the catalogue and ask each of its addresses, without a token."""
    urls = catalogue(context)
    answers = [ask(url, context.ca) for url in urls]
    wrong = [line for answer in answers for line in judge(answer, urls[answer.url])]
    soon = [
        f"{answer.url}: the certificate ends in {answer.days} days"
        for answer in answers
        if answer.tls and answer.days < EXPIRY_WARNING_DAYS
    ]
    return verdict(
        wrong or ([] if urls else ["the catalogue is empty"]),
        f"{len(urls)} addresses answer through TLS",
        doubtful=soon,
        evidence=tuple(
            Evidence(
                command=f"GET {answer.url}",
                output=answer.error
                or f"{answer.status} over {answer.tls}, {answer.days} days left",
                seconds=answer.seconds,
            )
            for answer in answers
        ),
        hint=f"curl --cacert {context.ca} -i {next(iter(urls), '')}",
        value=len(urls),
        unit="addresses",
    )


def catalogue(context: CheckContext) -> dict[str, str]:
    """Return every distinct address of the catalogue with the service it belongs to.

    Parts that name a project are cut off: what answers there wants a token.
    """
    urls: dict[str, str] = {}
    services = {service.id: service for service in context.api.identity.services()}
    for endpoint in context.api.identity.endpoints():
        service = services.get(endpoint.service_id)
        name = service.name if service else "unknown service"
        urls[endpoint.url.split("%(")[0].split("$(")[0]] = name
    return urls


def ask(url: str, ca: Path, timeout: float = TIMEOUT) -> Answer:
    """Ask one address and verify the certificate against `ca` alone; `timeout` is in seconds."""
    parts = urlsplit(url)
    began = time.monotonic()
    tls = ssl.create_default_context(cafile=str(ca))
    try:
        if parts.scheme != "https":
            return Answer(url, 0, f"{parts.scheme}: not through TLS")
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port or 443, timeout=timeout, context=tls
        )
        try:
            connection.connect()
            version, days = _of_certificate(connection.sock)
            connection.request(
                "GET", parts.path or "/", headers={"Accept": "application/json, */*;q=0.5"}
            )
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        return Answer(url, 0, f"{type(error).__name__}: {error}", seconds=time.monotonic() - began)
    return Answer(url, status, "", version, days, time.monotonic() - began)


def judge(answer: Answer, service: str) -> list[str]:
    """Return what is wrong with an answer: 401 is fine, for there the API asks who we are."""
    if answer.error:
        return [f"{service} at {answer.url}: {answer.error}"]
    if answer.status >= 500 or answer.status == 404:
        return [f"{service} at {answer.url} answers {answer.status}"]
    return []


def _of_certificate(sock: object) -> tuple[str, int]:
    assert isinstance(sock, ssl.SSLSocket)
    ends = str((sock.getpeercert() or {}).get("notAfter", ""))
    until = datetime.strptime(ends, "%b %d %H:%M:%S %Y %Z").replace(tzinfo=UTC)
    return sock.version() or "", (until - datetime.now(UTC)).days


CHECK = Check(
    id="keystone.endpoints_answer",
    title="endpoints answer",
    proves="Every endpoint of the catalogue answers over TLS, with a certificate that leads to the "
    "cloud's own CA and does not end within 30 days.",
    run=run,
)
