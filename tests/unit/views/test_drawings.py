"""The drawings, for any number of hosts and steps: nothing overlaps, and every text has its room."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import pytest
from clouds import known_of

from gureum.report.timeline import Bar, Lane, Mark, Timeline
from gureum.report.topology import Topology, topology
from gureum.views.drawing import Box, Drawing, Text, fit, svg, width_of, wrap
from gureum.views.gantt_svg import gantt_drawing
from gureum.views.topology_svg import PHONE, WIDE, topology_drawing

HOSTILE = '</text><script>alert("1")</script> & a name that is much longer than any box could hold'


def overlap(one: Box, other: Box, slack: float = 1.0) -> bool:
    return (
        one.x + slack < other.right
        and other.x + slack < one.right
        and one.y + slack < other.bottom
        and other.y + slack < one.bottom
    )


def check(drawing: Drawing) -> None:
    """Fail where a text leaves the drawing, touches another text, or is cut by a box's edge."""
    texts = [shape for shape in drawing.shapes if isinstance(shape, Text)]
    boxes = [shape for shape in drawing.shapes if isinstance(shape, Box)]
    extents = {id(text): text.extent for text in texts}
    for text in texts:
        found = extents[id(text)]
        assert found.x >= -0.5, text
        assert found.right <= drawing.width + 0.5, text
        assert found.y >= 0, text
        assert found.bottom <= drawing.height + 0.5, text
    for one, other in combinations(texts, 2):
        assert not overlap(extents[id(one)], extents[id(other)]), (one, other)
    for text, box in product(texts, boxes):
        extent = extents[id(text)]
        if box.kind == "lane" or box.kind.startswith("bar") or not overlap(extent, box):
            continue
        assert extent.x >= box.x, (text, box)
        assert extent.right <= box.right, (text, box)
    hosts = [box for box in boxes if box.kind == "host"]
    solid = [box for box in boxes if box.kind in ("host", "door", "outside")]
    for first, second in combinations(solid, 2):
        assert not overlap(first, second)
    for nic in (box for box in boxes if box.kind.startswith("nic")):
        on = [h for h in hosts if nic.x >= h.x and nic.right <= h.right and overlap(nic, h)]
        assert len(on) == 1, "a NIC sits on the edge of its own host"


SIZES = [*((count, "ovn") for count in (1, 2, 3, 4, 8, 13)), *((count, "ovs") for count in (1, 3))]


@pytest.fixture(scope="module", params=SIZES)
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Topology:
    count, driver = request.param
    known = known_of(count, tmp_path_factory.mktemp("cloud"), network={"driver": driver})
    return topology(known)


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_a_cloud_of_any_size_is_drawn_whole(cloud: Topology, width: float) -> None:
    drawing = topology_drawing(cloud, width)
    check(drawing)
    texts = {shape.text for shape in drawing.shapes if isinstance(shape, Text)}
    assert {host.name for host in cloud.hosts} <= texts
    boxes = [shape for shape in drawing.shapes if isinstance(shape, Box)]
    assert sum(box.kind == "host" for box in boxes) == len(cloud.hosts)
    for host in cloud.hosts:
        for nic in host.nics:
            if "management" in nic.networks:
                assert f"{nic.device} {nic.address}" in texts


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_names_that_are_long_or_hostile_stay_text_in_their_boxes(
    cloud: Topology, width: float
) -> None:
    hosts = tuple(
        replace(
            host,
            name=f"{number}{HOSTILE}",
            about=(HOSTILE,),
            services=tuple(replace(s, units=(*s.units, HOSTILE)) for s in host.services),
            nics=tuple(replace(nic, device=HOSTILE) for nic in host.nics),
        )
        for number, host in enumerate(cloud.hosts)
    )
    drawing = topology_drawing(replace(cloud, hosts=hosts, api=HOSTILE), width)
    check(drawing)
    source = svg(drawing, HOSTILE)
    assert "<script" not in source
    assert "&lt;/text&gt;" in source


def run_of(count: int, *, marks: int = 0) -> Timeline:
    bars = [
        Bar(
            key=f"one/nova.unit.nova-{i}",
            label=f"nova-with-a-long-name-{i}",
            began=i * 0.7,
            ended=i * 0.7 + 1 + i % 5,
            critical=i % 4 == 0,
            failed=i == 7,
        )
        for i in range(count)
    ]
    lanes = tuple(
        Lane(service=f"service{n}", bars=tuple(bars[n::6]), others=12, others_seconds=3.4)
        for n in range(6)
    )
    end = max((bar.ended for bar in bars), default=1.0)
    return Timeline(
        run="r",
        origin=0,
        seconds=end,
        before=1.5,
        lanes=lanes,
        critical=tuple(bar for bar in bars if bar.critical),
        marks=tuple(Mark(name=f"moment {i}", at=end - i * 0.2) for i in range(marks)),
        steps=count,
        failed=1,
    )


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("count", [0, 1, 40, 120])
def test_a_run_of_any_size_is_drawn_whole(count: int, width: float) -> None:
    drawing = gantt_drawing(run_of(count, marks=min(count, 8)), width)
    check(drawing)
    bars = [
        s for s in drawing.shapes if isinstance(s, Box) and s.kind.startswith("bar") and s.title
    ]
    assert len(bars) == count
    for one, other in combinations(bars, 2):
        assert not overlap(one, other)


def test_text_is_cut_and_wrapped_to_its_room() -> None:
    assert fit("nova-api", 200) == "nova-api"
    cut = fit("a" * 200, 100)
    assert cut.endswith("…")
    assert width_of(cut) <= 100
    lines = wrap(["one", "two", "three", "x" * 99], 60)
    assert all(width_of(line) <= 60 for line in lines)
    assert lines[0].startswith("one")
