"""How nova moves VMs from one compute host to another, alive or shut off (R-OPS-6).

Alive, libvirt does it (`libvirt_tls`). A VM that is shut off, or that is resized, has its disk copied
by nova itself: with scp, as its own user. What takes it in is an SSH server of its own, which lets in
that user with the cloud's key alone, and do nothing but take in disks.
"""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.cloud import Driver
from gureum.services.context import Context, options_in
from gureum.services.declaration import OpenTo, Port, Task, TextFile, Unit
from gureum.services.nova_config import FILE
from gureum.steps.notice import Effect, Notice
from gureum.steps.states import CommandDone

SSH_PORT = 16522
SERVER = "nova-migration-sshd"
_FOLDER = "/etc/nova/migration"
_SSHD_CONFIG = f"{_FOLDER}/sshd_config"
_HOST_KEY = f"{_FOLDER}/server_key"
_USER_KEY = f"{_FOLDER}/user_key"
_KNOWN = f"{_FOLDER}/known_hosts"
_ALLOWED = f"{_FOLDER}/authorized_keys"
_CLIENT = "/var/lib/nova/.ssh/config"
_DEEDS = "/usr/local/lib/gureum/bin/nova-migration"
_NAME = "nova-migration"
INSTANCES = "/var/lib/nova/instances"

_ALLOWED_DEEDS = f"""\
#!/bin/sh
# The only deeds that nova of another compute host may do here: what its copies of disks consist of.
set -f
set -- $SSH_ORIGINAL_COMMAND
refuse() {{ echo "nova-migration: refused: $SSH_ORIGINAL_COMMAND" >&2; exit 126; }}
inside() {{
    case "$1" in *..*|*[!A-Za-z0-9_./-]*) refuse ;; {INSTANCES}/?*) ;; *) refuse ;; esac
}}
case "$*" in
    */sftp-server) exec /usr/lib/openssh/sftp-server -P symlink,hardlink,rename,posix-rename,remove,rmdir ;;
    "mkdir -p $3") inside "$3"; exec mkdir -p "$3" ;;
    "rm -rf $3") inside "$3"; exec rm -rf "$3" ;;
    "touch $2") inside "$2"; exec touch "$2" ;;
    "rm $2") inside "$2"; exec rm "$2" ;;
    *) refuse ;;
esac
"""

_SSHD = """\
ListenAddress {address}:{port}
HostKey {host_key}
PidFile none
AllowUsers nova
AuthenticationMethods publickey
AuthorizedKeysFile {allowed}
UsePAM yes
DisableForwarding yes
PermitTTY no
PermitUserRC no
ForceCommand {deeds}
Subsystem sftp /usr/lib/openssh/sftp-server
"""

_SSH = """\
Host *
    Port {port}
    User nova
    IdentityFile {user_key}
    IdentitiesOnly yes
    HostKeyAlias {name}
    UserKnownHostsFile {known}
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    BatchMode yes
    ConnectTimeout 10
"""


def options(c: Context) -> Iterator[Option]:
    """Yield the options by which VMs move, of a compute host."""
    conf = options_in(FILE, "nova")
    yield conf(
        "libvirt",
        "live_migration_scheme",
        "tls",
        "the two libvirts show each other certificates of the cloud; the default is plain TCP, by which "
        "anyone on the network owns every VM",
    )
    yield conf(
        "libvirt",
        "live_migration_inbound_addr",
        c.address,
        "VMs that move here are sent to this address, so no host has to know the others' names",
    )
    yield conf(
        "libvirt",
        "live_migration_with_native_tls",
        True,
        "the memory and the disk of a VM that moves are encrypted by QEMU itself on their way",
    )
    yield conf(
        "libvirt",
        "live_migration_permit_auto_converge",
        True,
        "a VM that writes memory faster than the network carries it is slowed down until it fits; "
        "otherwise it would never arrive and hold up whoever empties its host",
    )
    if c.cloud.network.driver is Driver.OVS and not c.cloud.network.hybrid:
        yield conf(
            "compute",
            "live_migration_wait_for_vif_plug",
            False,
            "without a Linux bridge a VM's port comes into being when its memory begins to arrive: neutron "
            "cannot say beforehand that it is wired, and the move would be given up after five minutes",
        )


