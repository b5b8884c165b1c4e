"""How neutron's daemons run, and what an agent may start as root."""

from __future__ import annotations

from gureum.services.context import Context
from gureum.services.declaration import TextFile, Unit
from gureum.services.neutron_config import ROOTWRAP


def daemon(
    c: Context, program: str, description: str, files: tuple[str, ...], **rest: object
) -> Unit:
    """Return the unit of a program of neutron that reads these config files."""
    log = f"/var/log/neutron/{program}.log"
    arguments = [word for path in files for word in ("--config-file", path)]
    return Unit(
        name=program,
        description=description,
        user="neutron",
        command=(c.bin(program), *arguments),
        environment={"OS_DEFAULT__LOG_FILE": log},
        reads=files,
        writes=("/var/log/neutron", "/var/lib/neutron"),
        log_file=log,
        **rest,  # type: ignore[arg-type]
    )


def rootwrap(c: Context) -> TextFile:
    """Return what rootwrap goes by."""
    return TextFile(
        path=ROOTWRAP,
        content="[DEFAULT]\n"
        f"filters_path={c.release.venv}/etc/neutron/rootwrap.d,/etc/neutron/rootwrap.d\n"
        "exec_dirs=/sbin,/usr/sbin,/bin,/usr/bin\nuse_syslog=False\n",
        why="rootwrap starts only what these filters name, and root owns them",
    )


def rootwrap_command(c: Context) -> str:
    """Return what sudo lets neutron's agents run beside the helpers of privsep."""
    return f"{c.bin('neutron-rootwrap')} {ROOTWRAP} *"
