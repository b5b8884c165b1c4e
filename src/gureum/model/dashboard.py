"""The dashboard as an operator describes it: types for `dashboard` of cloud.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gureum.model.part import Part


class Branding(Part):
    """How the dashboard looks."""

    title: str = Field(
        default="OpenStack Dashboard", min_length=1, max_length=60, examples=["Example Cloud"]
    )
    """What the browser's tab shows beside the page's own name."""
    logo: str | None = Field(default=None, examples=["logo.svg"])
    """A picture in SVG, on the machine where gureum runs: at the login and above every page."""
    colour: str | None = Field(default=None, examples=["#1d4ed8"])
    """The colour of buttons, links and what is chosen; dark enough for white letters on it."""
    theme: Literal["default", "material"] = "default"
    """The look that people get at first: `default` or `material`; each may choose the other."""


class Dashboard(Part):
    """The dashboard, in which people use the cloud with a browser."""

    enabled: bool = True
    """Whether there is a dashboard (horizon)."""
    time_zone: str = Field(default="UTC", examples=["Asia/Seoul"])
    """The time zone of the times it shows, as a name of the IANA database."""
    debug: bool = False
    """Errors with their whole story in the browser; never where others can reach it."""
    session_minutes: int = Field(default=60, ge=1, le=10080)
    """Minutes after which who does nothing is logged out; nobody stays longer than a token is good."""
    domains: bool = False
    """Whether the login asks for a domain; without it people of `Default` alone can log in."""
    image_upload: Literal["direct", "legacy", "off"] = "direct"
    """The way of an image from a browser: `direct` to glance, `legacy` by the dashboard's disk, or `off`."""
    branding: Branding = Branding()
    """How it looks: title, logo, colour, theme."""