def directories() -> dict[str, tuple[str, str, int]]:
    """Return the folders of keys and of what may be done with them."""
    return {
        _FOLDER: ("root", "nova", 0o755),
        "/var/lib/nova/.ssh": ("root", "nova", 0o750),
        "/usr/local/lib/gureum/bin": ("root", "root", 0o755),
    }


def files(c: Context) -> tuple[TextFile, ...]:
    """Return both ends of the copy: nova's client, and the server that takes disks in."""
    user, server = c.moving.user, c.moving.server
    return (
        TextFile(
            path=_SSHD_CONFIG,
            content=_SSHD.format(
                address=c.address,
                port=SSH_PORT,
                host_key=_HOST_KEY,
                allowed=_ALLOWED,
                deeds=_DEEDS,
            ),
            why="nova's copies have a server apart from the administrators': neither's settings, keys "
            "or port touch the other's",
        ),
        TextFile(
            path=_HOST_KEY,
            content=server.private.reveal(),
            why="every compute host proves by the same key that it takes disks in for this cloud, so "
            "that one more host changes no file of the others",
            mode=0o600,
            hidden=True,
        ),
        TextFile(
            path=_ALLOWED,
            content=f"restrict {user.public} nova of this cloud's compute hosts\n",
            why="the one key that opens the server is nova's own of this cloud, for copies alone",
        ),
        TextFile(
            path=_DEEDS,
            content=_ALLOWED_DEEDS,
            why="whoever holds nova's key can put disks into its folder of VMs here, and not get a shell",
            mode=0o755,
        ),
        TextFile(
            path=_USER_KEY,
            content=user.private.reveal(),
            why="nova gets by it into the servers of other compute hosts, and nowhere else",
            group="nova",
            mode=0o640,
            hidden=True,
        ),
        TextFile(
            path=_KNOWN,
            content=f"{_NAME} {server.public}\n",
            why="nova sends a disk only to a server that proves to be one of this cloud's",
        ),
        TextFile(
            path=_CLIENT,
            content=_SSH.format(port=SSH_PORT, user_key=_USER_KEY, name=_NAME, known=_KNOWN),
            why="nova says scp and an address, and this says the rest: port, key, whom to believe",
            group="nova",
            mode=0o640,
        ),
    )


def shell() -> Task:
    """Return the login shell of nova's user, without which a server can do nothing in its name."""
    return Task(
        id="nova.shell",
        state=CommandDone(
            check=("getent", "passwd", "nova"),
            want=":/bin/sh\n",
            command=("usermod", "--shell", "/bin/sh", "nova"),
        ),
        why="an SSH server runs what it is asked for by the user's shell; nova's has no password, and no "
        "server but its own knows a key for it",
        needs=("base.users",),
    )


def server(c: Context) -> Unit:
    """Return the server that takes disks of VMs in."""
    return Unit(
        name=SERVER,
        description="takes in the disks of VMs that move to this host shut off or are resized",
        user="root",
        command=("/usr/sbin/sshd", "-D", "-e", "-f", _SSHD_CONFIG),
        notice=Notice(
            says="disks of VMs wait to be copied to this host", seconds=1, effect=Effect.LATER
        ),
        reads=(_SSHD_CONFIG, _HOST_KEY),
        needs=("nova.shell", f"nova.file.{_ALLOWED}", f"nova.file.{_DEEDS}"),
        # A copy that is under way goes on.
        kill_mode="process",
        service_lines=("RuntimeDirectory=sshd", "RuntimeDirectoryPreserve=yes"),
        ready_port=(c.address, SSH_PORT),
        hardened=False,
    )


def port(c: Context) -> Port:
    """Return where the server listens."""
    return Port(
        number=SSH_PORT,
        address=c.address,
        unit=SERVER,
        purpose="disks of VMs move in",
        open_to=OpenTo.COMPUTES,
    )
