"""A file is judged option by option, and whose deed a difference is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gureum.drift.judge import FileDrift
from gureum.drift.options import Kind
from gureum.drift.origin import Origin
from gureum.views.data import plain

Edited = Callable[[str, str, str], FileDrift]


def test_what_is_as_wanted_is_no_drift(bench: Any) -> None:
    assert bench.judge("nova.conf", bench.text("nova.conf")) is None


def test_a_changed_option_is_told_with_gureums_reason(edited: Edited) -> None:
    """R-CONF-2: what is wanted, what was found, why gureum wants it, and in which line it stands."""
    found = edited("nova.conf", "virt_type = qemu", "virt_type = kvm")
    (option,) = found.options
    assert (option.address, option.kind) == ("[libvirt] virt_type", Kind.CHANGED)
    assert (option.wanted, option.found) == ("qemu", "kvm")
    assert option.why
    assert option.source.startswith("services/nova")
    assert option.line
    assert (found.origin, option.origin) == (Origin.HAND, Origin.HAND)
    assert not found.broken


def test_an_added_option_is_told_with_upstreams_default(edited: Edited) -> None:
    (option,) = edited("nova.conf", "[DEFAULT]\n", "[DEFAULT]\ndebug = true\n").options
    assert (option.kind, option.found, option.wanted) == (Kind.ADDED, "true", None)
    assert option.default == "false"
    assert option.adoptable


def test_a_removed_option_is_told_and_cannot_be_adopted(edited: Edited) -> None:
    (option,) = edited("nova.conf", "virt_type = qemu\n", "").options
    assert (option.kind, option.found, option.wanted) == (Kind.REMOVED, None, "qemu")
    assert not option.adoptable


def test_a_misspelt_option_and_a_wrong_value_are_named(edited: Edited) -> None:
    found = edited("nova.conf", "[DEFAULT]\n", "[DEFAULT]\ncpu_alocation_ratio = 4\ndebug = ja\n")
    said = {one.name: one.wrong for one in found.options}
    assert "cpu_allocation_ratio" in said["cpu_alocation_ratio"]
    assert "is not true or false" in said["debug"]


@pytest.mark.parametrize(
    ("old", "new", "summary"),
    [
        ("virt_type = qemu", "  virt_type = qemu", "white space stands before virt_type"),
        ("virt_type = qemu", "virt_type = qemu\nvirt_type = qemu", "stands twice"),
        ("virt_type = qemu", "virt_type = qemu\r", "has Windows line ends (1 lines)"),
        ("virt_type = qemu", "virt_type = qemu\nnonsense", "is no option"),
    ],
)
def test_broken_lines_are_found_with_their_numbers(
    bench: Any, edited: Edited, old: str, new: str, summary: str
) -> None:
    """R-PREP-8: what would hurt in a file is told by line, though every option reads right."""
    found = edited("nova.conf", old, new)
    (problem,) = found.broken
    assert summary in problem.summary
    line = bench.text("nova.conf").split("\n").index("virt_type = qemu") + 1
    assert problem.source is not None
    assert problem.source.line in (line, line + 1)
    assert not found.form_only


def test_a_comment_changes_only_the_form(edited: Edited) -> None:
    found = edited("nova.conf", "[libvirt]\n", "# mine\n[libvirt]\n")
    assert found.form_only
    assert not found.options


def test_secrets_are_not_shown(bench: Any) -> None:
    """A password of somebody's own neither: in a value, in a URL, in a diff, in JSON."""
    text = bench.text("nova.conf").replace("password = ", "password = hunter2", 1)
    text = text.replace("transport_url = rabbit://", "transport_url = rabbit://me:hunter2@", 1)
    text += "\n[mine]\nurl = http://me:hunter2@192.0.2.1/\n"
    found = bench.judge("nova.conf", text)
    assert {one.name for one in found.options} == {"password", "transport_url", "url"}
    assert all(one.secret for one in found.options)
    assert "hunter2" not in json.dumps(plain(found)) + repr(found)


def test_a_whole_text_is_told_as_a_diff(bench: Any) -> None:
    path = "/etc/haproxy/haproxy.cfg"
    found = bench.judge(path, bench.text(path) + "# mine\n")
    assert "-# mine" in found.diff
    assert found.what == ("text",)


def test_a_hidden_file_is_never_shown(bench: Any) -> None:
    found = bench.judge("/etc/haproxy/gureum.pem", "another key")
    assert (found.hidden, found.diff, found.options) == (True, "", ())


def test_owner_and_mode_are_told_by_name(bench: Any) -> None:
    found = bench.judge("nova.conf", bench.text("nova.conf"), owner="alice", mode=0o666)
    assert found.ownership == {"owner": ("root", "alice"), "mode": ("0640", "0666")}
    assert (found.what, found.origin) == (("owner", "mode"), Origin.HAND)


def test_what_is_missing_or_no_file_is_said_so(bench: Any) -> None:
    gone = bench.judge("nova.conf", "", exists=False)
    assert (gone.what, gone.origin) == (("missing",), Origin.HAND)
    link = bench.judge("nova.conf", bench.text("nova.conf"), sha256="a link", target="/etc/passwd")
    assert (link.what, link.diff) == (("kind",), "a link to /etc/passwd")


def test_an_intent_that_changed_is_no_hand_edit(bench: Any) -> None:
    """What gureum wrote last is still there, and cloud.yaml wants something else since."""
    before = bench.text("nova.conf").replace("virt_type = qemu", "virt_type = kvm")
    bench.remember("nova.conf", before)
    found = bench.judge("nova.conf", before)
    assert (found.origin, found.options[0].origin) == (Origin.INTENT, Origin.INTENT)


def test_both_at_once_are_told_apart_by_option(bench: Any) -> None:
    before = bench.text("nova.conf").replace("virt_type = qemu", "virt_type = kvm")
    bench.remember("nova.conf", before)
    found = bench.judge("nova.conf", before.replace("[DEFAULT]\n", "[DEFAULT]\ndebug = true\n"))
    assert found.origin is Origin.BOTH
    assert {one.name: one.origin for one in found.options} == {
        "debug": Origin.HAND,
        "virt_type": Origin.INTENT,
    }


def test_an_earlier_text_of_gureum_is_a_restored_one(bench: Any) -> None:
    old = bench.text("nova.conf").replace("virt_type = qemu", "virt_type = kvm")
    bench.remember("nova.conf", old)
    bench.remember("nova.conf", bench.text("nova.conf"))
    assert bench.judge("nova.conf", old).origin is Origin.EARLIER


def test_properties_and_mariadbs_files_are_compared_by_option_too(edited: Edited) -> None:
    found = edited("rabbitmq.conf", "cluster_partition_handling = ", "x.y = 1\nx.y = 2\n#")
    assert {one.name for one in found.options} == {"cluster_partition_handling", "x.y"}
    assert "stands twice" in found.broken[0].summary
    found = edited("mariadb.cnf", "[mariadbd]\n", "[mariadbd]\n  skip-external-locking\n")
    (option,) = found.options
    assert (option.name, option.found) == ("skip-external-locking", "")
    assert not found.broken
