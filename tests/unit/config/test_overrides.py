"""The operator's options find their line in cloud.yaml (R-CONF-6)."""

from __future__ import annotations

from gureum.config.merge import merge
from gureum.config.overrides import operator_options
from gureum.diagnostics import Source
from gureum.model.cloud import Cloud, Host, Role

LINES = {
    ("config", "nova.conf", "DEFAULT", "debug"): 20,
    ("config", "nova.conf", "DEFAULT", "cpu_allocation_ratio"): 21,
    ("hosts", "one", "config", "nova.conf", "DEFAULT", "debug"): 5,
}
CLOUD = Cloud(
    hosts={
        "one": Host(roles=(Role.COMPUTE,), config={"nova.conf": {"DEFAULT": {"debug": False}}}),
        "two": Host(roles=(Role.COMPUTE,)),
    },
    config={"nova.conf": {"DEFAULT": {"debug": True, "cpu_allocation_ratio": 8.0}}},
)


def locate(path: tuple[str, ...]) -> Source:
    return Source("cloud.yaml", LINES[path])


def test_a_hosts_own_option_wins_over_the_clouds() -> None:
    settings = merge(operator_options(CLOUD, "one", locate)).files["nova.conf"]["DEFAULT"]
    assert (settings["debug"].value, str(settings["debug"].source)) == (False, "cloud.yaml:5")
    assert settings["cpu_allocation_ratio"].source.line == 21


def test_another_host_has_the_clouds() -> None:
    settings = merge(operator_options(CLOUD, "two", locate)).files["nova.conf"]["DEFAULT"]
    assert (settings["debug"].value, settings["debug"].source.line) == (True, 20)


def test_a_list_is_a_tuple_and_every_option_an_override() -> None:
    config = {"nova.conf": {"DEFAULT": {"debug": ["a", "b"]}}}
    cloud = CLOUD.model_copy(update={"config": config})
    (option,) = operator_options(cloud, "two", locate)
    assert option.setting.value == ("a", "b")
    assert option.override
