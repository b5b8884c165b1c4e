"""What a browser does, as far as a check needs it: pages, cookies, forms, and no JavaScript."""

from __future__ import annotations

import http.cookiejar
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from html import unescape
from pathlib import Path

TIMEOUT = 60.0


@dataclass(frozen=True)
class PageRead:
    """A page that came: its address after all redirects, status, headers and bytes."""

    url: str
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The page as text."""
        return self.body.decode(errors="replace")

    def first(self, pattern: str) -> str:
        """Return what the first group of `pattern` matches in the page, or an empty text."""
        found = re.search(pattern, self.text)
        return unescape(found[1]) if found else ""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it is the answer."""

    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class Browser:
    """Reads pages by TLS that leads to `ca` alone, keeps cookies, and goes through no proxy."""

    ca: Path
    _jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def get(self, url: str, **headers: str) -> PageRead:
        """Return the page at `url`; raises OSError where nothing answers."""
        return self._ask(urllib.request.Request(url, headers=headers))  # noqa: S310 - always https

    def post(self, url: str, form: dict[str, str]) -> PageRead:
        """Send a form from the page at `url` to the same place; return the answer itself.

        Where it leads on to another page, that one is not read.
        """
        body = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(url, data=body, headers={"Referer": url})  # noqa: S310
        return self._ask(request, _Stay())

    def _ask(self, request: urllib.request.Request, *more: urllib.request.BaseHandler) -> PageRead:
        opener = urllib.request.build_opener(
            *more,
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(self.ca))),
            urllib.request.HTTPCookieProcessor(self._jar),
        )
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                return PageRead(answer.url, answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return PageRead(error.url, error.code, error.headers, error.read())
