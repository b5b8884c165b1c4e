"""Draws one host: its NICs on its edges, its services, and the way of a VM through its switches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gureum.report.topology import PROVIDER, TUNNEL, Host, Nic, Service
from gureum.services.openvswitch import INTEGRATION, TUNNELS
from gureum.views.drawing import Box, Drawing, Line, Text, fit, width_of, wrap
from gureum.views.service_words import PURPOSE

NIC_HEIGHT = 24.0
PAD = 14.0
_NAME, _SMALL, _LINE = 12.5, 11.0, 15.0
_COLUMN = 270.0
_CHAIN = 76.0
"""Height of the part that shows the switches."""
_PIECE = 26.0


@dataclass(frozen=True)
class _Entry:
    """A service as text: its name, what it is for, its units in lines."""

    service: Service
    units: tuple[str, ...]

    @property
    def height(self) -> float:
        return _LINE * (1 + len(self.units)) + 7


@dataclass(frozen=True)
class HostPicture:
    """A host's picture before it has a place: its height is known, so that a row can be even."""

    host: Host
    width: float
    columns: tuple[tuple[_Entry, ...], ...]
    fronts: tuple[str, ...]
    roles: str
    about: tuple[str, ...]
    like: str

    @property
    def height(self) -> float:
        """The least height that holds everything."""
        return self._services_top + self._services_height + (self._chain_height) + PAD

    @property
    def _services_top(self) -> float:
        fronts = 12 + 15 * len(self.fronts) + 8 if self.fronts else 0.0
        return NIC_HEIGHT / 2 + 30 + _LINE * len(self.about) + 10 + fronts

    @property
    def _services_height(self) -> float:
        if self.like:
            return _LINE + 7
        return max((sum(e.height for e in column) for column in self.columns), default=0.0)

    @property
    def _chain_height(self) -> float:
        return _CHAIN + (NIC_HEIGHT / 2 if self.host.gateway else 0) if self.host.bridges else 0.0

    def upper_nics(self, x: float) -> Iterator[tuple[Nic, float]]:
        """Yield the NICs on the upper edge, each with the x of its middle."""
        at = x + PAD
        for nic in self._upper():
            width = self._nic_width(nic)
            yield nic, at + width / 2
            at += width + 10

    def paint(self, drawing: Drawing, x: float, y: float, height: float) -> float | None:
        """Draw the host into this place; return the x where it leaves for the outside, if it does."""
        drawing.add(Box(x=x, y=y, width=self.width, height=height, kind="host", radius=10))
        for nic, middle in self.upper_nics(x):
            tunnel = nic.networks == (TUNNEL,)
            self._nic(drawing, nic, middle, y, "tunnel" if tunnel else "management")
        self._head(drawing, x, y)
        self._services(drawing, x, y + self._services_top)
        if not self.host.bridges:
            return None
        return self._switches(drawing, x, y, y + height)

    def _head(self, drawing: Drawing, x: float, y: float) -> None:
        host, inner = self.host, self.width - 2 * PAD
        at = y + NIC_HEIGHT / 2 + 22
        name = fit(host.name, inner, 16, bold=True)
        text = Text(x=x + PAD, y=at, text=name, size=16, bold=True, title=host.name)
        drawing.add(text)
        if self.roles:
            right = x + self.width - PAD
            drawing.add(Text(x=right, y=at, text=self.roles, size=12, kind="soft", anchor="end"))
        for line in self.about:
            at += _LINE
            drawing.add(Text(x=x + PAD, y=at + 3, text=line, size=12, kind="soft"))
        if self.fronts:
            box = Box(x=x + PAD, y=at + 15, width=inner, height=12 + 15 * len(self.fronts),
                      kind="front", radius=5)  # fmt: skip
            drawing.add(box)
            for index, line in enumerate(self.fronts):
                drawing.add(Text(x=x + PAD + 10, y=at + 32 + 15 * index, text=line, size=12,
                                 bold=index == 0 and len(self.fronts) == 1))  # fmt: skip

    def _services(self, drawing: Drawing, x: float, y: float) -> None:
        inner = self.width - 2 * PAD
        if self.like:
            words = fit(f"the same services as {self.like}", inner, 12)
            drawing.add(Text(x=x + PAD, y=y + 12, text=words, size=12))
            return
        width = inner / max(1, len(self.columns))
        for index, column in enumerate(self.columns):
            left, at = x + PAD + index * width, y
            for entry in column:
                name = Text(x=left, y=at + 12, text=entry.service.name, size=_NAME, bold=True)
                drawing.add(name)
                purpose = PURPOSE.get(entry.service.name, "")
                room = width - 12 - name.extent.width - 8
                if purpose and width_of(purpose, 12) <= room:
                    start = name.extent.right + 8
                    drawing.add(Text(x=start, y=at + 12, text=purpose, size=12, kind="soft"))
                for number, line in enumerate(entry.units, 1):
                    drawing.add(Text(x=left, y=at + 12 + _LINE * number, text=line, size=_SMALL,
                                     mono=True, kind="soft"))  # fmt: skip
                at += entry.height

    def _switches(self, drawing: Drawing, x: float, y: float, bottom: float) -> float | None:
        """Draw what a packet passes on this host in a row, and the way between the pieces."""
        host, inner = self.host, self.width - 2 * PAD
        top = bottom - self._chain_height - PAD + 10
        pieces = host.way
        widths = [width_of(piece, _SMALL, mono=True) + 12 for piece in pieces]
        gap = min(40.0, (inner - sum(widths)) / max(1, len(pieces) - 1))
        middle = top + 34 + _PIECE / 2
        drawing.add(Line(points=((x + PAD, top), (x + self.width - PAD, top)), kind="rule"))
        words = fit("network of the VMs", inner, 12)
        drawing.add(Text(x=x + PAD, y=top + 20, text=words, size=12, kind="soft"))
        boxes, at = [], x + PAD
        for piece, width in zip(pieces, widths, strict=True):
            kind = "vms" if piece == "VMs" else "piece"
            boxes.append(
                Box(x=at, y=middle - _PIECE / 2, width=width, height=_PIECE, kind=kind, radius=4)
            )
            at += width + gap
        way = "net provider" if host.gateway else "net tunnel"
        drawing.add(Line(points=((boxes[0].x + 4, middle), (boxes[-1].x + 4, middle)), kind=way))
        end = TUNNELS if TUNNELS in pieces else INTEGRATION
        self._tunnel(drawing, x, y, boxes[pieces.index(end)])
        exit_x = None
        nic = next((nic for nic in host.nics if PROVIDER in nic.networks), None)
        if host.gateway and nic is not None:
            width = self._nic_width(nic)
            last = boxes[-1]
            exit_x = min(last.x + last.width / 2, x + self.width - PAD - width / 2)
            down = ((exit_x, last.bottom - 3), (exit_x, bottom))
            drawing.add(Line(points=down, kind="net provider"))
        drawing.add(*boxes)
        for piece, box in zip(pieces, boxes, strict=True):
            drawing.add(Text(x=box.x + 6, y=middle + 4, text=piece, size=_SMALL, mono=True))
        if exit_x is not None and nic is not None:
            self._nic(drawing, nic, exit_x, bottom, "provider")
        return exit_x

    def _tunnel(self, drawing: Drawing, x: float, y: float, switch: Box) -> None:
        """Draw the way from the switch to the NIC that carries tunnels, along the left edge."""
        carrier = next(
            ((n, at) for n, at in self.upper_nics(x) if TUNNEL in n.networks and self.host.tunnels),
            None,
        )
        if carrier is None:
            return
        edge = x + 6
        drawing.add(
            Line(
                points=(
                    (switch.x + switch.width / 2, switch.y + 3),
                    (switch.x + switch.width / 2, switch.y - 6),
                    (edge, switch.y - 6),
                    (edge, y + NIC_HEIGHT / 2 + 4),
                    (x + PAD + 8, y + NIC_HEIGHT / 2 + 4),
                    (x + PAD + 8, y + NIC_HEIGHT / 2 - 2),
                ),
                kind="net tunnel",
            )
        )

    def _nic(self, drawing: Drawing, nic: Nic, middle: float, edge: float, kind: str) -> None:
        width = self._nic_width(nic)
        words = _nic_words(nic)
        drawing.add(
            Box(x=middle - width / 2, y=edge - NIC_HEIGHT / 2, width=width, height=NIC_HEIGHT,
                kind=f"nic {kind}", radius=5)
        )  # fmt: skip
        drawing.add(Text(x=middle - width / 2 + 8, y=edge + 4, text=fit(words, width - 14, _SMALL, mono=True),
                         size=_SMALL, mono=True, title=words))  # fmt: skip

    def _upper(self) -> list[Nic]:
        return [nic for nic in self.host.nics if nic.networks != (PROVIDER,)]

    def _nic_width(self, nic: Nic) -> float:
        room = self.width - 2 * PAD - 10
        most = room / max(1, len(self._upper())) if PROVIDER not in nic.networks else room
        return min(most, width_of(_nic_words(nic), _SMALL, mono=True) + 16)


