"""Where people find the dashboard: what its own service, the consoles and `open` agree upon."""

from __future__ import annotations

from gureum.services.context import Context

PORT = 443


def browsed_as(c: Context) -> tuple[str, ...]:
    """Return every name and address that a browser may reach the controllers' pages by.

    The API's own comes first. `localhost` is how a page is reached through an SSH tunnel.
    """
    names = [c.api_address, *(c.addresses[name] for name in c.controllers), *c.controllers]
    return tuple(dict.fromkeys((*names, "localhost")))


def url(c: Context) -> str:
    """Return the dashboard's address, or an empty text where the cloud has none."""
    return f"https://{c.api_address}/" if c.cloud.dashboard.enabled else ""
