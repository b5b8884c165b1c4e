"""What the VM proves: it runs, is reached, knows what it was told, and its firewall is real."""

from __future__ import annotations

import hashlib
import os
import time

from gureum.checks.check import Evidence, Status, Verdict, verdict
from gureum.checks.vm import console
from gureum.checks.vm.filtering import filters
from gureum.checks.vm.milestones import ACTIVE, FIRST_PING, REQUESTED, SSH
from gureum.checks.vm.screen import shows_its_screen
from gureum.checks.vm.shell import Answer
from gureum.checks.vm.stage import Stage
from gureum.checks.vm.state import MARKER, Booted

FACTS = f"""hostname; cat {MARKER}; cat /sys/class/net/eth0/mtu; ip -4 addr show dev eth0 |
 sed -n 's/.*inet \\([0-9.]*\\).*/\\1/p'; wc -l < /root/.ssh/authorized_keys"""


def active(vm: Booted) -> Verdict:
    """Wait until nova calls the server ACTIVE."""

    def look() -> str:
        status = str(vm.prepared.api.compute.get_server(vm.server_id).status)
        return "" if status == "BUILD" else status

    status = vm.until(look, within=vm.settings.boot_within, pause=0.4) or "BUILD"
    if status != "ACTIVE":
        return Verdict(
            status=Status.FAIL,
            summary=f"the server is {status} after {vm.settings.boot_within:.0f} s at most",
            hint=f"gureum openstack server show {vm.name}; gureum service status nova",
        )
    vm.milestones.mark(ACTIVE)
    seconds = vm.milestones.between(REQUESTED, ACTIVE)
    where = str(vm.admin.compute.get_server(vm.server_id).compute_host)
    if vm.settings.host not in ("", where):
        return Verdict(
            status=Status.FAIL,
            summary=f"the server runs on {where}, and was to run on {vm.settings.host}",
            hint=f"gureum openstack server show {vm.name}",
        )
    said = f"ACTIVE on {where} {seconds:.1f} s after the request"
    return _timed(said, seconds, str(vm.milestones))


def answers_ping(vm: Booted) -> Verdict:
    """Wait for the first answer at the floating IP; it has been asked since the request."""
    address = vm.prepared.floating_ip
    vm.until(
        lambda: vm.watch.answered.is_set() or vm.watch.error,
        within=vm.settings.answer_within,
        pause=0.05,
    )
    if vm.watch.error:
        raise vm.watch.error
    if not vm.watch.answered.is_set():
        return Verdict(
            status=Status.FAIL,
            summary=f"{address} answers no ping, asked {vm.watch.asked} times",
            hint=f"ip route get {address}; gureum openstack console log show {vm.name}",
        )
    seconds = vm.milestones.between(REQUESTED, FIRST_PING)
    summary = f"{address} answers {seconds:.1f} s after the request"
    return _timed(
        summary,
        seconds,
        str(vm.milestones),
        f"echo request to {address} {vm.settings.outside.words}",
    )


def logs_in(vm: Booted) -> Verdict:
    """Log in with the key made for this run and ask the VM what it knows."""
    address = vm.prepared.floating_ip
    greets = vm.settings.outside.greets
    if not vm.until(lambda: greets(address), within=vm.settings.answer_within, pause=0.05):
        return Verdict(
            status=Status.FAIL,
            summary=f"no SSH server answers at {address}:22, though ping does",
            hint=f"gureum openstack console log show {vm.name}",
        )
    answer = _until_it_works(vm, FACTS)
    if answer.exit:
        return Verdict(
            status=Status.FAIL,
            summary=f"SSH as {vm.user} with the injected key fails: {answer.error.strip()}",
            evidence=(_said(vm, FACTS, answer),),
            hint="did the VM read its metadata? see the console log below",
        )
    vm.milestones.mark(SSH)
    vm.facts = answer.text.split()
    seconds = vm.milestones.between(REQUESTED, SSH)
    summary = f"{vm.user}@{address} {seconds:.1f} s after the request"
    return Verdict(
        status=Status.PASS,
        summary=summary,
        evidence=(_said(vm, FACTS, answer),),
        value=seconds,
        unit="s",
    )


