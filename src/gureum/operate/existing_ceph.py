"""Reads the conf and the keyrings of a Ceph that is there already, where the input has one."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from pathlib import Path

from gureum.diagnostics import Diagnostic
from gureum.errors import InputError
from gureum.model.cloud import Cloud
from gureum.model.load import LoadedCloud
from gureum.model.storage import ExistingCeph
from gureum.services.ceph_layout import volumes_in_ceph
from gureum.services.context import CephFiles
from gureum.state.secrets import Secret


def ceph_files(loaded: LoadedCloud) -> CephFiles:
    """Return what clients reach the existing cluster by; nothing where gureum deploys its own.

    Paths begin at the input's folder. Raises InputError with everything that is missing or not
    what it should be.
    """
    ceph = loaded.cloud.ceph
    if ceph is None or ceph.existing is None:
        return CephFiles()
    folder = Path(loaded.file).parent
    found: dict[str, Secret] = {}
    wrong: list[Diagnostic] = []
    conf = _conf(loaded, ceph.existing, folder, wrong)
    for name in _clients(loaded.cloud):
        path = folder / Path(ceph.existing.keyrings).expanduser() / f"ceph.client.{name}.keyring"
        try:
            found[f"client.{name}"] = Secret(_key(path.read_text(), f"client.{name}"))
        except (OSError, ValueError, configparser.Error) as error:
            said = error.strerror if isinstance(error, OSError) else f"it holds {error}"
            wrong.append(
                Diagnostic(
                    f"there is no key of client.{name}",
                    detail=f"{path}: {said}",
                    source=loaded.locate(("ceph", "existing", "keyrings")),
                    hint=f"on a monitor's host: ceph auth get client.{name} -o {path.name}",
                )
            )
    if wrong:
        raise InputError("the Ceph of the input cannot be used", wrong)
    return CephFiles(conf, found)


def _conf(
    loaded: LoadedCloud, existing: ExistingCeph, folder: Path, wrong: list[Diagnostic]
) -> str:
    path = folder / Path(existing.conf).expanduser()
    problem = text = ""
    try:
        text = path.read_text()
        if "mon_host" not in text.replace("mon host", "mon_host"):
            problem = "it names no monitors (mon_host)"
    except OSError as error:
        problem = str(error.strerror)
    except ValueError:
        problem = "it is no text"
    if problem:
        wrong.append(
            Diagnostic(
                "there is no ceph.conf of the cluster that is there already",
                detail=f"{path}: {problem}",
                source=loaded.locate(("ceph", "existing", "conf")),
                hint="on a monitor's host: ceph config generate-minimal-conf",
            )
        )
    return text


def _clients(cloud: Cloud) -> Iterator[str]:
    """Yield the clients that keep something in Ceph; `ceph_keys` says what each may do."""
    if cloud.image_store == "ceph":
        yield "glance"
    if volumes_in_ceph(cloud):
        yield "cinder"
    if cloud.backup_target == "ceph":
        yield "cinder-backup"
    if cloud.vm_disks == "ceph":
        yield "nova"


def _key(text: str, entity: str) -> str:
    """Return the key of a keyring; raises ValueError where it has none of this client."""
    keyring = configparser.ConfigParser(interpolation=None, strict=False)
    # Ceph indents what stands in a section, which means something else here.
    keyring.read_string("\n".join(line.strip() for line in text.splitlines()))
    if not keyring.has_option(entity, "key"):
        raise ValueError(f"no key of {entity}")
    return keyring.get(entity, "key").strip()
