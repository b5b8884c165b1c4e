"""Builds the root file system that lab hosts share: Debian, lean, ready to boot and be reached."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gureum.errors import LabError
from gureum.lab import apt_settings, building, kept_images, locks, trust
from gureum.lab.command import hint_for
from gureum.lab.image import Image

RECIPE = 1
"""Counts changes of how a root file system is made that the key would not notice by itself."""
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "openssh-server",
    "python3",
    "python3-venv",
    "ca-certificates",
    "iproute2",
    "iputils-ping",
    "kmod",
    "netbase",
    "nftables",
    "procps",
    "sudo",
)
DPKG = """\
force-unsafe-io
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/info/*
path-exclude=/usr/share/lintian/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
"""
MASKED = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "man-db.timer",
    "nvmefc-boot-connections.service",
    "nvmf-autoconnect.service",
    "systemd-firstboot.service",
    "systemd-networkd-wait-online.service",
    "systemd-timesyncd.service",
    "systemd-udev-trigger.service",
    "systemd-udevd.service",
    "console-getty.service",
)
"""Units that are of no use in a container, or that wait for what never comes there."""
FILES = {
    "/etc/ssh/sshd_config.d/10-lab.conf": """\
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UseDNS no
HostKey /etc/ssh/ssh_host_ed25519_key
MaxStartups 100:30:200
MaxSessions 100
""",
    "/etc/systemd/journald.conf.d/10-lab.conf": """\
[Journal]
Storage=persistent
SystemMaxUse=200M
SyncIntervalSec=60s
RateLimitIntervalSec=0
""",
    "/etc/default/locale": "LANG=C.UTF-8\n",
    "/etc/systemd/system.conf.d/10-lab.conf": """\
[Manager]
DefaultTimeoutStopSec=20s
""",
}


@dataclass(frozen=True)
class LabPackages:
    """Packages that a root file system is made of in place of the machine's mirrors.

    `apt` is a list of sources in apt's one-line format, `index` a digest that tells two states of
    them apart.
    """

    apt: str
    index: str


def base_image(
    os_name: str, cache: Path, say: Callable[[str], None], packages: LabPackages | None = None
) -> Image:
    """Return the image of an operating system, built where the cache lacks it.

    The key is the content that goes in, so a changed recipe or a new certificate authority makes
    another image. Builders at the same time wait for one another; a killed one leaves a folder
    that the next removes.
    """
    try:
        codename = apt_settings.CODENAMES[os_name]
    except KeyError:
        known = ", ".join(apt_settings.CODENAMES)
        raise LabError(
            f"the lab has no {os_name!r} to make hosts of", hint=f"choose one of: {known}"
        ) from None
    key = f"{os_name}-{_digest(codename, packages)}"
    folder = cache / "images" / key
    if image := kept_images.use(folder):
        return image
    waiting = f"waiting for another run that makes {os_name}"
    with locks.held(building.lock_of(folder), lambda: say(waiting)):
        if image := kept_images.use(folder):
            return image
        shutil.rmtree(folder, ignore_errors=True)
        making = building.folder_of(folder)
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        say(f"making the root file system of {os_name} with mmdebstrap")
        _bootstrap(codename, making, packages)
        _customize(making / "root")
        Image(key, os_name, (folder / "root",)).save(making)
        making.rename(folder)
    return Image(key, os_name, (folder / "root",))


def _digest(codename: str, packages: LabPackages | None) -> str:
    parts: list[object] = [RECIPE, codename, PACKAGES, DPKG, MASKED, FILES, trust.additions()]
    content = json.dumps(parts if packages is None else [*parts, packages.index])
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _bootstrap(codename: str, making: Path, packages: LabPackages | None) -> None:
    """Run mmdebstrap where a kill of us ends it and takes its mounts with it."""
    (making / "dpkg.cfg").write_text(DPKG)
    certificates = making / "certificates"
    certificates.mkdir()
    for number, pem in enumerate(trust.additions()):
        (certificates / f"machine-{number}.crt").write_text(pem + "\n")
    sources = making / ("machine.sources" if packages is None else "machine.list")
    sources.write_text(packages.apt if packages else apt_settings.sources(codename))
    options = making / "apt.conf"
    options.write_text(apt_settings.options())
    log = making / "mmdebstrap.log"
    command = [
        *("setpriv", "--pdeathsig", "KILL"),
        *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
        *("mmdebstrap", "--mode=root", "--variant=apt", "--quiet"),
        f"--include={','.join(PACKAGES)}",
        f"--aptopt={options}",
        f"--logfile={log}",
        # The package lists stay: whatever is installed next needs them.
        "--skip=check/empty,cleanup/apt/lists,cleanup/reproducible",
        # Excluding paths from the start would send every archive through a slow filter.
        f'--extract-hook=cp {making}/dpkg.cfg "$1/etc/dpkg/dpkg.cfg.d/lab"',
        '--extract-hook=mkdir -p "$1/usr/local/share/ca-certificates"',
        f'--extract-hook=cp -r {certificates}/. "$1/usr/local/share/ca-certificates"',
        codename,
        str(making / "root"),
        *([str(sources)] if sources.read_text() else []),
    ]
    credentials = apt_settings.credentials()
    for path in credentials:
        command.insert(-2, f'--setup-hook=install -D -m 600 {path} "$1{path}"')
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
    )
    if done.returncode:
        output = log.read_text(errors="replace") if log.exists() else done.stderr
        lines = [line for line in output.splitlines() if line.startswith(("E:", "Err", "W:"))]
        raise LabError(
            f"mmdebstrap could not make a root file system of {codename}",
            detail="\n".join((lines or output.splitlines())[-15:]),
            hint=hint_for(output) or "see whether packages can be reached: apt-get update",
        )
    shutil.rmtree(certificates)


def _customize(root: Path) -> None:
    for path, text in FILES.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for unit in MASKED:
        _link(root / "etc/systemd/system" / unit, "/dev/null")
    wanted = root / "etc/systemd/system/multi-user.target.wants"
    wanted.mkdir(parents=True, exist_ok=True)
    _link(wanted / "systemd-networkd.service", "/usr/lib/systemd/system/systemd-networkd.service")
    _link(root / "etc/systemd/system/default.target", "/usr/lib/systemd/system/multi-user.target")
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    for source in (root / "etc/apt/sources.list.d").glob("*machine.*"):
        source.unlink()
    (root / "etc/machine-id").write_text("")
    # With these, the first boot skips what the packages' own scripts have done.
    for mark in ("etc/.updated", "var/.updated"):
        (root / mark).touch()
    (root / "etc/hostname").unlink(missing_ok=True)
    (root / "etc/apt/apt.conf.d/99mmdebstrap").unlink(missing_ok=True)


def _link(path: Path, target: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)
