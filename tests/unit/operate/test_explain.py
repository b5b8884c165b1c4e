"""R-CONF-2: anything of a cloud is explained, by any of its names, from saved state alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from one_host import FACTS

from gureum.errors import InputError
from gureum.model.load import LoadedCloud, load
from gureum.operate.deployment import Deployment
from gureum.operate.explain import explain, explain_in
from gureum.operate.explain.answer import Explanation, OptionAnswer, OptionsAnswer, Thing
from gureum.operate.explain.near import option_names, things
from gureum.operate.explain.option import locate
from gureum.operate.explain.question import question
from gureum.operate.explain.scene import Scene
from gureum.operate.known import keep_facts, known
from gureum.state.folder import CloudFolder
from gureum.views import explain_text
from gureum.views.data import plain

HERE: dict[str, Any] = {
    **FACTS,
    "cpus": 16,
    "os": {**FACTS["os"], "name": "Debian GNU/Linux 13"},
    "ports": [{"address": "192.0.2.11", "port": 22, "protocol": "tcp", "unit": "ssh.service"}],
}

CLOUD = """\
name: cloud
hosts:
  one:
    roles: [controller, network, compute]
config:
  nova.conf:
    DEFAULT:
      cpu_allocation_ratio: 2.5
    libvirt:
      cpu_mode: custom
