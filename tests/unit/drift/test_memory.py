"""What gureum wrote is remembered by digests alone."""

from __future__ import annotations

from typing import Any

from gureum.drift.memory import NAME, Memory, Written
from gureum.drift.origin import Origin
from gureum.state.secrets import Secret


def test_it_outlives_the_process_and_holds_no_value(bench: Any) -> None:
    bench.memory.save()
    file = bench.folder.path / NAME
    assert file.stat().st_mode & 0o777 == 0o600
    nova = bench.files["nova.conf"]
    text = file.read_text()
    assert "/var/lib/nova" not in text
    assert nova.setting("DEFAULT", "transport_url").value.reveal() not in text
    again = Memory(bench.folder, Secret("key"))
    assert again.of("one", nova.path) == bench.memory.of("one", nova.path)
    assert again.of("two", nova.path).last is None


def test_the_same_value_has_another_digest_in_another_cloud(bench: Any) -> None:
    other = Memory(bench.folder, Secret("other key"))
    assert other.digest("a", "b", ["1"]) != bench.memory.digest("a", "b", ["1"])


def test_a_torn_file_is_no_memory(bench: Any) -> None:
    bench.memory.save()
    file = bench.folder.path / NAME
    file.write_text(file.read_text()[:-20])
    torn = Memory(bench.folder, Secret("key"))
    assert torn.of("one", "/etc/nova/nova.conf").last is None


def test_what_a_killed_run_had_begun_is_still_gureums(bench: Any) -> None:
    """R-VERIFY-3: no edit by nobody is told after a run that was cut off."""
    nova = bench.files["nova.conf"]
    older = bench.text("nova.conf").replace("virt_type = qemu", "virt_type = kvm")
    bench.remember("nova.conf", older)
    last = bench.memory.of("one", nova.path).last
    begun = Written("begun", 1500.0, nova.ownership, last.options)
    bench.memory.begin("one", nova.path, begun)
    assert "begun" in bench.memory.of("one", nova.path).ours
    assert bench.memory.of("one", nova.path).as_found("begun") == begun
    assert bench.judge("nova.conf", older).origin is Origin.INTENT


def test_an_adopted_edit_is_in_order_until_the_intent_changes(bench: Any) -> None:
    nova = bench.files["nova.conf"]
    text = bench.text("nova.conf") + "\n# mine\n"
    drift = bench.judge("nova.conf", text)
    assert drift.form_only
    wanted = bench.memory.of("one", nova.path).last
    bench.memory.adopt("one", nova.path, drift.sha256, wanted)
    assert bench.judge("nova.conf", text) is None
    assert bench.judge("nova.conf", text + "#\n").origin is Origin.HAND


def test_an_adopted_edit_that_is_no_longer_wanted_is_nobodys_edit(bench: Any) -> None:
    nova = bench.files["nova.conf"]
    last = bench.memory.of("one", nova.path).last
    text = bench.text("nova.conf").replace("[DEFAULT]\n", "# mine\n[DEFAULT]\ndebug = true\n")
    parsed = {"DEFAULT": {"debug": ["true"]}}
    options = {**last.options, **bench.memory.options(parsed)}
    wanted = Written("the input's then", 1500.0, nova.ownership, options)
    bench.memory.adopt("one", nova.path, bench.judge("nova.conf", text).sha256, wanted)
    drift = bench.judge("nova.conf", text)
    assert drift.origin is Origin.INTENT
    assert [one.origin for one in drift.options] == [Origin.INTENT]
