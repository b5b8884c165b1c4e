"""Runs a host: an overlay mounted, systemd-nspawn started on it, both taken down again."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from gureum.errors import LabError
from gureum.lab import cgroups, kvm, network, processes, supervision
from gureum.lab.command import run
from gureum.lab.host import LabHost
from gureum.lab.image import Image

RUNTIME = Path("/run/systemd/nspawn")
LINK_PATIENCE = 15.0
START_PATIENCE = 2.0
ENVIRONMENT = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "SYSTEMD_LOG_LEVEL": "err"}
"""Without the unified hierarchy inside, stopping some units there hangs for minutes."""


def mount(image: Image, disk: Path, root: Path) -> None:
    """Mount a host's own layer over the layers of its image.

    The work folder is made anew each time: it belongs to one mount, not to the host's data.
    """
    image.check()
    unmount(root)
    shutil.rmtree(disk / "work", ignore_errors=True)
    for folder in (disk / "upper", disk / "work", root):
        folder.mkdir(parents=True, exist_ok=True)
    (disk / "upper").chmod(0o755)
    lower = ":".join(str(layer) for layer in image.layers)
    options = f"lowerdir={lower},upperdir={disk}/upper,workdir={disk}/work"
    settings = "index=off,redirect_dir=off,metacopy=off,xino=off"
    run("mount", "-t", "overlay", "overlay", "-o", f"{options},{settings}", root)


def unmount(root: Path) -> None:
    """Unmount a host's root; what still holds it for a moment does not keep it in the tree."""
    while root.is_mount():
        status = root.stat()
        run("umount", "--lazy", root)
        # systemd-nspawn locks the folder it runs, and leaves the file behind.
        (RUNTIME / "locks" / f"inode-{status.st_dev}:{status.st_ino}").unlink(missing_ok=True)


def start(host: LabHost, root: Path, log: Path, attach: Callable[[], None]) -> None:
    """Boot a host whose root is mounted and plug it in; it lives on when this process ends."""
    clean(host)
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as out:
        out.write(f"--- start of {host.name}, {time.strftime('%F %T')}\n".encode())
        out.flush()
        subprocess.run(
            [*supervision.detached(host.machine, log, ENVIRONMENT), *_command(host, root)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            check=False,
            env={**os.environ, **ENVIRONMENT},
            cwd="/",
        )
    end = time.monotonic() + LINK_PATIENCE
    while not all((network.LINKS / link).exists() for link in host.links):
        late = time.monotonic() > end - LINK_PATIENCE + START_PATIENCE
        if time.monotonic() > end or (late and processes.supervisor(host.machine) is None):
            raise LabError(
                f"lab host {host.name} did not start", detail=tail(log), hint=f"cat {log}"
            )
        time.sleep(0.01)
    attach()


def stop(host: LabHost, root: Path, patience: float = 60) -> bool:
    """Power a host off and tell whether it ended by itself; one that does not is killed."""
    clean_end = processes.power_off(host.machine, patience)
    kill(host, root)
    return clean_end


def kill(host: LabHost, root: Path) -> None:
    """End a host at once and remove what its end leaves on the machine."""
    kill_machine(host.machine, host.links, root)


def kill_machine(machine: str, links: tuple[str, ...], root: Path) -> None:
    """Do as `kill` for a machine of which only names are known."""
    _clean(machine, links)
    unmount(root)


def clean(host: LabHost) -> None:
    """Remove what is left of a host that was killed, but for its mount."""
    _clean(host.machine, host.links)


def _clean(machine: str, links: tuple[str, ...] = ()) -> None:
    """End processes first, then links, which they hold."""
    processes.kill(machine)
    for link in links:
        network.remove_link(link)
    _clean_runtime(machine)
    supervision.forget(machine)


def leftovers(prefix: str) -> set[str]:
    """Return the machines named `prefix…` of which anything is left, running or not."""
    noted = {path.name for path in (RUNTIME / "propagate").glob("*")}
    noted |= cgroups.machines(prefix) | processes.machines(prefix)
    return {machine for machine in noted if machine.startswith(prefix)}


def _clean_runtime(machine: str) -> None:
    """Remove what a killed systemd-nspawn leaves under /run."""
    for folder in ("propagate", "unix-export"):
        shutil.rmtree(RUNTIME / folder / machine, ignore_errors=True)


def tail(log: Path, lines: int = 15) -> str:
    """Return the end of a host's console log."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _command(host: LabHost, root: Path) -> list[str]:
    command = [
        "systemd-nspawn",
        "--quiet",
        "--boot",
        f"--directory={root}",
        f"--machine={host.machine}",
        f"--hostname={host.name}",
        "--settings=no",
        "--link-journal=no",
        "--resolv-conf=off",
        "--timezone=off",
        "--capability=all",
        "--system-call-filter=@known",
        *(f"--network-veth-extra={link}:{nic}" for nic, link in host.nics.items()),
    ]
    devices = ["/dev/net/tun"]
    if kvm.works()[0]:
        devices.append("/dev/kvm")
    command += [f"--bind={device}" for device in devices if Path(device).exists()]
    return [*command, "--keep-unit", f"--register={'yes' if supervision.systemd() else 'no'}"]
