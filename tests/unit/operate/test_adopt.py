"""What is adopted into cloud.yaml, where, and what is refused; the hosts' answers are given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from one_host import FACTS

from gureum.drift.judge import judge_file
from gureum.drift.options import Kind, OptionDrift
from gureum.drift.origin import Origin
from gureum.errors import GureumError, InputError
from gureum.model.cloud import Cloud, Host, Role
from gureum.model.load import LoadedCloud, default_cloud, load
from gureum.operate import adopt as adopting
from gureum.operate.adopt import Wish, adopt
from gureum.operate.deployment import Deployment
from gureum.operate.drift import Choice, CloudDrift, files_of, memory_of
from gureum.operate.edits import written
from gureum.operate.known import keep_facts, known
from gureum.state.folder import CloudFolder

ONE = "name: t   # mine\nhosts:\n  one:\n    roles: [controller, network, compute]\n"

Edit = tuple[str, str]


class Hosts:
    """Hosts whose files hold what was edited, in place of a connection to them."""

    def __init__(self, deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
        self.deployment = deployment
        self.texts: dict[tuple[str, str], str] = {}
        monkeypatch.setattr(adopting, "look", self.look)
        blueprint = known(deployment).blueprint
        blueprint.secrets.save()
        memory = memory_of(deployment, blueprint)
        blueprint.secrets.save()
        for files in files_of(blueprint).values():
            for file in files:
                self.texts[file.host, file.name] = file.state.content
                memory.done(file.host, file.path, written(file, memory), changed=True)
        memory.save()

    def edit(self, host: str, name: str, old: str, new: str) -> None:
        assert old in self.texts[host, name]
        self.texts[host, name] = self.texts[host, name].replace(old, new, 1)

    def look(self, deployment: Deployment, choice: Choice) -> CloudDrift:
        blueprint = known(deployment).blueprint
        memory = memory_of(deployment, blueprint)
        found = []
        for host, files in files_of(blueprint).items():
            for file in files:
                if choice.hosts and host not in choice.hosts:
                    continue
                if choice.paths is None or file.path in choice.paths:
                    content = self.texts[host, file.name].encode()
                    owner, group, mode = file.ownership
                    reading = {
                        "exists": True,
                        "owner": owner,
                        "group": group,
                        "mode": mode,
                        "sha256": hashlib.sha256(content).hexdigest(),
                        "content": content,
                    }
                    found.append(judge_file(file, reading, memory, str))
        return CloudDrift(
            name="t",
            time=0.0,
            seconds=0.0,
            hosts=tuple(deployment.cloud.hosts),
            files=tuple(one for one in found if one),
            units=(),
            looked=(0, 0),
            copies=(),
            errors={},
        )


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None) -> Hosts:
    file = Path("cloud.yaml")
    if text is not None:
        file.write_text(text)
    loaded = load(file) if text is not None else default_cloud("t")
    folder = CloudFolder("t", tmp_path).make()
    names = list(loaded.cloud.hosts)
    addresses = {name: f"192.0.2.{11 + number}" for number, name in enumerate(names)}
    keep_facts(folder, addresses, dict.fromkeys(names, FACTS))
    return Hosts(Deployment(loaded, folder), monkeypatch)


def run(at: Hosts, *words: str, **how: Any) -> adopting.Adopted:
    host = how.pop("host", None)
    wish = Wish(*words, host=host)
    return adopt(
        at.deployment, wish, write=how.get("write", False), dry_run=how.get("dry_run", False)
    )


def config(path: str = "cloud.yaml") -> Mapping[str, Any]:
    return load(Path(path)).cloud.config


pytestmark = pytest.mark.usefixtures("_here")


def test_an_edit_becomes_the_operators_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-CONF-6: as a number where it is written the same again, and the rest of the file stays."""
    at = hosts(tmp_path, monkeypatch, ONE)
    at.edit("one", "nova.conf", "[DEFAULT]\n", "# mine\n[DEFAULT]\ncpu_allocation_ratio = 4.0\n")
    done = run(at, "nova.conf")
    assert Path("cloud.yaml").read_text() == (
        ONE + "config:\n  nova.conf:\n    DEFAULT:\n      cpu_allocation_ratio: 4.0\n"
    )
    assert [one.address for one in done.options] == ["[DEFAULT] cpu_allocation_ratio"]
    assert (done.written, done.left) == (True, ())
    renewed = Deployment(load(Path("cloud.yaml")), at.deployment.folder)
    # Its place in the file and the comment are other ones than gureum's, and may stay.
    assert at.look(renewed, Choice()).in_order


def test_a_dry_run_shows_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = hosts(tmp_path, monkeypatch, ONE)
    at.edit("one", "nova.conf", "virt_type = qemu", "virt_type = kvm")
    done = run(at, "nova.conf", "libvirt", "virt_type", dry_run=True)
    assert "+      virt_type: kvm" in done.diff
    assert not done.written
    assert Path("cloud.yaml").read_text() == ONE


