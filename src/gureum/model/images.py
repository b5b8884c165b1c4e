"""Images as an operator describes them: types for `images` of cloud.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from gureum.model.part import Part

Property = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,254}$")]
Value = Annotated[str, StringConstraints(pattern=r"^[^,:\s][^,:\n]*$", max_length=255)]


class Images(Part):
    """What users may do with images."""

    download_from: tuple[str, ...] = Field(
        default=(), examples=[["cloud.debian.org", "192.0.2.5:8080"]]
    )
    """Web servers that glance may fetch a user's image from; without any it fetches none."""
    project_gigabytes: int | None = Field(default=None, ge=1, examples=[200])
    """How much the images of one project may take, for each project alike; without it, there is no limit."""
    unpack: bool = False
    """Whether an image that is imported packed, by gzip or as a ZIP of one file, is unpacked."""
    properties: dict[Property, Value] = Field(
        default_factory=dict, examples=[{"hw_qemu_guest_agent": "no"}]
    )
    """Properties that every image gets which a user imports; administrators' images do not."""

    @property
    def servers(self) -> tuple[str, ...]:
        """The names or addresses of the web servers, without their ports."""
        return tuple(dict.fromkeys(split(entry)[0] for entry in self.download_from))

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports of the web servers: those of HTTP and HTTPS, and each that is named."""
        named = (split(entry)[1] for entry in self.download_from)
        return tuple(sorted({80, 443, *(port for port in named if port)}))


def split(entry: str) -> tuple[str, int]:
    """Return a web server's name and port, 0 where it names none; -1 for what is no port."""
    if entry.startswith("["):
        host, _, port = entry[1:].partition("]")
        port = port.removeprefix(":")
    elif entry.count(":") > 1:
        host, port = entry, ""
    else:
        host, colon, port = entry.partition(":")
        if colon and not port:
            return host, -1
    return host, int(port) if port.isdigit() else -1 if port else 0
