"""Clouds with a mistake in what they say of images: text, line, words of the mistake and of the way out."""

from __future__ import annotations

_FROM = "hosts:\n  one:\n    roles: [controller, network, compute]\nimages: {download_from: "

IMAGE_CASES: dict[str, tuple[str, int, str, str]] = {
    "images from a page": (
        _FROM + "['https://cloud.debian.org/images']}\n",
        4,
        "is an address of a page, not a server",
        "e.g. cloud.debian.org",
    ),
    "images from any server": (_FROM + "['*.debian.org']}\n", 4, "has a *", "cloud.debian.org"),
    "images from no port": (_FROM + "['a.example:x']}\n", 4, "names no port", "192.0.2.5:8080"),
    "images from a high port": (_FROM + "['a.example:70000']}\n", 4, "names no port", "8080"),
    "images from no name": (_FROM + "['a b']}\n", 4, "is no name of a server", "192.0.2.5"),
    "images from half an address": (_FROM + "['127.1']}\n", 4, "is no name of a server", "192.0.2"),
    "images from the controller": (
        _FROM + "['127.0.0.1']}\n",
        4,
        "the controller itself",
        "others",
    ),
    "images from the metadata": (
        _FROM + "['169.254.169.254']}\n",
        4,
        "the controller itself",
        "by too",
    ),
    "images from its own IPv6": (_FROM + "['[::1]:80']}\n", 4, "the controller itself", "others"),
    "images from localhost": (_FROM + "[localhost]}\n", 4, "the controller itself", "others"),
    "images from many": (_FROM + "['224.0.0.1']}\n", 4, "the address of many", "cloud.debian.org"),
}
