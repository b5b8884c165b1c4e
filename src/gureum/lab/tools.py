"""The machine's tools that the lab works with, and the packages that bring them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

from gureum.errors import LabError
from gureum.remote import apt_lock, apt_run
from gureum.remote.failure import Failure

PACKAGES = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "nft": "nftables",
    "ip": "iproute2",
    "ethtool": "ethtool",
    "mkfs.xfs": "xfsprogs",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "setsid": "util-linux",
    "mount": "mount",
    "losetup": "mount",
}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def missing() -> list[str]:
    """Return the packages that this machine lacks for a lab."""
    lacking = {package for tool, package in PACKAGES.items() if not _found(tool)}
    if not os.path.exists(KEYRING):
        lacking.add("debian-archive-keyring")
    return sorted(lacking)


def install(say: Callable[[str], None]) -> None:
    """Install what is missing from the distribution, naming it first."""
    names = missing()
    if not names:
        return
    command = f"apt-get install --no-install-recommends {' '.join(names)}"
    if os.geteuid() != 0:
        raise LabError(
            f"the lab needs tools that this machine lacks: {', '.join(names)}",
            detail="only root installs packages",
            hint=f"sudo {command}",
        )
    if not shutil.which("apt-get"):
        raise LabError(
            f"the lab needs tools that this machine lacks: {', '.join(names)}",
            detail="there is no apt-get here to install them with",
            hint="install what brings: " + ", ".join(t for t in PACKAGES if not _found(t)),
        )
    say(f"installing from the distribution: {', '.join(names)}")
    try:
        apt_lock.wait()
    except Failure as failure:
        raise LabError(failure.message, hint=failure.hint) from failure
    done = apt_run.install(names)
    if done.exit:
        apt_run.update()
        done = apt_run.install(names)
    if done.exit:
        lines = [line for line in done.output.splitlines() if line.startswith(("E:", "Err:"))]
        raise LabError(
            f"the tools of the lab could not be installed: {', '.join(names)}",
            detail="\n".join((lines or done.output.splitlines())[-10:]),
            hint=command,
        )


def _found(tool: str) -> bool:
    # A user's search path often lacks the folders of the administrator's tools.
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is not None