def read_metadata(vm: Booted) -> Verdict:
    """Compare hostname, key and user data in the VM with what nova was told."""
    name, token, _, _, keys = [*vm.facts, *[""] * 5][:5]
    wrong = []
    if name != vm.name:
        wrong.append(f"the VM calls itself {name or 'nothing'} in place of {vm.name}")
    if token != vm.token:
        wrong.append("its user data did not run")
    if keys != "1":
        wrong.append(f"it has {keys or 'no'} keys in place of 1")
    return verdict(
        wrong,
        "key, hostname and user data arrived",
        evidence=(
            Evidence(command="hostname, user data's marker, keys", output=" ".join(vm.facts)),
        ),
        hint="gureum service status neutron nova-metadata",
    )


def got_address(vm: Booted) -> Verdict:
    """Compare the address in the VM with its port's, and look for its word on the console."""

    def look() -> console.ConsoleLog | None:
        log = console.read(vm.console_text())
        return log if log.ready else None

    log = vm.until(look, within=20.0, pause=0.5)
    address = vm.facts[3] if len(vm.facts) > 3 else ""
    wrong = []
    if address != vm.prepared.fixed_ip:
        wrong.append(f"the VM has {address or 'no address'}, its port {vm.prepared.fixed_ip}")
    if log and not log.address.startswith(f"{vm.prepared.fixed_ip}/"):
        wrong.append(f"the console says {log.address or 'nothing'} came by DHCP")
    said = console.tail(vm.console_text())
    return verdict(
        wrong,
        f"{address} by DHCP",
        doubtful=[] if log else ["the console log does not tell that the guest is ready"],
        evidence=(Evidence(command=f"console log show {vm.name}", output=said),),
        hint=f"gureum openstack console log show {vm.name}",
    )


def moves_bulk(vm: Booted) -> Verdict:
    """Send random bytes into the VM and back over TCP; both sides' checksums must agree."""
    data = os.urandom(vm.settings.bulk_bytes)
    wanted = hashlib.sha256(data).hexdigest()
    there = vm.shell.run("cat > /tmp/bulk && sha256sum /tmp/bulk", stdin=data, timeout=120)
    back = vm.shell.run("cat /tmp/bulk; rm /tmp/bulk", timeout=120)
    wrong = []
    if there.text.split()[:1] != [wanted]:
        wrong.append(
            f"what arrived in the VM differs ({there.error.strip() or there.text.strip()})"
        )
    if hashlib.sha256(back.output).hexdigest() != wanted:
        wrong.append(f"{len(back.output)} of {len(data)} bytes came back whole")
    size = len(data) / 1024 / 1024
    return verdict(
        wrong,
        f"{size:.0f} MB in {there.seconds:.1f} s there, {back.seconds:.1f} s back",
        evidence=(
            Evidence(command="cat > /tmp/bulk", output=f"sha256 {wanted}", seconds=there.seconds),
            Evidence(
                command="cat /tmp/bulk", output=f"{len(back.output)} bytes", seconds=back.seconds
            ),
        ),
        hint="small packets pass and large ones do not: look for checksum offloads and the MTU",
        value=round(size * 2 / max(0.001, there.seconds + back.seconds), 2),
        unit="MB/s",
    )


def fits_mtu(vm: Booted) -> Verdict:
    """Compare the VM's MTU with its network's, and send a packet of just that size."""
    wanted = int(vm.prepared.network.mtu)
    has = int(vm.facts[2]) if len(vm.facts) > 2 and vm.facts[2].isdigit() else 0
    began = time.monotonic()
    largest = vm.until(
        lambda: vm.settings.outside.answers(vm.prepared.floating_ip, packet=wanted, whole=True),
        within=5.0,
        pause=0.1,
    )
    wrong = []
    if has != wanted:
        wrong.append(f"the VM uses {has}, its network has {wanted}")
    if not largest:
        wrong.append(f"a packet of {wanted} bytes gets no answer")
    return verdict(
        wrong,
        f"{wanted} bytes pass in one piece",
        evidence=(
            Evidence(
                command=f"echo request of {wanted} bytes, not to be fragmented",
                output="answered" if largest else "no answer",
                seconds=time.monotonic() - began,
            ),
        ),
        hint="the tunnel network's MTU must leave room for a tunnel's headers beside the project "
        "network's: 58 bytes for OVN's Geneve, 50 for VXLAN",
        value=wanted,
        unit="bytes",
    )


