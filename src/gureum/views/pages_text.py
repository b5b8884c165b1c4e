"""A page of the cloud as text: its address first, then what a person needs to get in."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.operate.pages import Page
from gureum.views.data import Line


def lines(page: Page) -> Iterator[Line]:
    """Yield the address and how to log in; the password itself only where it was asked for."""
    yield page.url, "bold"
    rows = [("user", page.user)]
    if page.domain:
        rows.append(("domain", page.domain))
    where = f"{page.password_key} in {page.password_file}"
    rows.append(("password", page.password or f"{where}; --reveal prints it"))
    rows.append(("trust", f"a browser trusts {page.title} once it knows {page.ca}"))
    if page.tunnel:
        rows.append(("from elsewhere", f"{page.tunnel}, then {page.tunnelled}"))
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        yield f"  {name:{width}}  {value}", ""
