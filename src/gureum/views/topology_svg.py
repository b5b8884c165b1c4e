"""Draws a cloud: the front door on top, hosts between their networks, the way outside below.

Every network is one line in one stroke of its own: management runs above the hosts and down the left
side, the provider network below them and down the right. Hosts stand in rows between.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gureum.report.topology import MANAGEMENT, PROVIDER, TUNNEL, Host, Network, Nic, Topology
from gureum.views.drawing import Box, Drawing, Line, Text, fit, width_of, wrap
from gureum.views.topology_host import NIC_HEIGHT, HostPicture, host_picture

WIDE, PHONE = 1072.0, 344.0
"""Widths of the drawing for a desktop and for a phone."""
GAP = 24.0
SIDE = 28.0
LEG = 30.0
"""From a network's line to a host's edge."""
MANY = 9
"""Hosts beyond which those that do the same as an earlier one are drawn small."""


@dataclass(frozen=True)
class _Rows:
    left: float
    width: float
    rows: Sequence[Sequence[Host]]


def topology_drawing(topology: Topology, width: float = WIDE) -> Drawing:
    """Return the drawing of a cloud; `width` below 500 puts hosts below each other."""
    drawing = Drawing(width)
    y = _front_door(drawing, topology)
    grid = _grid(topology.hosts, width)
    trunk_top, provider_lines = y, []
    management_lines = []
    for index, row in enumerate(grid.rows):
        y = _network_above(drawing, topology, grid, row, y, first=index == 0)
        management_lines.append(y)
        y, outside = _host_row(drawing, topology, grid, row, y)
        if outside is not None:
            provider_lines.append(outside)
        y += 22
    lines: list[Line] = []
    x = SIDE / 2
    lines.append(Line(points=((x, trunk_top), (x, management_lines[-1])), kind="net management"))
    if provider_lines:
        y += 4
        right = width - SIDE / 2
        lines.append(Line(points=((right, provider_lines[0]), (right, y)), kind="net provider"))
        y = _outside(drawing, topology, y)
    drawing.shapes[:0] = lines
    drawing.height = _legend(drawing, topology, y + 8)
    return drawing


def _front_door(drawing: Drawing, topology: Topology) -> float:
    """Draw where people and programs come in; return the y of its lower edge."""
    inner = drawing.width - 28
    fronts = [host.name for host in topology.hosts if host.fronts]
    told = f"people and programs come in here; HAProxy ends TLS on {', '.join(fronts)}"
    names = [f"{name.removesuffix('-api')} {port}" for name, port in topology.apis]
    lines = [*wrap(told.split(), inner, 12), *wrap(names, inner, 12, between=" · ")]
    box = Box(x=0, y=1, width=drawing.width, height=34 + 16 * len(lines), kind="door")
    drawing.add(box)
    title = f"API at https://{topology.api}"
    drawing.add(Text(x=14, y=24, text=fit(title, inner, 15, bold=True), size=15, bold=True))
    for index, line in enumerate(lines):
        drawing.add(Text(x=14, y=44 + 16 * index, text=line, size=12, kind="soft"))
    return box.bottom


def _grid(hosts: Sequence[Host], width: float) -> _Rows:
    columns = 1 if width < 500 else {1: 1, 2: 2, 4: 2}.get(len(hosts), 3)
    room = width - 2 * SIDE - GAP * (columns - 1)
    rows = [hosts[i : i + columns] for i in range(0, len(hosts), columns)]
    return _Rows(SIDE, room / columns, rows)


def _network_above(
    drawing: Drawing, topology: Topology, grid: _Rows, row: Sequence[Host], y: float, *, first: bool
) -> float:
    """Draw the lines of the networks above a row; return the y of the lowest."""
    right = grid.left + len(row) * grid.width + (len(row) - 1) * GAP
    for name in (MANAGEMENT, TUNNEL):
        network = topology.network(name)
        if network is None:
            continue
        lines = _named(network, drawing.width - grid.left - 10, told=first)
        y += 20 + 16 * len(lines)
        for number, (words, bold) in enumerate(lines, 1 - len(lines)):
            drawing.add(
                Text(
                    x=grid.left,
                    y=y - 8 + 16 * number,
                    text=words,
                    size=12.5,
                    bold=bold,
                    kind=f"on-{name}",
                )
            )
        start = SIDE / 2 if name == MANAGEMENT else grid.left
        drawing.add(Line(points=((start, y), (right, y)), kind=f"net {name}"))
    return y


def _host_row(
    drawing: Drawing, topology: Topology, grid: _Rows, row: Sequence[Host], y: float
) -> tuple[float, float | None]:
    """Draw the hosts of a row below the line at `y`; return its lower end, and the provider line's y."""
    top = y + LEG + NIC_HEIGHT / 2
    pictures = [host_picture(host, grid.width, _like(topology, host)) for host in row]
    height = max(picture.height for picture in pictures)
    outside = any(host.gateway and _nic(host, PROVIDER) for host in row)
    bottom = top + height
    line = bottom + NIC_HEIGHT / 2 + LEG
    first_x = 0.0
    for index, picture in enumerate(pictures):
        x = grid.left + index * (grid.width + GAP)
        _legs(drawing, picture, x, y, top)
        own = height if picture.host.gateway else picture.height
        exit_x = picture.paint(drawing, x, top, own)
        if exit_x is not None:
            first_x = first_x or exit_x
            kind = "net provider"
            drawing.add(Line(points=((exit_x, bottom + NIC_HEIGHT / 2), (exit_x, line)), kind=kind))
    if not outside:
        return bottom, None
    right = drawing.width - SIDE / 2
    drawing.add(Line(points=((first_x, line), (right, line)), kind="net provider"))
    network = topology.network(PROVIDER)
    if network is None:
        return line, line
    lines = _named(network, right - grid.left - 16, told=True)
    for number, (words, bold) in enumerate(lines):
        drawing.add(
            Text(
                x=right - 10,
                y=line + 17 + 16 * number,
                text=words,
                size=12.5,
                bold=bold,
                kind="on-provider",
                anchor="end",
            )
        )
    return line + 16 * len(lines) + 6, line