def host_picture(host: Host, width: float, like: str = "") -> HostPicture:
    """Return how a host is drawn in a column of this width; `like` names one with the same services."""
    inner = width - 2 * PAD
    count = max(1, int(inner // _COLUMN))
    entries = [_entry(service, inner / count - 12) for service in host.services]
    fronts: tuple[str, ...] = ()
    if host.fronts:
        names = [name.removesuffix("-api") for name in host.fronts]
        fronts = tuple(wrap(["HAProxy, TLS for", *_listed(names)], inner - 20, 12))
    roles, about = ", ".join(host.roles), list(host.about)
    beside = inner - width_of(host.name, 16, bold=True) - 12
    if width_of(roles, 12) > beside:
        # A long name needs the whole line; the roles come first below it then.
        roles, about = "", [roles, *about]
    return HostPicture(
        host=host,
        width=width,
        roles=roles,
        columns=_columns(entries, count),
        fronts=fronts,
        about=tuple(wrap(about, inner, 12, between=" · ")),
        like=like,
    )


def _entry(service: Service, width: float) -> _Entry:
    if service.units == (service.name,):
        return _Entry(service, ())
    return _Entry(service, tuple(wrap(service.units, width, _SMALL, between=" · ", mono=True)))


def _columns(entries: list[_Entry], count: int) -> tuple[tuple[_Entry, ...], ...]:
    """Return entries in their order, in columns that are about equally high."""
    whole = sum(entry.height for entry in entries)
    columns: list[list[_Entry]] = [[] for _ in range(count)]
    at, index = 0.0, 0
    for entry in entries:
        if index < count - 1 and at + entry.height / 2 > whole * (index + 1) / count:
            index += 1
        columns[index].append(entry)
        at += entry.height
    return tuple(tuple(column) for column in columns if column)


def _listed(names: list[str]) -> list[str]:
    return [f"{name}," for name in names[:-1]] + names[-1:]


def _nic_words(nic: Nic) -> str:
    return f"{nic.device} {nic.address}".strip()