def test_one_hosts_edit_goes_below_that_host(tmp_path: Path) -> None:
    """What all hosts have alike goes below `config`; what the input sets for one host stays there."""
    own: Any = {"nova.conf": {"DEFAULT": {"reserved_host_memory_mb": 1024}}}
    roles = (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE)
    two = Host(roles=(Role.COMPUTE,), config=own)
    cloud = Cloud(name="t", hosts={"one": Host(roles=roles), "two": two})
    deployment = Deployment(LoadedCloud(cloud), CloudFolder("t", tmp_path))

    def option(name: str, *values: str) -> OptionDrift:
        drift = OptionDrift("DEFAULT", name, Kind.ADDED, None, values[0], Origin.HAND)
        return replace(drift, values=values)

    found = adopting.values_of(
        deployment,
        "nova.conf",
        {
            "one": [option("debug", "true"), option("sync_power_state_interval", "0")],
            "two": [option("debug", "true"), option("reserved_host_memory_mb", "2048")],
        },
    )
    assert found == {
        ("config", "nova.conf", "DEFAULT", "debug"): True,
        ("hosts", "one", "config", "nova.conf", "DEFAULT", "sync_power_state_interval"): 0,
        ("hosts", "two", "config", "nova.conf", "DEFAULT", "reserved_host_memory_mb"): 2048,
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("password = ", "password = x", "it is a secret"),
        ("virt_type = qemu\n", "", "cloud.yaml can set an option but not unset it"),
        ("virt_type = qemu", "virt_type = vmware", "'vmware' is not one of"),
        ("[DEFAULT]\n", "[DEFAULT]\nnonsense = 1\n", "the release has no such option"),
    ],
)
def test_what_cannot_be_adopted_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str
) -> None:
    at = hosts(tmp_path, monkeypatch, ONE)
    at.edit("one", "nova.conf", old, new)
    at.edit("one", "nova.conf", "[DEFAULT]\n", "[DEFAULT]\ndebug = true\n")
    with pytest.raises(InputError) as refused:
        run(at, "nova.conf")
    (problem,) = refused.value.diagnostics
    assert said in problem.summary
    assert refused.value.hint.endswith("config adopt nova.conf '[DEFAULT]' debug")
    assert Path("cloud.yaml").read_text() == ONE
    run(at, "nova.conf", "DEFAULT", "debug")
    assert config() == {"nova.conf": {"DEFAULT": {"debug": True}}}


def test_an_option_that_the_cloud_counts_on_is_refused() -> None:
    drift = OptionDrift("DEFAULT", "host", Kind.CHANGED, "one", "two", Origin.HAND, fixed=True)
    said = adopting.unfit(drift)
    assert said is not None
    assert "gureum fixes it" in said[0]


def test_what_nobody_edited_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = hosts(tmp_path, monkeypatch, ONE)
    with pytest.raises(GureumError, match=r"nothing of nova\.conf was edited"):
        run(at, "nova.conf")
    at.edit("one", "nova.conf", "[DEFAULT]\n", "[DEFAULT]\ndebug = true\n")
    with pytest.raises(InputError) as refused:
        run(at, "nova.conf", "DEFAULT", "debgu")
    assert refused.value.hint == "did you mean 'debug'?"
    with pytest.raises(InputError, match=r"gureum writes no file 'nova\.cnf'"):
        run(at, "nova.cnf")
    with pytest.raises(GureumError, match="gureum writes it whole"):
        run(at, "haproxy.cfg")
    with pytest.raises(InputError, match="has other hosts"):
        run(at, "nova.conf", host="tow")


def test_a_cloud_without_an_input_gets_one_if_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = hosts(tmp_path, monkeypatch, None)
    at.edit("one", "nova.conf", "[DEFAULT]\n", "[DEFAULT]\ndebug = true\n")
    with pytest.raises(GureumError) as refused:
        run(at, "nova.conf", "DEFAULT", "debug")
    assert "config adopt --cloud t --write nova.conf '[DEFAULT]' debug" in refused.value.hint
    assert not Path("cloud.yaml").exists()
    done = run(at, "nova.conf", write=True)
    assert done.made
    cloud = load(Path("cloud.yaml")).cloud
    assert (cloud.name, cloud.config) == ("t", {"nova.conf": {"DEFAULT": {"debug": True}}})


def test_rights_of_the_input_stay_and_a_link_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = hosts(tmp_path, monkeypatch, ONE)
    Path("cloud.yaml").rename("real.yaml")
    Path("real.yaml").chmod(0o640)
    Path("cloud.yaml").symlink_to("real.yaml")
    at.edit("one", "nova.conf", "[DEFAULT]\n", "[DEFAULT]\ndebug = true\n")
    run(at, "nova.conf")
    assert Path("cloud.yaml").is_symlink()
    assert Path("real.yaml").stat().st_mode & 0o777 == 0o640
    assert config("real.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", "True"), ("4", 4), ("04", "04"), ("4.0", 4.0), ("4.00", "4.00")],
)
def test_a_value_is_spelt_in_the_file_as_it_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, value: Any
) -> None:
    at = hosts(tmp_path, monkeypatch, ONE)
    at.edit("one", "mariadb.cnf", "[mariadbd]\n", f"[mariadbd]\nmine = {text}\n")
    run(at, "mariadb.cnf")
    found = config()["mariadb.cnf"]["mariadbd"]["mine"]
    assert (found, type(found)) == (value, type(value))
