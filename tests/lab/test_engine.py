"""The engine on a real host over SSH: units, packages, environments, durable commands.

GUREUM_TEST_HOST=ADDRESS,IDENTITY,KNOWN_HOSTS takes a host that is there already; it is not cleaned.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from gureum.apply import Event, Journal, Result, Status, run
from gureum.errors import HostError
from gureum.hosts import Connections, Session, Target
from gureum.lab import Lab
from gureum.plan import Action, make_plan, read_steps
from gureum.releases import load_release
from gureum.remote import apt_lock, file, packages, perform, process
from gureum.remote.facts import facts
from gureum.steps.states import (
    CommandDone,
    DirectoriesPresent,
    FileWritten,
    PackagesInstalled,
    SystemUsersPresent,
    UnitActive,
    VenvInstalled,
)
from gureum.steps.step import State, Step

pytestmark = pytest.mark.lab

UNIT = """\
[Unit]
Description=A test of the engine
[Service]
ExecStart=/usr/bin/python3 -u /opt/trial/{name}.py
StandardOutput=append:/var/log/{name}.log
StandardError=inherit
Restart=on-failure
RestartSec=0.2
[Install]
WantedBy=multi-user.target
"""
SERVER = """\
import http.server, sys
print(open("/etc/trial.conf").read())
http.server.HTTPServer(("127.0.0.1", 8099), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    given = os.environ.get("GUREUM_TEST_HOST")
    if given:
        address, identity, known_hosts = given.split(",")
        yield Target(
            "one", "ssh", address, identity=Path(identity), known_hosts=(Path(known_hosts),)
        )
        return
    lab = Lab(
        "engine-test", Path("/var/lib/gureum/lab/engine-test"), Path("/var/cache/gureum"), print
    )
    lab.install_tools()
    try:
        host = lab.create({"one": lab.base_image()})["one"]
        yield Target(
            "one",
            "lab",
            str(host.address),
            identity=lab.ssh_identity,
            known_hosts=(lab.known_hosts,),
        )
    finally:
        lab.destroy()


@pytest.fixture
def session(target: Target) -> Iterator[Session]:
    with Connections() as connections:
        yield connections.open([target])["one"]


class Engine:
    """Applies steps to the lab host and keeps what was emitted."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session = session
        self.journal = Journal(folder / "journal.jsonl")
        self.events: list[Event] = []

    def apply(self, *steps: Step) -> Result:
        return run(steps, {"one": self.session}, journal=self.journal, emit=self.events.append)


@pytest.fixture
def engine(session: Session, tmp_path: Path) -> Engine:
    return Engine(session, tmp_path)


def step(name: str, state: State, *needs: str, timeout: float = 300.0) -> Step:
    keys = frozenset(f"one/{need}" for need in needs)
    return Step(id=name, host="one", state=state, why="a test", needs=keys, timeout=timeout)


def statuses(result: Result) -> dict[str, str]:
    return {key.removeprefix("one/"): end.status.value for key, end in result.steps.items()}


def output(session: Session, *command: str) -> str:
    """Return what a command prints on the host."""
    return str(session.call(process.evidence_of, command)["output"])


def server(config: str, program: str = SERVER, **fields: Any) -> list[Step]:
    """Return the steps of a unit that serves HTTP, prints its config and logs to a file."""
    path = "/etc/systemd/system/trial.service"
    unit = UnitActive(
        name="trial.service",
        inputs=("/etc/trial.conf", path, "/opt/trial/trial.py"),
        ready_url="http://127.0.0.1:8099/",
        log_files=("/var/log/trial.log",),
        **fields,
    )
    return [
        step("program", FileWritten(path="/opt/trial/trial.py", content=program)),
        step("config", FileWritten(path="/etc/trial.conf", content=config)),
        step("unit_file", FileWritten(path=path, content=UNIT.format(name="trial"))),
        step("unit", unit),
    ]


def test_facts_are_read_in_one_quick_call(session: Session) -> None:
    """R-PREP-7, R-PREP-8: systemd's state, NICs and the ports that are taken."""
    session.call(facts)
    began = time.monotonic()
    found = session.call(facts)
    assert time.monotonic() - began < 0.25
    assert found["systemd"] in ("running", "degraded", "starting")
    assert found["os"]["id"] == "debian"
    assert any(p["port"] == 22 and "ssh" in p["unit"] for p in found["ports"])
    assert found["default_route"]["device"] == "eth0"
    assert found["hostname_in_hosts"]


def test_a_unit_is_created_restarted_and_left_alone(engine: Engine) -> None:
    """Create, no-op, change by an input's text alone, and a stale input written by somebody."""
    first = engine.apply(*server("one"))
    assert set(statuses(first).values()) == {"changed"}
    assert output(engine.session, "systemctl", "is-enabled", "trial") == "enabled"
    assert set(statuses(engine.apply(*server("one"))).values()) == {"unchanged"}
    changed = engine.apply(*server("two"))
    assert statuses(changed)["unit"] == "changed"
    lines = output(engine.session, "cat", "/var/log/trial.log").splitlines()
    assert [line for line in lines if line in ("one", "two")] == ["one", "two"]
    engine.session.call(
        file.change,
        FileWritten(path="/etc/trial.conf", content="hand").spec(),
        {},
    )
    steps = server("hand")
    plan = make_plan(steps, read_steps(steps, {"one": engine.session}))
    assert [(s.id, s.action, s.causes) for s in plan.changes] == [
        ("unit", Action.RESTART, ("/etc/trial.conf",))
    ]


def test_a_changed_unit_file_is_reloaded(engine: Engine) -> None:
    """systemd reads the new file before the unit restarts."""
    engine.apply(*server("one"))
    steps = server("one")
    new = UNIT.format(name="trial").replace("[Service]", "[Service]\nEnvironment=NEW=1")
    state = FileWritten(path="/etc/systemd/system/trial.service", content=new)
    steps[2] = step("unit_file", state)
    assert statuses(engine.apply(*steps))["unit"] == "changed"
    shown = output(
        engine.session, "systemctl", "show", "-p", "Environment,NeedDaemonReload", "trial"
    )
    assert "Environment=NEW=1" in shown
    assert "NeedDaemonReload=no" in shown


def test_a_unit_that_dies_tells_why_at_once(engine: Engine) -> None:
    """R-VERIFY: the traceback of its log file is in the failure, long before it would time out."""
    broken = "import logging\nprint('ERROR old')\nraise RuntimeError('no such database')\n"
    began = time.monotonic()
    result = engine.apply(*server("one", broken, ready_within=60.0))
    assert time.monotonic() - began < 15
    end = result.steps["one/unit"]
    assert end.status is Status.FAILED
    assert end.error is not None
    assert "trial.service" in end.error.summary
    assert "RuntimeError: no such database" in end.error.log_lines
    assert end.error.hint == "gureum ssh one tail -n 100 /var/log/trial.log"
    assert statuses(engine.apply(*server("one")))["unit"] == "changed"


def test_a_unit_that_never_answers_says_what_was_asked(engine: Engine) -> None:
    """The last answer is part of the message."""
    result = engine.apply(*server("one", "import time\ntime.sleep(100)\n", ready_within=1.0))
    error = result.steps["one/unit"].error
    assert error is not None
    assert "trial.service is not ready after 1 s: http://127.0.0.1:8099/" in error.summary
    assert "Connection refused" in error.summary


def test_packages_are_installed_and_start_nothing(engine: Engine) -> None:
    """Create and no-op; the unit stays down, and later installations start theirs again."""
    steps = [step("packages", PackagesInstalled(names=("memcached",)), timeout=600)]
    assert statuses(engine.apply(*steps)) == {"packages": "changed"}
    assert output(engine.session, "systemctl", "is-active", "memcached") == "inactive"
    assert "No such file" in output(engine.session, "ls", "/usr/sbin/policy-rc.d")
    assert statuses(engine.apply(*steps)) == {"packages": "unchanged"}
    start = [*steps, step("unit", UnitActive(name="memcached.service"), "packages")]
    assert statuses(engine.apply(*start)) == {"packages": "unchanged", "unit": "changed"}


def test_an_unknown_package_is_named(engine: Engine) -> None:
    """apt's own error line, not a page of its output."""
    result = engine.apply(step("packages", PackagesInstalled(names=("no-such-package-ever",))))
    error = result.steps["one/packages"].error
    assert error is not None
    assert error.summary == (
        "cannot install no-such-package-ever: E: Unable to locate package no-such-package-ever"
    )


def test_a_broken_mirror_is_told_with_its_lines(engine: Engine) -> None:
    """R-PREP: which source does not answer, and how to look at it."""
    source = "deb [trusted=yes] http://127.0.0.1:9/debian trixie main\n"
    path = "/etc/apt/sources.list.d/broken.list"
    session = engine.session
    session.call(file.change, FileWritten(path=path, content=source).spec(), {})
    try:
        result = engine.apply(step("packages", PackagesInstalled(names=("no-such-package-ever",))))
    finally:
        session.call(process.evidence_of, ["rm", path])
    error = result.steps["one/packages"].error
    assert error is not None
    assert error.summary.startswith("cannot fetch package lists: ")
    assert any("127.0.0.1:9" in line or "Connection refused" in line for line in error.log_lines)
    assert error.hint.startswith("gureum ssh one apt-get update")


def test_an_interrupted_dpkg_is_repaired_first(engine: Engine) -> None:
    """What a killed installation left half done is finished before anything else is installed."""
    mark = "s/^Status: install ok installed/Status: install ok half-configured/"
    script = f"sed -i '/^Package: memcached$/,/^$/{mark}' /var/lib/dpkg/status"
    broken = CommandDone(check=("false",), command=("sh", "-c", script))
    engine.apply(step("packages", PackagesInstalled(names=("memcached",)), timeout=600))
    engine.apply(step("break", broken))
    result = engine.apply(step("packages", PackagesInstalled(names=("memcached", "jo"))))
    assert statuses(result) == {"packages": "changed"}
    commands = [e["command"][:3] for e in result.steps["one/packages"].evidence if "command" in e]
    assert commands[0] == ["dpkg", "--force-confdef", "--force-confold"]


def test_an_installation_goes_on_without_us(target: Target, tmp_path: Path) -> None:
    """kill -9 while apt works: it ends alone, puts things back, and the next run finds it done."""
    state = PackagesInstalled(names=("chrony", "ethtool"))
    with Connections() as connections:
        session = connections.open([target])["one"]
        session.submit(packages.change, state.spec(), {})
        until = time.monotonic() + 20
        while session.call(process.evidence_of, ["test", "-e", "/usr/sbin/policy-rc.d"])["exit"]:
            assert time.monotonic() < until
            time.sleep(0.02)
        session.submit(os.kill, session.call(os.getpid), int(signal.SIGKILL))
    with Connections() as connections:
        engine = Engine(connections.open([target])["one"], tmp_path)
        assert engine.apply(step("packages", state)).ok
        assert "No such file" in output(engine.session, "ls", "/usr/sbin/policy-rc.d")
        assert output(engine.session, "dpkg", "--audit") == ""
        assert output(engine.session, "systemctl", "is-active", "chrony") == "inactive"


def test_who_holds_apts_lock_is_told(engine: Engine) -> None:
    """A foreign apt is waited for, and named where it does not end."""
    script = (
        "import fcntl,time;f=open('/var/lib/dpkg/lock-frontend','w');"
        "fcntl.lockf(f,fcntl.LOCK_EX);print(1,flush=True);time.sleep(60)"
    )
    holder = engine.session.submit(process.evidence_of, ["python3", "-c", script])
    until = time.monotonic() + 5
    while not engine.session.call(apt_lock.holder, "/var/lib/dpkg/lock-frontend"):
        assert time.monotonic() < until
        time.sleep(0.05)
    result = engine.apply(step("packages", PackagesInstalled(names=("sl",)), timeout=1.5))
    error = result.steps["one/packages"].error
    assert error is not None
    assert error.summary.startswith("apt is in use by process ")
    assert "python3 -c" in error.summary
    assert not holder.done()
    pid = engine.session.call(apt_lock.holder, "/var/lib/dpkg/lock-frontend")
    engine.session.call(os.kill, pid, int(signal.SIGKILL))


def test_an_environment_holds_its_lock_and_is_compiled(engine: Engine) -> None:
    """Create, no-op, change; bytecode is there, so that no service has to write it."""
    release = load_release("2026.2")
    state = VenvInstalled(
        path="/opt/gureum/trial",
        lock=only(release.lock, "six", "netaddr"),
        uv_lock=release.uv_lock,
        links=("libvirt",),
    )
    assert statuses(engine.apply(step("venv", state, timeout=600))) == {"venv": "changed"}
    site = "/opt/gureum/trial/lib/python3.13/site-packages"
    assert "netaddr" in output(engine.session, "ls", site)
    assert "six.cpython-313.pyc" in output(engine.session, "ls", f"{site}/__pycache__")
    assert output(engine.session, "readlink", f"{site}/libvirt.py").endswith(
        "dist-packages/libvirt.py"
    )
    assert statuses(engine.apply(step("venv", state))) == {"venv": "unchanged"}
    smaller = VenvInstalled(
        path=state.path, lock=only(release.lock, "six"), uv_lock=release.uv_lock
    )
    assert statuses(engine.apply(step("venv", smaller))) == {"venv": "changed"}
    assert "netaddr" not in output(engine.session, "ls", site)


def test_a_wrong_hash_is_refused(engine: Engine) -> None:
    """A wheel that is not the locked one is never installed."""
    release = load_release("2026.2")
    lock = only(release.lock, "six").replace("sha256:", "sha256:0000")
    lock = "\n".join(line[:-4] if "sha256:" in line else line for line in lock.splitlines())
    state = VenvInstalled(path="/opt/gureum/bad", lock=lock, uv_lock=release.uv_lock)
    result = engine.apply(step("venv", state, timeout=600))
    assert result.steps["one/venv"].status is Status.FAILED


def only(lock: str, *names: str) -> str:
    """Return the entries of some packages of a lock."""
    kept, keep = [], False
    for line in lock.splitlines():
        if line and not line.startswith((" ", "#")):
            keep = line.split("==")[0] in names
        if keep and not line.lstrip().startswith("#"):
            kept.append(line)
    return "\n".join(kept) + "\n"


def test_users_are_made_once(engine: Engine) -> None:
    """Create, no-op, a group more."""

    def users(*groups: str) -> Step:
        return step("users", SystemUsersPresent(users={"trial": ("/var/lib/trial", groups)}))

    assert statuses(engine.apply(users())) == {"users": "changed"}
    assert statuses(engine.apply(users())) == {"users": "unchanged"}
    assert statuses(engine.apply(users("adm"))) == {"users": "changed"}
    assert "adm" in output(engine.session, "id", "-nG", "trial")
    owned = DirectoriesPresent(directories={"/var/lib/trial": ("trial", "trial", 0o750)})
    assert statuses(engine.apply(step("directory", owned))) == {"directory": "changed"}


def durable(script: str, **fields: Any) -> CommandDone:
    return CommandDone(
        check=("test", "-e", "/run/durable-done"),
        command=("sh", "-c", script),
        durable=True,
        **fields,
    )


def test_a_durable_command_outlives_the_connection(target: Target, tmp_path: Path) -> None:
    """kill -9 in the middle of it: the next run waits for its end and does not start it twice."""
    state = durable("echo x >> /run/durable-log; sleep 3; touch /run/durable-done")
    with Connections() as connections:
        session = connections.open([target])["one"]
        waiting: Future[Any] = session.submit(
            perform.perform, "command", state.spec(), state.expected(), False, 60.0
        )
        until = time.monotonic() + 5
        while not output(session, "cat", "/run/durable-log").startswith("x"):
            assert time.monotonic() < until
            time.sleep(0.1)
        os_pid = session.call(os.getpid)
        session.submit(os.kill, os_pid, int(signal.SIGKILL))
        with pytest.raises(HostError):
            waiting.result(5)
    with Connections() as connections:
        engine = Engine(connections.open([target])["one"], tmp_path)
        assert statuses(engine.apply(step("durable", state))) == {"durable": "changed"}
        assert output(engine.session, "cat", "/run/durable-log") == "x"


def test_a_durable_command_gets_its_secrets_unseen(engine: Engine) -> None:
    """R-CRED: the environment's values reach it, through no argument and no property of the unit."""
    engine.session.call(process.evidence_of, ["rm", "-f", "/run/durable-done", "/run/durable-log"])
    value = 'p"a$s`s\\w'
    digest = hashlib.sha256(value.encode()).hexdigest()
    script = (
        f'test "$(printf %s "$PW" | sha256sum)" = "{digest}  -" && read line'
        ' && test "$line" = word && id -un > /run/durable-log'
        " && systemctl show 'gureum-*' >> /run/durable-log && touch /run/durable-done"
    )
    state = durable(script, environment={"PW": value}, stdin="word\n")
    result = engine.apply(step("durable", state))
    assert statuses(result) == {"durable": "changed"}, result.steps["one/durable"]
    assert output(engine.session, "head", "-1", "/run/durable-log") == "root"
    assert output(engine.session, "grep", "-c", "^EnvironmentFiles=", "/run/durable-log") != "0"
    assert output(engine.session, "grep", "-cF", 'p"a', "/run/durable-log") == "0"
    assert output(engine.session, "find", "/run/gureum", "-name", "gureum-*") == ""


def test_a_failing_durable_command_tells_its_output(engine: Engine) -> None:
    """Exit status and last line, as with any command."""
    engine.session.call(process.evidence_of, ["rm", "-f", "/run/durable-done"])
    result = engine.apply(step("durable", durable("echo no way; exit 7")))
    error = result.steps["one/durable"].error
    assert error is not None
    assert error.summary == "sh failed with exit 7: no way"


def test_a_second_apply_of_150_steps_takes_no_second(engine: Engine) -> None:
    """Files and units are settled from one reading over one connection."""
    names = [f"quick{i}" for i in range(40)]
    steps = [step(f"file{i}", FileWritten(path=f"/opt/quick/{i}", content="x")) for i in range(70)]
    for name in names:
        path = f"/etc/systemd/system/{name}.service"
        unit = UNIT.replace("/usr/bin/python3 -u /opt/trial/{name}.py", "/bin/sleep 9d")
        unit = unit.format(name=name)
        steps.append(step(f"{name}.file", FileWritten(path=path, content=unit)))
        steps.append(step(name, UnitActive(name=f"{name}.service", inputs=(path,))))
    first = engine.apply(*steps)
    assert first.ok
    began = time.monotonic()
    second = engine.apply(*steps)
    taken = time.monotonic() - began
    print(f"first {first.seconds:.2f} s, second {taken:.2f} s")
    assert second.counts() == {Status.UNCHANGED: 150}
    assert taken < 1.0
    engine.session.call(process.evidence_of, ["sh", "-c", "systemctl disable --now 'quick*'"])


def test_a_lost_connection_is_noticed_within_a_second(target: Target) -> None:
    """Whoever ends the SSH session, the waiting call ends with the host's name."""
    with Connections() as connections:
        session = connections.open([target])["one"]
        waiting = session.submit(time.sleep, 60)
        session.submit(os.kill, session.call(os.getppid), int(signal.SIGKILL))
        began = time.monotonic()
        with pytest.raises(HostError, match="one went away"):
            waiting.result(10)
        assert time.monotonic() - began < 1.0


def test_a_user_with_sudo_serves_as_well(target: Target, session: Session) -> None:
    """R-PREP-1: any user with sudo; one without is told what was refused."""
    for name, rule in (("may", "may ALL=(ALL) NOPASSWD: ALL\n"), ("mayno", "")):
        made = (
            f"useradd -m -s /bin/bash {name}; mkdir -p /home/{name}/.ssh;"
            f"cp /root/.ssh/authorized_keys /home/{name}/.ssh/; chown -R {name}: /home/{name}"
        )
        session.call(process.evidence_of, ["sh", "-c", made])
        sudoers = FileWritten(path=f"/etc/sudoers.d/{name}", content=rule, mode=0o440)
        session.call(file.change, sudoers.spec(), {})
    with Connections() as connections:
        opened = connections.open([dataclasses.replace(target, user="may")])["one"]
        assert opened.user_id == 0
    with Connections() as connections:
        with pytest.raises(HostError) as caught:
            connections.open([dataclasses.replace(target, user="mayno")])
        assert "mayno may not use sudo without a password" in caught.value.summary
    with Connections() as connections:
        with pytest.raises(HostError) as caught:
            connections.open([dataclasses.replace(target, user="nobody-here")])
        assert "it refuses the login of nobody-here" in caught.value.summary