def reaches_outside(vm: Booted) -> Verdict:
    """Have the VM ping the provider network's gateway, or what lies behind the host that is it."""
    gateway = vm.settings.beyond or vm.settings.gateway
    command = f"ping -c 1 -W 2 {gateway}"
    answer = _until_it_works(vm, command, within=10.0)
    return verdict(
        [] if answer.exit == 0 else [f"the VM does not reach {gateway}"],
        f"{gateway} answers the VM",
        evidence=(_said(vm, command, answer),),
        hint=f"ip -brief address | grep {gateway}",
    )


def _until_it_works(vm: Booted, command: str, within: float = 20.0) -> Answer:
    last: list[Answer] = []

    def look() -> bool:
        last[:] = [vm.shell.run(command, timeout=20)]
        return last[0].exit == 0

    vm.until(look, within=within, pause=0.2)
    return last[0]


def _said(vm: Booted, command: str, answer: Answer) -> Evidence:
    return Evidence(
        command=f"ssh {vm.user}@{vm.prepared.floating_ip} {command}",
        output=(answer.text + answer.error).strip(),
        seconds=answer.seconds,
    )


def _timed(summary: str, seconds: float, marks: str, command: str = "time stamps") -> Verdict:
    return Verdict(
        status=Status.PASS,
        summary=summary,
        evidence=(Evidence(command=command, output=marks, seconds=seconds),),
        value=seconds,
        unit="s",
    )


STAGES: tuple[Stage[Booted], ...] = (
    Stage(
        id="vm.active",
        title="a VM runs",
        proves="An ordinary member of a fresh project boots a VM and nova calls it ACTIVE.",
        run=active,
    ),
    Stage(
        id="vm.floating_ip_answers",
        title="it answers ping",
        proves="The VM answers ping at its floating IP, asked from the machine that runs gureum, or "
        "from the network host where the provider network ends there.",
        run=answers_ping,
        needs=("vm.active",),
    ),
    Stage(
        id="vm.ssh_by_key",
        title="it lets its owner in",
        proves="SSH with the key that nova was given opens a shell in the VM.",
        run=logs_in,
        needs=("vm.floating_ip_answers",),
    ),
    Stage(
        id="vm.address_by_dhcp",
        title="its address is its port's",
        proves="The VM got by DHCP the very address of its port, as it says itself and on its console.",
        run=got_address,
        needs=("vm.ssh_by_key",),
    ),
    Stage(
        id="vm.metadata_read",
        title="it knows what it was told",
        proves="Key, hostname and user data reached the VM by the metadata service, and the user "
        "data ran.",
        run=read_metadata,
        needs=("vm.ssh_by_key",),
    ),
    Stage(
        id="vm.shows_its_screen",
        title="its console opens",
        proves="The VM's owner gets an address for its console from nova, and its screen answers there "
        "through TLS and a websocket.",
        run=shows_its_screen,
        needs=("vm.active",),
        requirement="R-OPS-7",
    ),
    Stage(
        id="vm.reaches_outside",
        title="it reaches the outside",
        proves="The VM reaches the provider network's gateway; where that is a host of the cloud, the "
        "router behind it.",
        run=reaches_outside,
        needs=("vm.ssh_by_key",),
    ),
    Stage(
        id="vm.mtu_fits",
        title="large packets fit",
        proves="The VM uses its network's MTU, and a packet of that size passes in one piece.",
        run=fits_mtu,
        needs=("vm.ssh_by_key",),
    ),
    Stage(
        id="vm.bulk_tcp",
        title="bulk data passes",
        proves="Megabytes of random bytes go into the VM and back over TCP and arrive unchanged: "
        "broken checksums and MTUs show here and not in a ping.",
        run=moves_bulk,
        needs=("vm.mtu_fits",),
    ),
    Stage(
        id="vm.security_group_filters",
        title="the firewall is real",
        proves="What no rule lets in is dropped; a rule added lets it in, a rule removed shuts it "
        "out again, for TCP and for ICMP.",
        run=filters,
        needs=("vm.ssh_by_key", "vm.mtu_fits"),
    ),
)