"""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder = CloudFolder("cloud", tmp_path_factory.mktemp("home"))
    made = Deployment(_loaded(CLOUD), folder)
    keep_facts(folder.make(), {"one": "192.0.2.11"}, {"one": HERE})
    made.keep(known(made).blueprint)
    return made


def _loaded(text: str) -> LoadedCloud:
    return load(Path("cloud.yaml"), text)


def _option(deployment: Deployment, *words: str) -> OptionAnswer:
    answer = explain(deployment, words).answers[0]
    assert isinstance(answer, OptionAnswer)
    return answer


def _text(found: Explanation) -> str:
    return "\n".join(line for line, _ in explain_text.lines(found, full=True))


@pytest.mark.parametrize(
    "words",
    [
        ("nova.conf", "[DEFAULT]", "cpu_allocation_ratio"),
        ("nova.conf [DEFAULT] cpu_allocation_ratio",),
        ("nova.conf", "DEFAULT", "cpu_allocation_ratio"),
        ("nova.conf", "DEFAULT/cpu_allocation_ratio"),
        ("nova.conf:DEFAULT:cpu_allocation_ratio",),
        ("/etc/nova/nova.conf", "default", "cpu-allocation-ratio"),
        ("nova", "cpu_allocation_ratio"),
        ("DEFAULT.cpu_allocation_ratio",),
        ("cpu_allocation_ratio = 16.0",),
        ("'cpu_allocation_ratio'",),
    ],
)
def test_an_option_is_found_however_it_is_spelt(
    deployment: Deployment, words: tuple[str, ...]
) -> None:
    found = _option(deployment, *words)
    assert (found.file, found.section, found.name) == (
        "nova.conf",
        "DEFAULT",
        "cpu_allocation_ratio",
    )


def test_the_operators_option_names_its_line_and_what_it_replaced(deployment: Deployment) -> None:
    ratio = _option(deployment, "cpu_allocation_ratio")
    assert ratio.values[0].value == "2.5"
    assert ratio.values[0].reasons[0].set_by == "cloud.yaml:8"
    assert ratio.values[0].reasons[0].by_operator
    mode = _option(deployment, "nova.conf", "libvirt", "cpu_mode").values[0]
    assert (mode.value, mode.instead_of_value) == ("custom", "none")
    assert mode.instead_of is not None
    assert mode.instead_of.set_by == "services/nova.py"


def test_what_a_value_follows_is_found_by_trying(deployment: Deployment) -> None:
    virt_type = _option(deployment, "virt_type")
    assert {(c.kind, c.name) for c in virt_type.follows} == {
        ("host fact", "/dev/kvm works on the host"),
        ("cloud.yaml", "compute.virt_type"),
    }
    workers = _option(deployment, "nova.conf", "conductor", "workers")
    assert [c.value for c in workers.follows if c.name == "processors of the host"] == ["16"]
    quorum = _option(deployment, "nova.conf", "oslo_messaging_rabbit", "rabbit_quorum_queue")
    assert not quorum.follows


def test_an_option_that_nobody_set_is_explained_with_the_lines_that_set_it(
    deployment: Deployment,
) -> None:
    found = _option(deployment, "nova.conf", "DEFAULT", "ram_allocation_ratio")
    assert not found.is_set
    assert found.upstream is not None
    assert found.upstream.type == "float"
    assert found.change.lines[:3] == ("config:", "  nova.conf:", "    DEFAULT:")
    assert "nova-compute" in {reader.unit for reader in found.read_by}
    # The lines are what they say: an input with them is accepted and sets the option.
    text = CLOUD.partition("config:")[0] + "\n".join(found.change.lines) + "\n"
    again = Deployment(_loaded(text), deployment.folder)
    assert _option(again, "nova.conf", "DEFAULT", "ram_allocation_ratio").is_set


def test_the_lines_that_set_an_option_are_accepted_for_every_type(deployment: Deployment) -> None:
    scene = Scene(known(deployment), deployment.folder)
    kinds: dict[str, tuple[str, ...]] = {}
    for file in scene.files:
        schema = scene.schema(file)
        for section in schema.sections if schema else ():
            for name in schema.names(section) if schema else ():
                option = schema.option(section, name) if schema else None
                plain_one = (
                    option and not option.removal and not scene.settings(file, section, name)
                )
                if option and plain_one and file in ("nova.conf", "neutron.conf"):
                    kind = f"{option.type.kind}{option.multi}{bool(option.default)}"
                    kinds.setdefault(kind, (file, section, name))
    assert len(kinds) >= 10
    for words in kinds.values():
        lines = "\n".join(_option(deployment, *words).change.lines)
        again = Deployment(_loaded(CLOUD.partition("config:")[0] + lines + "\n"), deployment.folder)
        assert _option(again, *words).is_set, words


def test_a_switch_of_cloud_yaml_is_named_for_an_option_that_it_would_set(
    deployment: Deployment,
) -> None:
    """R-CONF-7: who looks for debug learns of `logging` before the hard way."""
    assert "logging.debug" in _option(deployment, "nova.conf", "DEFAULT", "debug").change.keys


def test_a_secret_is_named_and_never_shown(deployment: Deployment) -> None:
    found = _option(deployment, "nova.conf", "DEFAULT", "transport_url")
    assert found.values[0].value == "***"
    assert found.values[0].read_with.endswith("'^transport_url' /etc/nova/nova.conf")
    said = {(one.how, one.what) for one in found.related}
    assert ("secret", "nova.queue") in said
    assert ("other end", "user nova of RabbitMQ") in said
    assert ("leads to", "192.0.2.11:5672") in said
    assert found.change.refused
    shared = _option(deployment, "nova.conf", "neutron", "metadata_proxy_shared_secret")
    what = "ovn_agent.ini [DEFAULT] metadata_proxy_shared_secret"
    assert ("same secret", what) in {(one.how, one.what) for one in shared.related}


def test_what_upstream_calls_a_secret_is_hidden_also_where_the_operator_wrote_it(
    deployment: Deployment,
) -> None:
    text = CLOUD + "    vmware:\n      host_password: plainly-written\n"
    again = Deployment(_loaded(text), deployment.folder)
    for words in (
        ("nova.conf", "vmware", "host_password"),
        ("nova.conf",),
        ("nova.conf", "vmware"),
    ):
        found = explain(again, words)
        shown = _text(found) + json.dumps(plain(found), default=str)
        assert "***" in shown
        assert "plainly-written" not in shown


def test_every_name_is_explained_and_no_answer_shows_a_secret(deployment: Deployment) -> None:
    """R-CRED-1: neither the text nor the JSON of any answer holds a password."""
    scene = Scene(known(deployment), deployment.folder)
    hide = scene.known.blueprint.secrets.redactor()
    asked = [(name,) for name in things(scene)]
    asked += [("22",), ("8774",), ("192.0.2.11",), ("admin",), ("compute",), ("controller",)]
    asked += [(f, s, o) if s else (f, o) for _, f, s, o, _ in scene.all_settings()]
    for words in asked:
        found = explain_in(scene, words)
        text = _text(found) + json.dumps(plain(found), default=str)
        assert hide(text) == text, words


def test_no_line_is_wider_than_a_terminal_but_what_is_copied(deployment: Deployment) -> None:
    scene = Scene(known(deployment), deployment.folder)
    for name in things(scene):
        for line in _text(explain_in(scene, (name,))).splitlines():
            longest = max(map(len, line.split()), default=0)
            assert len(line) <= 80 or longest > 40 or "gureum " in line, line


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        ("nova", ["service", "system user", "keystone user", "database user", "queue user"]),
        ("nova-api", ["unit"]),
        ("nova-api.service", ["unit"]),
        ("compute", ["endpoint", "role"]),
        ("https://192.0.2.11:9696/v2.0/networks", ["endpoint"]),
        ("8774", ["port"]),
        ("192.0.2.11:3306", ["port"]),
        ("22", ["port"]),
        ("management", ["network"]),
        ("tunnel", ["network"]),
        ("provider", ["network"]),
        ("br-int", ["bridge"]),
        ("one", ["host"]),
        ("192.0.2.11", ["host"]),
        ("nova.conf", ["file"]),
        ("/etc/haproxy/haproxy.cfg", ["file"]),
        ("service_user", ["section"]),
        ("gureum", ["file", "queue user"]),
        ("nova_api", ["database user"]),
        ("maxconn", ["line"]),
    ],
)
def test_things_are_known_by_their_names(
    deployment: Deployment, word: str, kinds: list[str]
) -> None:
    answers = explain(deployment, (word,)).answers
    found = [answer.kind for answer in answers if isinstance(answer, Thing)]
    assert found[: len(kinds)] == kinds


def test_several_options_are_listed_those_that_are_set_first(deployment: Deployment) -> None:
    found = explain(deployment, ("helper_command",)).answers[0]
    assert isinstance(found, OptionsAnswer)
    states = [option.is_set for option in found.options]
    assert states == sorted(states, reverse=True)
    assert any(states)


def test_an_option_of_a_schema_that_two_files_share_is_told_once(deployment: Deployment) -> None:
    scene = Scene(known(deployment), deployment.folder)
    assert [p.file for p in locate(("database", "max_pool_size"), scene) if "nova" in p.file] == [
        "nova-database.conf"
    ]
    assert [p.file for p in locate(("use_json",), scene)] == [
        "keystone.conf",
        "glance-api.conf",
        "placement.conf",
        "nova.conf",
        "neutron.conf",
    ]


def test_an_option_is_found_by_the_name_that_it_had(deployment: Deployment) -> None:
    found = _option(deployment, "nova.conf", "DEFAULT", "logdir")
    assert (found.name, found.asked_as) == ("log_dir", "[DEFAULT] logdir")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("cpu_alocation_ratio",), "cpu_allocation_ratio"),
        (("nova.conf", "DEFULT", "cpu_alocation_ratio"), "nova.conf DEFAULT cpu_allocation_ratio"),
        (("nova-schduler",), "nova-scheduler"),
        (("neutrn",), "neutron"),
    ],
)
def test_a_misspelt_name_gets_the_nearest(
    deployment: Deployment, words: tuple[str, ...], hint: str
) -> None:
    with pytest.raises(InputError) as caught:
        explain(deployment, words)
    assert caught.value.hint == f"gureum explain {hint}"
    explain(deployment, hint.split())


@pytest.mark.parametrize(
    "words", [("",), ("  ",), ("[]",), ("=", "="), ("/",), ("☃",), ("a" * 500,)]
)
def test_nonsense_is_refused_with_a_way_out(deployment: Deployment, words: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        explain(deployment, words)
    assert caught.value.hint.startswith("gureum explain ")


def test_a_cloud_that_was_never_built_is_explained_and_nothing_is_kept(tmp_path: Path) -> None:
    folder = CloudFolder("cloud", tmp_path)
    found = explain(Deployment(_loaded(CLOUD), folder), ("nova.conf", "DEFAULT", "my_ip"))
    assert found.seen is None
    assert "never looked at" in _text(found)
    assert not folder.exists


def test_option_names_hold_what_is_set_and_what_is_not(deployment: Deployment) -> None:
    names = option_names(Scene(known(deployment), deployment.folder))
    assert {"listeners.tcp.1", "cpu_allocation_ratio", "ram_allocation_ratio"} <= set(names)


def test_a_question_is_taken_apart() -> None:
    asked = question(["nova.conf", "[DEFAULT]", "debug", "=", "true"])
    assert asked.parts == ("nova.conf", "DEFAULT", "debug")
    assert question(["https://192.0.2.1:8774/v2.1?a=b"]).word == "https://192.0.2.1:8774/v2.1?a=b"
    assert question(["/etc/nova/nova.conf"]).word == "/etc/nova/nova.conf"
