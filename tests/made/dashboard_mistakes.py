"""Mistakes in what a cloud.yaml says of the dashboard: text, line, what is said, the way out."""

from __future__ import annotations

ONE = "hosts:\n  one:\n    roles: [controller, network, compute]\n"

DASHBOARD_CASES: dict[str, tuple[str, int | None, str, str]] = {
    "misspelt zone": (
        ONE + "dashboard: {time_zone: Asia/Soul}\n",
        4,
        "there is no time zone 'Asia/Soul'",
        "did you mean 'Asia/Seoul'",
    ),
    "zone by its city": (
        ONE + "dashboard:\n  time_zone: new york\n",
        5,
        "there is no time zone 'new york'",
        "'America/New_York'",
    ),
    "session without a token": (
        ONE + "dashboard: {session_minutes: 480}\n",
        4,
        "nobody stays logged in for 480 minutes",
        "config: {keystone.conf: {token: {expiration: 28800}}}",
    ),
    "colour by its name": (
        ONE + "dashboard: {branding: {colour: blue}}\n",
        4,
        "'blue' is no colour",
        'colour: "#1d4ed8", in quotes',
    ),
}
