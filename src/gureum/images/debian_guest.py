"""A real distribution without the internet: a Debian guest with cloud-init, of the package mirror (R-LAB-3).

It is made by mmdebstrap from the mirrors that this machine's apt uses, as hosts of the lab are, and
boots from BIOS and UEFI with Debian's own kernel, GRUB and cloud-init.
"""

from __future__ import annotations

import fcntl
import hashlib
import inspect
import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gureum.errors import ImageError
from gureum.images import debian, grub_disk
from gureum.images import debian_recipe as recipe
from gureum.images.catalogue import VIRTIO
from gureum.images.conversion import check, convert
from gureum.images.debian import Say
from gureum.images.guest_image import GuestImage, digest
from gureum.lab import apt_settings
from gureum.lab.command import hint_for

NAME = "debian-13"
SIZE = 2 * 1024**3
"""The disk's size in bytes: the root file system grows with the flavor's disk at the first boot."""
MIN_RAM = 256
OLD = 30
"""Days after which a build that is there already is told to be old."""
TOOLS = {**grub_disk.TOOLS, "mmdebstrap": "mmdebstrap"}
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PROPERTIES = {
    **VIRTIO,
    "os_distro": "debian",
    "os_version": recipe.VERSION,
    "os_admin_user": recipe.USER,
    "hw_qemu_guest_agent": "yes",
}


def build(cache: Path, say: Say, *, renew: bool = False) -> GuestImage:
    """Return the Debian guest as qcow2, made under `cache` unless it was already by the same recipe.

    `renew` makes it anew, with the packages of today. Raises ImageError with the way out.
    """
    _can_be_built()
    cache.mkdir(parents=True, exist_ok=True)
    debian.install_missing(TOOLS, say)
    path = cache / f"debian-13-{recipe_key()}.qcow2"
    with _alone(cache, say):
        found = None if renew else _cached(path)
        if found is not None:
            _tell_age(path, say)
            return found
        return _made(path, say)


def _can_be_built() -> None:
    if platform.machine() != "x86_64":
        raise ImageError(
            f"the Debian guest is built on x86_64 only, and this machine is {platform.machine()}",
            detail="its kernel and boot loader are those of PCs",
            hint="gureum image add debian-13, which downloads Debian's own",
        )
    if os.geteuid() != 0:
        raise ImageError(
            "only root builds the Debian guest",
            detail="its files belong to users of its own, root among them",
            hint="sudo gureum image build debian-13",
        )


def _made(path: Path, say: Say) -> GuestImage:
    began = time.monotonic()
    making = path.with_name(f".{path.stem}.building")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    try:
        root = making / "root"
        say("making its root file system with mmdebstrap")
        _bootstrap(making, root)
        customize(root)
        names = grub_disk.new_names()
        core = grub_disk.prepare(root, names)
        raw = making / "disk.raw"
        say("writing its disk")
        grub_disk.write(raw, root, names, core, SIZE)
        versions = _versions(root)
        shutil.rmtree(root)
        say("packing it as qcow2")
        convert(raw, "qcow2", making / path.name, compressed=True)
        (making / path.name).replace(path)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    image = _image(path, digest(path))
    note = {"sha256": image.sha256, "size": image.size, "built": time.time(), **versions}
    _write(path.with_suffix(".json"), json.dumps(note))
    say(f"built in {time.monotonic() - began:.0f} s of {versions['packages']} packages")
    return image


