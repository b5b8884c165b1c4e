"""Links modules of the distribution's Python into a virtual environment."""

from __future__ import annotations

import os
import sysconfig

DISTRIBUTION = "/usr/lib/python3/dist-packages"
MODULES = {
    "libvirt": (
        ("libvirt.py", "libvirt_qemu.py", "libvirt_lxc.py", "libvirtaio.py"),
        ("libvirtmod", "libvirtmod_qemu", "libvirtmod_lxc"),
    ),
}
"""Name -> its Python files, and its compiled modules without the suffix that names the Python."""


def link(site_packages: str, names: list[str]) -> str:
    """Link the modules of `names`; returns what was linked.

    A link may be made before its package is installed: environment and packages do not wait for
    each other. Compiled modules are for the host's own Python alone, which the environment has too.
    """
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    made = []
    for name in names:
        plain, compiled = MODULES.get(name, ((f"{name}.py", name), ()))
        for file in (*plain, *(part + suffix for part in compiled)):
            target = os.path.join(DISTRIBUTION, file)
            place = os.path.join(site_packages, file)
            if name not in MODULES and not os.path.lexists(target):
                continue
            if os.path.islink(place) or os.path.exists(place):
                os.unlink(place)
            os.symlink(target, place)
            made.append(file)
    return " ".join(made)
