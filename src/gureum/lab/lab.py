"""A lab: hosts for a whole cloud on this machine, made in seconds and gone without a trace."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from ipaddress import IPv4Network
from pathlib import Path

from gureum.diagnostics import Diagnostic
from gureum.errors import LabError
from gureum.lab import (
    boot,
    building,
    frozen,
    kept_images,
    locks,
    machine,
    network,
    nspawn,
    processes,
    rootfs,
    snapshots,
    store,
    subnets,
    tools,
)
from gureum.lab.boot import Place
from gureum.lab.host import LabHost
from gureum.lab.identity import Identity
from gureum.lab.image import Image
from gureum.lab.kept_images import Limits
from gureum.lab.parallel import in_parallel
from gureum.lab.record import HostRecord, Record, check_new_names, machine_name
from gureum.lab.rootfs import LabPackages
from gureum.lab.snapshots import Snapshot

TEMPORARY = range(200, 240)
"""The numbers of temporary hosts, which only live while an image is made."""


class Lab:
    """The lab of one cloud.

    Everything it makes on the machine bears its id, which follows from its home folder alone: a
    lab whose record was lost can still be found and destroyed.
    """

    def __init__(self, name: str, home: Path, cache: Path, say: Callable[[str], None]) -> None:
        self.name = name
        self.home = home.resolve()
        self.cache = cache.resolve()
        self.images = self.cache / "images"
        self.say = say
        self.id = "g" + hashlib.sha256(str(self.home).encode()).hexdigest()[:5]
        self.internet: bool | None = None
        """Whether its hosts reach anything outside; None leaves that as it was, open at first."""
        self.limits = Limits()
        """What the cache keeps of images that no lab stands on."""
        self._identity = Identity(self.home / "ssh")

    def check_machine(self) -> list[Diagnostic]:
        """Return what keeps this machine from holding the lab, each with a way out."""
        return machine.check(self.id, Record.load(self._record), (self.home, self.cache))

    def install_tools(self) -> None:
        """Install the tools that the machine lacks, naming each."""
        tools.install(self.say)

    def base_image(self, os: str = "debian-13", packages: LabPackages | None = None) -> Image:
        """Return the image of a bare operating system, built of `packages` if given."""
        return rootfs.base_image(os, self.cache, self.say, packages)

    def frozen_images(
        self, keys: Iterable[str], base: Image, build: Callable[[dict[str, LabHost]], None]
    ) -> dict[str, Image]:
        """Return for each key `base` with what `build` installs on a temporary host, made at first use.

        `build` gets the temporary hosts of all keys that are missing, and does its work on all of them
        at once. A key stands for that work: the same key gets the same layer, in every lab.
        """
        folders = {key: self.images / frozen.name_of(key, base) for key in keys}
        missing = [key for key, folder in folders.items() if not kept_images.use(folder)]
        if missing:
            building.sweep(self.images)
            waiting = "waiting for another run that makes the same image"
            with contextlib.ExitStack() as stack:
                # Everybody takes the locks in one order, so no two runs wait for each other.
                for key in sorted(missing, key=lambda key: folders[key]):
                    lock = building.lock_of(folders[key])
                    stack.enter_context(locks.held(lock, lambda: self.say(waiting)))
                if missing := [key for key in missing if not kept_images.use(folders[key])]:
                    self._freeze({key: folders[key] for key in missing}, base, build)
            kept_images.prune(self.images, self.limits, self.say, self.home.parent)
        return {key: Image.of(folder) for key, folder in folders.items()}

    def create(self, hosts: Mapping[str, Image]) -> dict[str, LabHost]:
        """Make hosts that are missing, start those that do not run, and return once SSH answers.

        Hosts of the lab that are not named here stay as they are.
        """
        check_new_names(hosts)
        with self._locked():
            record = self._prepare()
            with self._disk() as disk:
                for name, image in hosts.items():
                    if name not in record.hosts:
                        self._forget(name, disk)
                        record.hosts[name] = HostRecord(record.next_number(), image)
                record.save(self._record)
                for image in {record.hosts[name].image for name in hosts}:
                    kept_images.mark(image, self.images, self.id, self.home)
                self._write_known_hosts(record)
                made = {name: record.host(name) for name in hosts}
                self._boot_all(record, made.values(), disk)
        return made

    def hosts(self) -> list[LabHost]:
        """Return the lab's hosts in the order they were made."""
        record = Record.load(self._record)
        if record is None:
            return []
        names = sorted(record.hosts, key=lambda name: record.hosts[name].number)
        return [record.host(name) for name in names]

    def host(self, name: str) -> LabHost:
        """Return the host of a name; raise LabError that names those there are."""
        return self._recorded([name]).host(name)

    def start(self, host: LabHost) -> None:
        """Start a host and return once SSH answers; one that runs stays as it is."""
        with self._locked():
            self._recorded([host.name])
            record = self._prepare()
            with self._disk() as disk:
                self._boot_all(record, [host], disk)

    def stop(self, host: LabHost) -> None:
        """Power a host off cleanly."""
        with self._locked():
            nspawn.stop(host, self._root(host.name))

    def restart(self, hosts: Collection[LabHost]) -> None:
        """Power hosts off cleanly, all at once, and return once SSH answers on each again."""
        with self._locked():
            self._recorded([host.name for host in hosts])

            def power_off(host: LabHost) -> None:
                nspawn.stop(host, self._root(host.name))

            in_parallel(power_off, hosts)
            record = self._prepare()
            with self._disk() as disk:
                self._boot_all(record, hosts, disk)

    def kill(self, host: LabHost) -> None:
        """Take a host's power away."""
        with self._locked():
            nspawn.kill(host, self._root(host.name))

    def remove(self, name: str) -> None:
        """Take a host's power away and remove it; the others stay as they are.

        A lab without such a host stays as it is. Snapshots keep what they hold of it.
        """
        with self._locked():
            record = Record.load(self._record)
            if record is None or name not in record.hosts:
                return
            nspawn.kill(record.host(name), self._root(name))
            del record.hosts[name]
            record.save(self._record)
            with self._disk() as disk:
                self._forget(name, disk)
            self._write_known_hosts(record)

    def snapshot(self, name: str, hosts: Collection[str] | None = None) -> Snapshot:
        """Keep the state of all hosts, or of those named, at one instant (R-LAB-2)."""
        with self._locked(), self._disk() as disk:
            record = self._recorded(hosts)
            return snapshots.take(
                disk,
                name,
                {
                    host: (
                        record.hosts[host].image,
                        self._place(host, disk),
                        record.host(host).leader_pid,
                    )
                    for host in (hosts or record.hosts)
                },
            )

    def restore(self, name: str, hosts: Collection[str] | None = None) -> None:
        """Give hosts the state of a snapshot and start those that ran then (R-LAB-2).

        Members of a cluster are best restored together: one alone that forgot what it promised
        the others may be refused by them.
        """
        with self._locked():
            self._recorded(hosts)
            record = self._prepare()
            with self._disk() as disk:
                snapshot = snapshots.find(disk, name)
                chosen = list(hosts or snapshot.hosts)
                if missing := set(chosen) - set(snapshot.hosts):
                    raise LabError(
                        f"the snapshot {name!r} does not hold {', '.join(sorted(missing))}",
                        detail=f"it holds {', '.join(snapshot.hosts)}",
                        hint=f"gureum lab restore {name}",
                    )
                found = [record.host(host) for host in chosen]
                in_parallel(lambda host: nspawn.kill(host, self._root(host.name)), found)
                for host in chosen:
                    record.hosts[host].image = snapshot.hosts[host]
                record.save(self._record)
                snapshots.put_back(
                    disk, snapshot, {host: self._place(host, disk) for host in chosen}
                )
                ran = [host for host in found if host.name in snapshot.running]
                self._boot_all(record, ran, disk)

    def snapshots(self) -> list[Snapshot]:
        """Return the snapshots there are, the oldest first."""
        if Record.load(self._record) is None:
            return []
        with self._disk() as disk:
            return snapshots.listed(disk)

    def delete_snapshot(self, name: str) -> None:
        """Remove a snapshot."""
        with self._locked(), self._disk() as disk:
            snapshots.delete(disk, name)

    def destroy(self) -> None:
        """Remove the lab and all that it made on this machine, whatever state it is in."""
        with self._locked():
            for name in nspawn.leftovers(machine_name(self.id, "")):
                nspawn.kill_machine(
                    name, (), self._root(name.removeprefix(machine_name(self.id, "")))
                )
            for root in (self.home / "hosts").glob("*/root"):
                nspawn.unmount(root)
            with locks.machine():
                network.down(self.id)
                store.close_for(self.home)
            if self.home.exists():
                shutil.rmtree(self.home)
            with contextlib.suppress(OSError):
                self.home.parent.rmdir()
        with contextlib.suppress(OSError):
            locks.FOLDER.rmdir()

    @property
    def ssh_identity(self) -> Path:
        """The private key that opens every host of the lab."""
        return self._identity.private_key

    @property
    def known_hosts(self) -> Path:
        """The host keys of the lab's hosts."""
        return self._identity.known_hosts

    @property
    def management(self) -> IPv4Network:
        """The subnet of the management network; the machine has its first address."""
        return self._recorded().subnets.management

    @property
    def provider(self) -> IPv4Network:
        """The subnet of the provider network; the machine has its first address."""
        return self._recorded().subnets.provider

    @property
    def _record(self) -> Path:
        return self.home / "lab.json"

    def _recorded(self, hosts: Collection[str] | None = None) -> Record:
        """Return the record of a lab that exists, with all of `hosts` in it."""
        record = Record.load(self._record)
        if record is None:
            raise LabError(f"there is no lab {self.name!r}", hint="gureum lab create")
        record.check_names(hosts or ())
        return record

    def _prepare(self) -> Record:
        """Return the lab's record with its keys and networks in place."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.home.chmod(0o700)
        self._identity.make()
        with locks.machine():
            record = Record.load(self._record)
            if record is None:
                network.down(self.id)
                picked = subnets.pick(int(self.id[1:], 16), subnets.routed())
                record = Record(self.name, self.id, picked)
                record.save(self._record)
            record.decide(self.internet, self._record)
            record.network.up()
        return record

    def _freeze(
        self,
        folders: Mapping[str, Path],
        base: Image,
        build: Callable[[dict[str, LabHost]], None],
    ) -> None:
        """Make the images of `folders`, whose locks the caller holds."""
        with contextlib.ExitStack() as stack:
            disks = {
                key: stack.enter_context(self._building_disk(folder))
                for key, folder in folders.items()
            }
            places = {
                key: Place(disk, self._root(folders[key].name)) for key, disk in disks.items()
            }
            with self._locked():
                record = self._prepare()
                used = set(network.links(self.id))
                numbers = (n for n in TEMPORARY if f"{self.id}{n}m" not in used)
                hosts = {
                    key: record.as_host(folder.name, next(numbers), base)
                    for key, folder in folders.items()
                }
                for key, host in hosts.items():
                    building.note_host(building.folder_of(folders[key]), host, places[key].root)
                self._write_known_hosts(record, *hosts.values())
                by_name = {host.name: places[key] for key, host in hosts.items()}

                def bring_up(host: LabHost) -> None:
                    boot.boot(host, base, by_name[host.name], record.network, self._identity)

                in_parallel(bring_up, hosts.values())
            build(hosts)
            for key, host in hosts.items():
                nspawn.stop(host, places[key].root)
                self._identity.forget(host.name)
                frozen.freeze(disks[key], building.folder_of(folders[key]), folders[key], base)

    def _boot_all(self, record: Record, hosts: Collection[LabHost], disk: Path) -> None:
        def bring_up(host: LabHost) -> None:
            image = record.hosts[host.name].image
            boot.boot(host, image, self._place(host.name, disk), record.network, self._identity)

        in_parallel(bring_up, hosts)

    def _forget(self, name: str, disk: Path) -> None:
        """Remove what a run that was killed left of a host which is not recorded."""
        self._identity.forget(name)
        processes.kill(machine_name(self.id, name))
        nspawn.unmount(self._root(name))
        for leftover in (disk / "hosts" / name, self._root(name).parent):
            shutil.rmtree(leftover, ignore_errors=True)

    def _write_known_hosts(self, record: Record, *others: LabHost) -> None:
        known = [*(record.host(name) for name in record.hosts), *others]
        self._identity.write_known_hosts({host.name: str(host.address) for host in known})

    def _root(self, host: str) -> Path:
        return self.home / "hosts" / host / "root"

    def _place(self, host: str, disk: Path) -> Place:
        return Place(disk / "hosts" / host, self._root(host))

    @contextlib.contextmanager
    def _disk(self) -> Iterator[Path]:
        with locks.machine():
            folder = store.open_for(self.home)
        yield folder

    @contextlib.contextmanager
    def _building_disk(self, folder: Path) -> Iterator[Path]:
        """Give what the temporary host that makes an image writes to; clean up before and after it.

        That is a folder of the cache itself if it can hold layers, for then nothing need be copied.
        In a container it cannot.
        """
        making, name = building.folder_of(folder), folder.name
        building.discard(making)
        making.mkdir(mode=0o700, parents=True)
        disk = making
        try:
            if not store.holds_layers(making):
                with self._locked(), self._disk() as shared:
                    disk = shared / "building" / name
                disk.mkdir(parents=True, exist_ok=True)
            yield disk
        finally:
            building.discard(making)
            for leftover in (disk, self._root(name).parent):
                shutil.rmtree(leftover, ignore_errors=True)

    def _locked(self) -> contextlib.AbstractContextManager[int]:
        return locks.held(
            locks.FOLDER / f"{self.id}.lock",
            lambda: self.say(f"waiting for another run that works on the lab {self.name!r}"),
        )
