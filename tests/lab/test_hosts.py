"""Lab hosts taken for real servers: reached by SSH alone, broken in every way, and told in one table.

One lab serves all tests here; it carries no cloud.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gureum.lab import Image, Lab

NAMES = ("c", "n", "d", "clock", "python", "shut", "anew", "sudo", "old")
ROLES = {"c": "[controller]", "n": "[network]"}
On = Callable[[Lab, str, str], str]


class Servers:
    """A lab's hosts in a cloud.yaml as if they were anybody's, and gureum beside it."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.file = folder / "cloud.yaml"
        self.home = folder / "home"
        self.key = folder / "key"
        self.extra: dict[str, str] = {}
        subprocess.run(["cp", "-a", str(lab.ssh_identity), str(self.key)], check=True)

    @property
    def tunnel(self) -> str:
        """The subnet of the tunnel network."""
        return ".".join([*str(self.lab.host("c").tunnel_address).split(".")[:3], "0/24"])

    def write(self, *names: str, **more: str) -> None:
        """Write an input with these hosts; `more` are keys of single ones, as YAML within braces."""
        hosts = ""
        for name in names:
            address = self.lab.host(name).address
            keys = f"roles: {ROLES.get(name, '[compute]')}, connection: ssh, address: {address}"
            own = more.get(name, "")
            identity = "" if "identity" in own else f", identity: {self.key}"
            hosts += f"  {name}: {{{keys}{identity}{', ' if own else ''}{own}}}\n"
        self.file.write_text(
            f"name: servers\nnetworks:\n  tunnel: {{cidr: {self.tunnel}}}\n"
            f"  provider: {{cidr: 203.0.113.0/24}}\nhosts:\n{hosts}"
            + "".join(f"  {name}: {{{keys}}}\n" for name, keys in self.extra.items())
        )

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "GUREUM_HOME": str(self.home), "NO_COLOR": "1"}

    def gureum(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run gureum in the folder."""
        done = subprocess.run(
            [sys.executable, "-m", "gureum", *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        print(f"$ {' '.join(words)}\n{done.stdout}{done.stderr}")
        assert done.returncode == 0 or not check, done.stderr
        return done

    def checked(self, *hosts: str) -> dict[str, Any]:
        """Return what `gureum host check` found, as data."""
        done = self.gureum("host", "check", "--json", *hosts, check=False)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        assert done.returncode == (0 if found["ready"] else 1)
        return found

    def ids(self, found: dict[str, Any], host: str) -> list[str]:
        """Return the ids of one host's findings, without what the lab's lack of KVM adds."""
        own = (f["id"] for f in found["hosts"][host]["findings"])
        return [one for one in own if one != "virtualisation.none"]

    def typed(self, *words: str, answers: list[tuple[str, str]]) -> tuple[int, str]:
        """Run gureum on a terminal of its own; each answer follows its question."""
        with warnings.catch_warnings():
            # Newer Pythons warn of threads, of which a pytest has some at times. The child
            # does nothing but start another program.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            argv = [sys.executable, "-m", "gureum", *words]
            os.execve(argv[0], argv, {**self.environment, "TERM": "dumb", "COLUMNS": "160"})
        said, left = "", list(answers)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            ready, _, _ = select.select([terminal], [], [], 1)
            if not ready:
                continue
            try:
                said += os.read(terminal, 4096).decode(errors="replace")
            except OSError:
                break
            if left and re.search(left[0][0], said.split("\x00")[-1]):
                os.write(terminal, f"{left.pop(0)[1]}\n".encode())
                said += "\x00"
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        print(said)
        assert not left, f"never asked: {left}"
        return os.waitstatus_to_exitcode(status), said


@pytest.fixture(scope="module")
def servers(
    lab_folder: Path, lab_cache: Path, base_image: Image, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    lab = Lab("servers", lab_folder / "servers", lab_cache, print)
    try:
        lab.create(dict.fromkeys(NAMES, base_image))
        yield Servers(lab, tmp_path_factory.mktemp("servers"))
    finally:
        lab.destroy()


BROKEN = {
    "c": """
        install -d /etc/gureum /var/lib/mysql/shop /etc/ufw /var/lib/docker/containers/1
        openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj '/CN=gureum authority of old' \
            -out /etc/gureum/ca.pem 2>/dev/null || echo other > /etc/gureum/ca.pem
        echo ENABLED=yes > /etc/ufw/ufw.conf
        touch /var/lib/dpkg/info/nova-compute.list
        echo '{"Name": "/keystone_fernet"}' > /var/lib/docker/containers/1/config.v2.json
        systemd-run --quiet --unit=mysqld python3 -m http.server --bind 0.0.0.0 3306
        sed 's/^MemTotal:.*/MemTotal: 1048576 kB/' /proc/meminfo > /run/meminfo
        mount --bind /run/meminfo /proc/meminfo
        """,
    "n": """
        sed -i 's/^ID=.*/ID=fedora/; s/^PRETTY_NAME=.*/PRETTY_NAME="Fedora 44"/' /etc/os-release
        ip link set eth0 mtu 1280
        install -d /run/systemd/units
        ln -s x /run/systemd/units/invocation:NetworkManager.service
        printf '#!/bin/sh\\necho eth1:connected:Wired connection 2\\n' > /usr/local/bin/nmcli
        chmod +x /usr/local/bin/nmcli
        nft add table inet fence
        nft 'add chain inet fence in { type filter hook input priority 0; policy drop; }'
        nft add rule inet fence in tcp dport 22 accept
        """,
    "d": """
        hostname n
        ip addr flush dev eth2
        mount -t tmpfs -o size=64m tmpfs /var
        """,
    "clock": """
        printf 'import time\\n_t = time.time\\ntime.time = lambda: _t() + 120\\n' \
            > /usr/lib/python3/dist-packages/sitecustomize.py
        cat /usr/lib/python3/dist-packages/sitecustomize.py \
            > "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')/sitecustomize.py"
        """,
    "python": "mv /usr/bin/python3 /usr/bin/python3.away",
    "shut": "mv /root/.ssh/authorized_keys /root/.ssh/away",
    "anew": "rm /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key; "
    "systemctl restart ssh",
    "sudo": "useradd -m -s /bin/bash ops; install -d -o ops -m 700 /home/ops/.ssh; "
    "install -o ops -m 600 /root/.ssh/authorized_keys /home/ops/.ssh/",
    "old": 'printf \'#!/bin/sh\\ncase "$*" in *version_info*) echo gureum: version 3 6 8;; '
    "*) exit 1;; esac\\n' > /run/python3 && chmod +x /run/python3 && "
    "mv /usr/bin/python3 /usr/bin/python3.away && cp /run/python3 /usr/bin/python3",
}
"""What is done to each host; the ways in are shut last, so all of it goes through."""


def test_hosts_in_order_are_ready_once_their_keys_are_accepted(servers: Servers) -> None:
    """R-PREP-1: an unknown host key stops everything, and is shown with its fingerprint."""
    servers.write(*NAMES)
    found = servers.checked()
    assert servers.ids(found, "c") == ["reached.host_key_unknown"]
    refused = servers.gureum("host", "trust", check=False)
    assert refused.returncode == 1
    assert "SHA256:" in refused.stdout
    assert "gureum host trust --yes" in refused.stderr
    servers.gureum("host", "trust", "--yes")
    found = servers.checked()
    assert found["ready"], found
    assert all(not servers.ids(found, name) for name in NAMES)
    assert abs(found["hosts"]["c"]["offset_seconds"]) < 0.5


def test_nics_are_shown_with_their_network_and_why(servers: Servers) -> None:
    """R-PREP-2, R-PREP-7: by name, MAC or subnet, and what the host can do for VMs."""
    done = servers.gureum("host", "facts", "n", "d", "--json")
    hosts = {h["name"]: h for h in json.loads(done.stdout.splitlines()[-1])["hosts"]}
    nics = {nic["name"]: nic for nic in hosts["n"]["nics"]}
    assert list(nics["eth0"]["networks"]) == ["management"]
    assert list(nics["eth1"]["networks"]) == ["provider"]
    assert nics["eth2"]["networks"]["tunnel"].endswith("(networks.tunnel.cidr)")
    assert hosts["d"]["openvswitch"] in ("loaded", "loadable", "absent")
    servers.write("c", "n", "d", n=f'nics: {{provider: "{nics["eth1"]["mac"]}"}}')
    shown = servers.gureum("host", "facts", "n").stdout
    assert f"it has the MAC address {nics['eth1']['mac']}" in shown


def _sudoer(name: str) -> str:
    """Return the commands that make a user who may become root without a password."""
    return (
        f"useradd -m -s /bin/bash {name}; "
        f"echo '{name} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/{name}; "
    )


def test_hosts_come_by_jump_alias_and_sudo(servers: Servers, on: On) -> None:
    """R-PREP-1: through another host, as a user with sudo, by a name of the user's own ssh_config."""
    on(
        servers.lab,
        "d",
        _sudoer("cloud") + "cp -a /root/.ssh /home/cloud/; chown -R cloud /home/cloud",
    )
    gate = servers.lab.host("c").address
    servers.write("c", "n", "d", d=f"user: cloud, jump: root@{gate}")
    servers.gureum("host", "trust", "--yes")
    found = servers.checked()
    assert found["ready"], found
    assert found["hosts"]["d"]["where"].startswith("cloud@")
    assert servers.gureum("ssh", "d", "whoami").stdout == "cloud\n"


def test_a_host_is_added_by_a_password_that_is_asked_for_once(servers: Servers, on: On) -> None:
    """R-PREP-1: ssh asks for it on the terminal; the key is installed, the file keeps its comments."""
    allow = "echo 'PasswordAuthentication yes' > /etc/ssh/sshd_config.d/05-word.conf"
    word = "echo byword:s3cret-word | chpasswd"
    on(servers.lab, "d", f"{_sudoer('byword')}{word}; {allow}; systemctl restart ssh")
    fresh = servers.folder / "fresh"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(fresh)], check=True)
    servers.write("c", "n", "clock")
    servers.file.write_text("# ours\n" + servers.file.read_text())
    place = f"byword@{servers.lab.host('d').address}"
    code, said = servers.typed(
        *("host", "add", "d", place, "--role", "compute", "--identity", str(fresh)),
        answers=[("refuses the key.*\\?", "y"), ("password:", "s3cret-word")],
    )
    assert code == 0, said
    text = servers.file.read_text()
    assert text.startswith("# ours\n")
    assert "user: byword" in text
    kept = [p for p in servers.folder.rglob("*") if p.is_file() and b"s3cret" in p.read_bytes()]
    assert kept == []
    assert servers.checked("d")["ready"]
    again = servers.gureum("host", "add", "d", place, "--role", "compute", check=False)
    assert "there is a host 'd' already" in again.stderr