def _bootstrap(making: Path, root: Path) -> None:
    """Run mmdebstrap where a kill of us ends it and takes its mounts with it."""
    dpkg, options = making / "dpkg.cfg", making / "apt.conf"
    dpkg.write_text(recipe.DPKG)
    options.write_text(apt_settings.options())
    sources = making / "machine.sources"
    sources.write_text(apt_settings.sources(recipe.CODENAME))
    log = making / "mmdebstrap.log"
    hooks = [f'--extract-hook=cp {dpkg} "$1/etc/dpkg/dpkg.cfg.d/gureum"']
    # Passwords of mirrors are for the making alone.
    for path in apt_settings.credentials():
        hooks += [
            f'--setup-hook=install -D -m 600 {path} "$1{path}"',
            f'--customize-hook=rm "$1{path}"',
        ]
    command = [
        *("setpriv", "--pdeathsig", "KILL"),
        *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
        *("mmdebstrap", "--mode=root", "--variant=apt", "--quiet"),
        f"--include={','.join(recipe.PACKAGES)}",
        f"--aptopt={options}",
        f"--logfile={log}",
        "--skip=check/empty,cleanup/reproducible",
        *hooks,
        recipe.CODENAME,
        str(root),
        *([str(sources)] if sources.read_text() else []),
    ]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, env=environment
    )
    if done.returncode:
        output = log.read_text(errors="replace") if log.exists() else done.stderr
        lines = [line for line in output.splitlines() if line.startswith(("E:", "Err", "W:"))]
        raise ImageError(
            "mmdebstrap could not make the guest's root file system",
            detail="\n".join((lines or output.splitlines())[-15:]),
            hint=hint_for(output) or "see whether packages can be reached: apt-get update",
        )


def customize(root: Path) -> None:
    """Make of a fresh root file system one that many VMs start from: no keys, no ids, no traces."""
    for path in (root / "etc/apt/sources.list.d").iterdir():
        path.unlink()
    for place, text in recipe.FILES.items():
        target = root / place.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for unit in recipe.ENABLED:
        folder = "sockets" if unit.endswith(".socket") else "multi-user"
        wanted = root / f"etc/systemd/system/{folder}.target.wants"
        wanted.mkdir(parents=True, exist_ok=True)
        _link(wanted / unit, f"/usr/lib/systemd/system/{unit}")
    _link(root / "etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf")
    # With these, the first boot skips what the packages' own scripts have done.
    for mark in ("etc/.updated", "var/.updated"):
        (root / mark).touch()
    for pattern in (
        "etc/ssh/ssh_host_*",
        "etc/dpkg/dpkg.cfg.d/gureum",
        "etc/apt/apt.conf.d/99mmdebstrap",
        "etc/apt/sources.list",
        "var/lib/dbus/machine-id",
        "var/log/*.log",
        "var/log/apt/*",
        "vmlinuz.old",
        "initrd.img.old",
    ):
        for path in root.glob(pattern):
            path.unlink()


def _versions(root: Path) -> dict[str, object]:
    """Return how many packages the guest has, and which kernel."""
    status = (root / "var/lib/dpkg/status").read_text(errors="replace")
    kernels = sorted(path.name.removeprefix("vmlinuz-") for path in root.glob("boot/vmlinuz-*"))
    return {"packages": status.count("\nStatus: install ok"), "kernel": kernels[-1]}


def _image(path: Path, sha256: str) -> GuestImage:
    return GuestImage(
        path=path,
        sha256=sha256,
        size=path.stat().st_size,
        properties=PROPERTIES,
        user=recipe.USER,
        name=NAME,
    )


def _cached(path: Path) -> GuestImage | None:
    """Return the image that lies there already, if it is still what was built."""
    try:
        note = json.loads(path.with_suffix(".json").read_text())
        if path.stat().st_size != note["size"] or digest(path) != note["sha256"]:
            return None
    except (OSError, ValueError, KeyError):
        return None
    check(path, "qcow2")
    return _image(path, note["sha256"])


def _tell_age(path: Path, say: Say) -> None:
    days = (time.time() - path.stat().st_mtime) / 86400
    if days > OLD:
        say(f"it was built {days:.0f} days ago; --renew builds it of today's packages")


def recipe_key() -> str:
    """Return what the image depends on besides the packages of the day, in 12 hexadecimal digits."""
    sources = [inspect.getsource(module) for module in (recipe, grub_disk)]
    sources += [inspect.getsource(customize), str(SIZE)]
    return hashlib.sha256("\0".join(sources).encode()).hexdigest()[:12]


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(f".{os.getpid()}")
    new.write_text(text)
    new.replace(path)


def _link(path: Path, target: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


@contextmanager
def _alone(cache: Path, say: Say) -> Iterator[None]:
    """Let one build at a time work in a cache; the next one finds what this one made."""
    with (cache / ".debian-guest.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another run that builds it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
