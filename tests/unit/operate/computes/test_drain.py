"""R-OPS-6: a compute host is emptied, and what cannot leave it is named with the way out."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.made.clouds import deployment_of
from tests.made.nova import MadeNova, MadeVm

from gureum.errors import GureumError, InputError
from gureum.operate.computes import drain as draining
from gureum.operate.computes import move, undrain
from gureum.operate.computes.drain import Drained, Look, Telling, Wish
from gureum.operate.deployment import Deployment

FIRST, SECOND = "compute-rack4-01", "compute-rack4-02"
Drain = Callable[..., Drained]


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return deployment_of(3, tmp_path)


@pytest.fixture
def run(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Drain:
    """Return a function that drains the first compute host of a made-up cloud."""
    monkeypatch.setattr(move, "PAUSE", 0.0)
    monkeypatch.setattr(draining, "BUSY_PAUSE", 0.0)

    def drain(
        nova: MadeNova, host: str = FIRST, looks: list[Look] | None = None, **wish: Any
    ) -> Drained:
        @contextlib.contextmanager
        def admin(*_: object) -> Iterator[MadeNova]:
            yield nova

        monkeypatch.setattr(draining, "as_admin", admin)
        monkeypatch.setattr(undrain, "as_admin", admin)
        silent = Telling(disabled=lambda _: None, moved=lambda _: None, progress=lambda *_: None)
        seen = looks if looks is not None else []
        return draining.drain(deployment, Wish(host=host, **wish), seen.append, silent)

    return drain


def nova(*vms: MadeVm, **hosts: str) -> MadeNova:
    return MadeNova({FIRST: "up", SECOND: "up", **hosts}, list(vms))


def test_running_vms_move_alive_and_others_as_they_are(run: Drain) -> None:
    made = nova(MadeVm("web", FIRST), MadeVm("off", FIRST, "SHUTOFF"), MadeVm("else", SECOND))
    found = run(made, reason="new kernel")
    assert found.empty
    assert {vm.host for vm in made.vms.values()} == {SECOND}
    assert sorted(made.asked) == ["off cold", "off confirmed", "web alive"]
    assert made.vms["off"].status == "SHUTOFF"
    assert made.enabled[FIRST].startswith("new kernel (drained by ")


def test_one_that_cannot_move_alive_is_shut_off_for_it_and_nova_says_why(run: Drain) -> None:
    made = nova(MadeVm("web", FIRST, alive="Unacceptable CPU info: pdpe1gb"))
    found = run(made)
    assert made.asked == ["web alive", "web cold", "web confirmed"]
    assert found.moved[0].why == "not alive: Unacceptable CPU info: pdpe1gb"
    assert made.vms["web"].status == "ACTIVE"


def test_one_that_nova_calls_broken_although_it_runs_on_is_marked_as_it_is(run: Drain) -> None:
    made = nova(MadeVm("web", FIRST, alive="port 16514: Connection refused", breaks=True))
    found = run(made, live_only=True)
    assert made.asked == ["web alive", "web marked active"]
    assert made.vms["web"].status == found.stays[0].vm.status == "ACTIVE"
    again = nova(MadeVm("web", FIRST, alive="port 16514: Connection refused", breaks=True))
    assert run(again).empty
    assert again.asked == ["web alive", "web marked active", "web cold", "web confirmed"]


def test_the_way_on_from_a_failed_move_is_its_request_in_the_logs(run: Drain) -> None:
    stays = run(nova(MadeVm("off", FIRST, "SHUTOFF", cold="no"))).stays
    assert "logs" in stays[0].hint
    assert "--request 2" in stays[0].hint


def test_whoever_wants_no_interruption_gets_none(run: Drain) -> None:
    made = nova(MadeVm("web", FIRST, alive="no"), MadeVm("off", FIRST, "SHUTOFF"))
    found = run(made, live_only=True)
    assert [(s.vm.id, s.why) for s in found.stays] == [("web", "no")]
    assert "host drain" in found.stays[0].hint
    assert "--cold" in found.stays[0].hint
    assert made.vms["off"].host == SECOND


def test_whoever_wants_it_quick_has_running_vms_shut_off(run: Drain) -> None:
    made = nova(MadeVm("web", FIRST))
    looks: list[Look] = []
    assert run(made, looks=looks, cold=True).empty
    assert made.asked == ["web cold", "web confirmed"]
    assert [vm.id for vm in looks[0].cold] == ["web"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("SUSPENDED", "server resume"),
        ("RESCUE", "server unrescue"),
        ("ERROR", "server show"),
        ("VERIFY_RESIZE", "server resize confirm"),
        ("SHELVED", "server shelve --offload"),
        ("NEWLY_INVENTED", "server show"),
    ],
)
def test_what_cannot_leave_is_named_with_the_way_out(run: Drain, status: str, words: str) -> None:
    made = nova(MadeVm("odd", FIRST, status), MadeVm("web", FIRST))
    found = run(made)
    assert [s.vm.id for s in found.stays] == ["odd"]
    assert f"{words} odd" in found.stays[0].hint
    assert made.vms["web"].host == SECOND


def test_a_paused_vm_moves_alive_or_not_at_all(run: Drain) -> None:
    assert run(nova(MadeVm("p", FIRST, "PAUSED"))).empty
    made = nova(MadeVm("p", FIRST, "PAUSED", alive="no"))
    assert run(made).stays[0].why == "no"
    assert made.asked == ["p alive"]
    assert "unpause p" in run(nova(MadeVm("p", FIRST, "PAUSED")), cold=True).stays[0].hint


def test_a_move_that_fails_both_ways_is_told_once(run: Drain) -> None:
    made = nova(MadeVm("web", FIRST, alive="no", cold="No valid host was found."))
    found = run(made)
    assert made.asked == ["web alive", "web cold"]
    assert found.stays[0].why == "not alive: no; No valid host was found."


def test_nothing_is_touched_where_there_is_no_room(run: Drain) -> None:
    big = {"VCPU": 1, "MEMORY_MB": 3000, "DISK_GB": 1}
    made = nova(MadeVm("a", FIRST, takes=dict(big)), MadeVm("b", FIRST, takes=dict(big)))
    with pytest.raises(GureumError, match="1 VM of 2") as raised:
        run(made)
    assert "--partly" in raised.value.hint
    assert not made.asked
    assert not made.enabled[FIRST]
    run(made, partly=True)
    assert made.asked


def test_hosts_that_take_no_vms_are_no_room(run: Drain) -> None:
    made = nova(MadeVm("web", FIRST), **{SECOND: "down"})
    with pytest.raises(GureumError, match="no other compute host takes the 1 VM") as raised:
        run(made)
    assert "does not report" in raised.value.detail
    made = nova(MadeVm("web", FIRST))
    made.enabled[SECOND] = "its disk dies"
    with pytest.raises(GureumError) as raised:
        run(made)
    assert "its disk dies" in raised.value.detail


def test_the_last_compute_host_can_be_closed_where_it_is_empty(run: Drain) -> None:
    made = MadeNova({FIRST: "up"}, [])
    assert run(made, reason="for good").empty
    assert made.enabled[FIRST].startswith("for good")


def test_an_earlier_reason_stays_where_no_new_one_is_given(run: Drain) -> None:
    made = nova()
    made.enabled[FIRST] = "a bad fan"
    assert run(made).disabled.reason == "a bad fan"
    assert run(made, reason="new fan").disabled.reason.startswith("new fan (drained by")


def test_a_refusal_leaves_everything_as_it_is(run: Drain) -> None:
    made = nova(MadeVm("web", FIRST))

    class No(list[Look]):
        def append(self, look: Look) -> None:
            raise GureumError(f"not {look.host}")

    with pytest.raises(GureumError, match="not compute"):
        run(made, looks=No())
    assert not made.asked
    assert not made.enabled[FIRST]


def test_names_that_are_no_compute_host_get_the_nearest(run: Drain) -> None:
    with pytest.raises(InputError) as raised:
        run(nova(), host="compute-rack4-1")
    assert FIRST in raised.value.diagnostics[0].hint
    with pytest.raises(InputError) as raised:
        run(nova(), host="controller-1")
    assert "no compute host" in raised.value.diagnostics[0].summary


def test_a_drained_host_takes_vms_again_and_says_why_it_did_not(
    run: Drain, deployment: Deployment
) -> None:
    made = nova()
    run(made, reason="new kernel")
    found = undrain.undrain(deployment, FIRST)
    assert not made.enabled[FIRST]
    assert found.before.startswith("new kernel")
    assert undrain.undrain(deployment, FIRST).already


def test_what_happened_stands_in_the_journal(run: Drain, deployment: Deployment) -> None:
    run(nova(MadeVm("web", FIRST)), reason="new kernel")
    lines = [json.loads(line) for line in deployment.folder.journal.read_text().splitlines()]
    assert [line["what"] for line in lines] == ["disabled", "moved", "empty"]
    assert lines[1]["to"] == SECOND