def test_everything_that_is_wrong_is_told_at_once_in_one_table(servers: Servers, on: On) -> None:
    """R-PREP-1, R-PREP-5, R-PREP-8: all hosts in one look, which takes no longer than the slowest."""
    with ThreadPoolExecutor(len(BROKEN)) as pool:
        list(pool.map(lambda name: on(servers.lab, name, BROKEN[name]), BROKEN))
    c = servers.lab.host("c").address
    gateway = ".".join([*str(c).split(".")[:3], "1"])
    key = f"identity: {servers.key}"
    servers.extra = {
        "away": f"roles: [compute], connection: ssh, address: {str(c)[:-2]}77, {key}",
        "port": f"roles: [compute], connection: ssh, address: {gateway}, port: 1, {key}",
        "name": f"roles: [compute], connection: ssh, address: 192.0.2.7, ssh_host: no.invalid, {key}",
        "key": f"roles: [compute], connection: ssh, address: {str(c)[:-2]}78, identity: /nowhere/key",
    }
    servers.write(*NAMES, sudo="user: ops")
    began = time.monotonic()
    found = servers.checked()
    took = time.monotonic() - began
    servers.gureum("host", "check", check=False)
    told = {name: set(servers.ids(found, name)) for name in found["hosts"]}
    assert told["c"] == {
        "size.memory",
        "ports.taken",
        "leftovers.gureum",
        "leftovers.packages",
        "leftovers.containers",
        "leftovers.databases",
        "firewall.ufw",
    }
    assert told["n"] == {
        "system.unknown",
        "mtu.differs",
        "network_manager.provider",
        "firewall.rules",
    }
    assert told["d"] == {"size.disk", "nics.tunnel", "names.swapped"}
    assert told["clock"] == {"clock.wrong"}
    assert told["python"] == {"reached.python_missing"}
    assert told["old"] == {"reached.python_old"}
    assert told["shut"] == {"reached.key_refused"}
    assert told["anew"] == {"reached.host_key_changed"}
    assert told["sudo"] == {"reached.sudo_refused"}
    assert told["away"] <= {"reached.no_route", "reached.silent"}
    assert told["port"] == {"reached.refused"}
    assert told["name"] == {"reached.name_unknown"}
    assert told["key"] == {"reached.identity_missing"}
    for name, host in found["hosts"].items():
        for finding in host["findings"]:
            assert finding["hint"], (name, finding)
    assert took < 25
    refused = servers.gureum("apply", check=False)
    assert refused.returncode == 1
    assert "the hosts are not ready for this cloud; nothing was changed" in refused.stderr
    assert "it refuses the login of root" in refused.stderr
    assert "port 3306 is taken by mysqld.service" in refused.stderr
    servers.gureum("host", "list")
