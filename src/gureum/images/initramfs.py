"""Puts the guest's whole system into one archive: busybox, dropbear with its libraries, scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from gureum.errors import LabError
from gureum.images import cpio
from gureum.images.debian import contents
from gureum.images.kernel import Kernel

PROGRAM_PACKAGES = ("busybox-static", "dropbear-bin")
LIBRARY_PACKAGES = r"libc6|libcrypt1|libtom\w+|libgmp10|zlib1g"
"""What dropbear's own dependencies are called; `t64` and the like come and go with the release."""
_LIBRARIES = (
    "libc.so.6",
    "libcrypt.so.1",
    "libtomcrypt.so.1",
    "libtommath.so.1",
    "libz.so.1",
    "libgmp.so.10",
)
_LOADER = "ld-linux-x86-64.so.2"
_PROGRAMS = {"usr/sbin/dropbear": "sbin/dropbear", "usr/bin/dropbearkey": "bin/dropbearkey"}
_SCRIPTS = {
    "init": "init",
    "start-network": "etc/start-network",
    "start-dropbear": "etc/start-dropbear",
    "start-rest": "etc/start-rest",
    "on-dhcp": "etc/on-dhcp",
    "terminal": "etc/terminal",
    "power-button": "etc/acpi/PWRF/00000080",
    "sudo": "bin/sudo",
}


def scripts() -> dict[str, str]:
    """Return the guest's own files by name, as they lie in this package."""
    folder = resources.files("gureum.images").joinpath("guest")
    return {name: folder.joinpath(name).read_text() for name in (*_SCRIPTS, "inittab", "applets")}


def build(debs: Mapping[str, Path], kernel: Kernel) -> bytes:
    """Return the archive, not compressed; LabError where a package lacks a file."""
    return cpio.archive(_entries(debs, kernel))


def _entries(debs: Mapping[str, Path], kernel: Kernel) -> Iterator[cpio.Entry]:
    yield from (cpio.folder(path) for path in ("dev", "proc", "sys", "run", "tmp", "www", "mnt"))
    yield cpio.folder("root", 0o700)
    yield cpio.folder("root/.ssh", 0o700)
    # Without a console device of its own the first process has no output before devtmpfs is there.
    yield cpio.character_device("dev/console", 5, 1)
    yield cpio.character_device("dev/null", 1, 3, 0o666)
    yield cpio.file("bin/busybox", _busybox(debs["busybox-static"]), 0o755)
    texts = scripts()
    for applet in texts["applets"].split():
        yield cpio.link(f"bin/{applet}", "busybox")
    yield from _dropbear(debs)
    for name, path in _SCRIPTS.items():
        yield cpio.file(path, texts[name].encode(), 0o755)
    yield cpio.file("etc/inittab", texts["inittab"].encode())
    yield cpio.folder("etc/dropbear", 0o700)
    yield cpio.file("etc/passwd", b"root:*:0:0:root:/root:/bin/sh\n")
    yield cpio.file("etc/group", b"root:x:0:\n")
    yield cpio.file("etc/shells", b"/bin/sh\n")
    yield cpio.file("etc/hosts", b"127.0.0.1 localhost\n")
    yield cpio.file("etc/profile", b'export PS1="\\h# "\n')
    yield cpio.file("www/index.html", b"gureum-guest\n")
    order = "".join(f"{name}\n" for name, _ in kernel.boot_modules)
    yield cpio.file("etc/modules", order.encode())
    for name, data in kernel.boot_modules:
        yield cpio.file(f"modules/{name}", data)
    for position, (name, data) in enumerate(kernel.late_modules):
        yield cpio.file(f"modules/late/{position}-{name}", data)


def _busybox(deb: Path) -> bytes:
    files = contents(deb, lambda path: path.endswith("bin/busybox"))
    if not files:
        raise _lacking(deb, "busybox")
    return next(iter(files.values()))


def _dropbear(debs: Mapping[str, Path]) -> Iterator[cpio.Entry]:
    programs = contents(debs["dropbear-bin"], lambda path: path in _PROGRAMS)
    for path, target in _PROGRAMS.items():
        if path not in programs:
            raise _lacking(debs["dropbear-bin"], path)
        yield cpio.file(target, programs[path], 0o755)
    for name, deb in debs.items():
        if not name.startswith(("lib", "zlib")):
            continue
        found = contents(deb, lambda path: path.rsplit("/", 1)[-1] in (*_LIBRARIES, _LOADER))
        for path, data in sorted(found.items()):
            file = path.rsplit("/", 1)[-1]
            if file == _LOADER and path.startswith(("lib64/", "usr/lib64/")):
                continue
            home = "lib64" if file == _LOADER else "lib"
            yield cpio.file(f"{home}/{file}", data, 0o755)


def _lacking(deb: Path, path: str) -> LabError:
    return LabError(
        f"{deb.name} has no {path}",
        detail="the test guest is built from it",
        hint=f"dpkg-deb --contents {deb}",
    )
