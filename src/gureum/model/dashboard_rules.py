"""What a dashboard must fulfil beyond the types of its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import available_timezones

from gureum.diagnostics import did_you_mean, nearest
from gureum.model.cloud import Cloud
from gureum.model.problem import Problem

TOKEN_SECONDS = 3600
"""How long a token of keystone is good where the operator says nothing else."""


def time_zone_exists(cloud: Cloud) -> Iterator[Problem]:
    known = available_timezones()
    zone = cloud.dashboard.time_zone
    if zone in known:
        return
    # People remember the city, and seldom which continent it is filed under.
    cities = {name.rsplit("/", 1)[-1].lower(): name for name in sorted(known)}
    near = nearest(zone.rsplit("/", 1)[-1].lower().replace(" ", "_"), cities)
    hint = did_you_mean(zone, known)
    if near and not hint:
        hint = f"did you mean {' or '.join(repr(cities[city]) for city in near)}?"
    yield Problem(
        ("dashboard", "time_zone"),
        f"there is no time zone {zone!r}",
        "zones are named after a city, as in the IANA database",
        hint or "e.g. dashboard.time_zone: Europe/Berlin",
    )


def sessions_end_before_their_token(cloud: Cloud) -> Iterator[Problem]:
    seconds = cloud.dashboard.session_minutes * 60
    given = cloud.config.get("keystone.conf", {}).get("token", {}).get("expiration", TOKEN_SECONDS)
    # Shorter tokens end sessions by themselves; only who asked for a time is told that it is not to be had.
    asked = "session_minutes" in cloud.dashboard.model_fields_set
    if asked and isinstance(given, int) and seconds > given:
        yield Problem(
            ("dashboard", "session_minutes"),
            f"nobody stays logged in for {cloud.dashboard.session_minutes} minutes",
            f"a session ends with its token of keystone, which is good for {given // 60} minutes",
            f"let tokens last as long: config: {{keystone.conf: {{token: {{expiration: {seconds}}}}}}}",
        )


def colour_is_one(cloud: Cloud) -> Iterator[Problem]:
    colour = cloud.dashboard.branding.colour
    if colour is not None and not re.fullmatch("#[0-9a-fA-F]{6}", colour):
        yield Problem(
            ("dashboard", "branding", "colour"),
            f"{colour!r} is no colour",
            "a colour is written as its parts of red, green and blue, as in a web page",
            'e.g. dashboard.branding.colour: "#1d4ed8", in quotes, for # begins a comment',
        )


DASHBOARD_RULES = (time_zone_exists, sessions_end_before_their_token, colour_is_one)
