"""The text of config files: the same for the same tree, and read back as it was meant."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gureum.config.merge import merge
from gureum.config.parse import parse_ini
from gureum.config.render import render
from gureum.config.setting import ConfigFile, ConfigTree, Option, Setting
from gureum.config.text import plain
from gureum.diagnostics import Source
from gureum.errors import InternalError
from gureum.releases import load_release
from gureum.state.secrets import Secret

Make = Callable[..., Option]
RELEASE = load_release("2026.2")
NOVA = ConfigFile(name="nova.conf", path="/etc/nova/nova.conf", schema="nova")
RABBIT = ConfigFile(name="rabbitmq.conf", path="/etc/rabbitmq/rabbitmq.conf", format="properties")
MARIADB = ConfigFile(name="gureum.cnf", path="/etc/mysql/gureum.cnf")


def test_a_file_reads_like_one_that_a_person_wrote(opt: Make) -> None:
    tree = merge(
        [
            opt("nova.conf pci alias", ('{"name": "a"}', '{"name": "b"}')),
            opt("nova.conf filter_scheduler enabled_filters", ("ComputeFilter", "ImageFilter")),
            opt("nova.conf DEFAULT debug", True),
            opt("nova.conf DEFAULT cpu_allocation_ratio", 4.0),
            opt("nova.conf DEFAULT compute_link_prefix", ""),
            opt("nova.conf DEFAULT transport_url", Secret("rabbit://nova:pa$word@host")),
        ]
    )
    assert render(tree, NOVA, RELEASE) == (
        "# Written by gureum; change it in cloud.yaml, under config and nova.conf.\n"
        "\n"
        "[DEFAULT]\n"
        "compute_link_prefix =\n"
        "cpu_allocation_ratio = 4.0\n"
        "debug = true\n"
        "transport_url = rabbit://nova:pa$$word@host\n"
        "\n"
        "[filter_scheduler]\n"
        "enabled_filters = ComputeFilter,ImageFilter\n"
        "\n"
        "[pci]\n"
        'alias = {"name": "a"}\n'
        'alias = {"name": "b"}\n'
    )


def test_the_order_of_options_makes_no_difference(opt: Make) -> None:
    options = [opt(f"nova.conf s{n % 3} o{n}", n) for n in range(12)]
    shuffled = list(options)
    Random(4).shuffle(shuffled)  # noqa: S311
    assert render(merge(options), NOVA) == render(merge(shuffled), NOVA)


def test_reasons_stand_above_their_options(opt: Make, own: Make) -> None:
    """R-CONF-2: every option carries why it is set, and who set it."""
    address = "nova.conf DEFAULT cpu_allocation_ratio"
    tree = merge([opt(address, 4.0, why="VMs\nidle"), own(address, 8.0)])
    lines = render(tree, NOVA, RELEASE, reasons=True).splitlines()
    assert lines[3:] == [
        "# the operator wants it (cloud.yaml:7)",
        "# instead of services/nova.py's value",
        "cpu_allocation_ratio = 8.0",
    ]


def test_properties_have_no_sections(opt: Make) -> None:
    options = [("log.console", True), ("listeners.tcp.1", "10.0.0.1:5672"), ("node", "a # b")]
    tree = merge(opt(f"rabbitmq.conf  {name}", value, by="rabbitmq") for name, value in options)
    assert render(tree, RABBIT).splitlines()[2:] == [
        "listeners.tcp.1 = 10.0.0.1:5672",
        "log.console = true",
        "node = 'a # b'",
    ]


def test_dollars_mean_nothing_to_other_readers(opt: Make) -> None:
    tree = merge([opt("gureum.cnf client password", Secret("pa$s"), by="mariadb")])
    assert "password = pa$s\n" in render(tree, MARIADB)


@pytest.mark.parametrize("value", ["a\nb = 1", "a\rb", Secret("a\nb"), Secret("a\\$b")])
def test_a_value_that_would_be_read_as_another_is_not_written(
    opt: Make, value: str | Secret
) -> None:
    with pytest.raises(InternalError):
        render(merge([opt("nova.conf DEFAULT state_path", value)]), NOVA)


NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=30)
VALUES = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS)


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, min_size=1), min_size=1))
def test_what_is_written_is_read_back(
    values: dict[str, dict[str, bool | int | float | str]],
) -> None:
    source = Source("services/nova.py")
    tree = ConfigTree(
        {
            "nova.conf": {
                section: {name: Setting(value, "so", source) for name, value in options.items()}
                for section, options in values.items()
            }
        }
    )
    for reasons in (False, True):
        text = render(tree, NOVA, reasons=reasons)
        parsed, found = parse_ini(text, Source("nova.conf"))
        assert found == []
        assert parsed == {
            section: {name: [plain(value)] for name, value in options.items()}
            for section, options in values.items()
        }