def _named(network: Network, room: float, *, told: bool) -> list[tuple[str, bool]]:
    """Return a network's name and what it carries as one line or two, each with its weight."""
    name = f"{network.name} {network.cidr}".rstrip()
    if not told:
        return [(fit(name, room, 12.5, bold=True), True)]
    whole = f"{name}: {network.carries}"
    if width_of(whole, 12.5, bold=True) <= room:
        return [(whole, True)]
    return [
        (fit(name, room, 12.5, bold=True), True),
        *((line, False) for line in wrap(network.carries.split(), room, 12.5)),
    ]


def _legs(drawing: Drawing, picture: HostPicture, x: float, line: float, top: float) -> None:
    for nic, nic_x in picture.upper_nics(x):
        kind = "net tunnel" if nic.networks == (TUNNEL,) else "net management"
        drawing.add(Line(points=((nic_x, line), (nic_x, top - NIC_HEIGHT / 2)), kind=kind))


def _outside(drawing: Drawing, topology: Topology, y: float) -> float:
    """Draw the world outside; return the y of its lower edge."""
    inner = drawing.width - 28
    first, last = topology.pool
    told = []
    if topology.gateway:
        told = [f"by the gateway {topology.gateway}", f"floating IPs {first} to {last}"]
    lines = wrap(told, inner, 12, between="; ")
    box = Box(x=0, y=y, width=drawing.width, height=34 + 16 * len(lines), kind="outside")
    drawing.add(box)
    drawing.add(Text(x=14, y=y + 23, text="The outside", size=15, bold=True))
    for index, line in enumerate(lines):
        drawing.add(Text(x=14, y=y + 42 + 16 * index, text=line, size=12, kind="soft"))
    return box.bottom


def _legend(drawing: Drawing, topology: Topology, y: float) -> float:
    entries = [("net management", "management network")]
    if any(host.tunnels for host in topology.hosts):
        entries.append(("net tunnel", "tunnels between VMs of different hosts"))
    if topology.gateways:
        entries.append(("net provider", "the way of a VM to the outside"))
    x = 0.0
    for kind, words in entries:
        width = 44 + Text(x=0, y=0, text=words, size=12).extent.width + 28
        if x and x + width > drawing.width:
            x, y = 0.0, y + 20
        drawing.add(Line(points=((x, y + 12), (x + 34, y + 12)), kind=kind))
        drawing.add(Text(x=x + 42, y=y + 16, text=words, size=12, kind="soft"))
        x += width
    return math.ceil(y + 24)


def _like(topology: Topology, host: Host) -> str:
    """Return the name of an earlier host that does the same, where there are too many to repeat."""
    if len(topology.hosts) <= MANY:
        return ""
    for other in topology.hosts:
        if other is host:
            return ""
        if (other.services, other.roles) == (host.services, host.roles):
            return other.name
    return ""


def _nic(host: Host, network: str) -> Nic | None:
    return next((nic for nic in host.nics if network in nic.networks), None)
