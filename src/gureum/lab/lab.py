"""A lab: hosts for a whole cloud on this machine, made in seconds and gone without a trace."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network
from pathlib import Path

from gureum.diagnostics import Diagnostic
from gureum.errors import LabError
from gureum.lab import (
    cgroups,
    locks,
    machine,
    network,
    nspawn,
    processes,
    ready,
    rootfs,
    seed,
    store,
    subnets,
    tools,
)
from gureum.lab.host import LabHost
from gureum.lab.identity import Identity
from gureum.lab.image import Image
from gureum.lab.network import Network
from gureum.lab.record import HostRecord, Record

FIRST_ADDRESS = 10


class Lab:
    """The lab of one cloud.

    Everything it makes on the machine bears its id, which follows from its home folder alone: a
    lab whose record was lost can still be found and destroyed.
    """

    def __init__(self, name: str, home: Path, cache: Path, say: Callable[[str], None]) -> None:
        self.name = name
        self.home = home.resolve()
        self.cache = cache.resolve()
        self.say = say
        self.id = "g" + hashlib.sha256(str(self.home).encode()).hexdigest()[:5]
        self._identity = Identity(self.home / "ssh")

    def check_machine(self) -> list[Diagnostic]:
        """Return what keeps this machine from holding the lab, each with a way out."""
        return machine.check(self.id, self._load() is not None, (self.home, self.cache))

    def install_tools(self) -> None:
        """Install the tools that the machine lacks, naming each."""
        tools.install(self.say)

    def base_image(self, os: str = "debian-13") -> Image:
        """Return the image of a bare operating system, built at first use."""
        return rootfs.base_image(os, self.cache, self.say)

    def create(self, hosts: Mapping[str, Image]) -> dict[str, LabHost]:
        """Make hosts that are missing, start those that do not run, and return once SSH answers.

        Hosts of the lab that are not named here stay as they are.
        """
        with self._locked():
            record = self._prepare()
            for name, image in hosts.items():
                if name not in record.hosts:
                    self._forget(record, name)
                    record.hosts[name] = HostRecord(record.next_number(), image)
                record.hosts[name].wanted = True
            record.save(self._record)
            self._write_known_hosts(record)
            wanted = [self._host(record, name) for name in hosts]
            with self._disk() as disk:
                _in_parallel(lambda host: self._boot(record, host, disk), wanted)
        return {host.name: host for host in wanted}

    def hosts(self) -> list[LabHost]:
        """Return the lab's hosts in the order they were made."""
        record = self._load()
        if record is None:
            return []
        names = sorted(record.hosts, key=lambda name: record.hosts[name].number)
        return [self._host(record, name) for name in names]

    def start(self, host: LabHost) -> None:
        """Start a host and return once SSH answers; one that runs stays as it is."""
        with self._locked():
            record = self._prepare()
            self._want(record, host, True)
            with self._disk() as disk:
                self._boot(record, host, disk)

    def stop(self, host: LabHost) -> None:
        """Power a host off cleanly."""
        with self._locked():
            self._want(self._existing(), host, False)
            nspawn.stop(host, self._root(host))

    def kill(self, host: LabHost) -> None:
        """Take a host's power away."""
        with self._locked():
            self._want(self._existing(), host, False)
            nspawn.kill(host, self._root(host))

    def destroy(self) -> None:
        """Remove the lab and all that it made on this machine, whatever state it is in."""
        with self._locked():
            for name in processes.supervisors(self._machine("")):
                processes.kill(name)
            for root in sorted((self.home / "hosts").glob("*/root")):
                nspawn.unmount(root)
            nspawn.clean_runtime(self._machine(""))
            cgroups.remove(self._machine(""))
            with locks.machine():
                network.down(self.id)
                store.close_for(self.home)
            if self.home.exists():
                shutil.rmtree(self.home)
            with contextlib.suppress(OSError):
                self.home.parent.rmdir()

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
        return self._existing().management

    @property
    def provider(self) -> IPv4Network:
        """The subnet of the provider network; the machine has its first address."""
        return self._existing().provider

    @property
    def _record(self) -> Path:
        return self.home / "lab.json"

    def _load(self) -> Record | None:
        return Record.load(self._record)

    def _existing(self) -> Record:
        record = self._load()
        if record is None:
            raise LabError(f"there is no lab {self.name!r}", hint="gureum lab create")
        return record

    def _prepare(self) -> Record:
        """Return the lab's record with its keys and networks in place."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.home.chmod(0o700)
        self._identity.make()
        with locks.machine():
            record = self._load()
            if record is None:
                network.down(self.id)
                management, provider = subnets.pick(int(self.id[1:], 16), subnets.routed())
                record = Record(self.name, self.id, management, provider)
                record.save(self._record)
            Network(self.id, record.management, record.provider).up()
        return record

    def _boot(self, record: Record, host: LabHost, disk: Path) -> None:
        """Bring one host up from whatever state it is in."""
        log = self._root(host).parent / "console.log"
        if not host.running:
            folder = disk / "hosts" / host.name
            seeded = folder / "seeded"
            if not seeded.exists():
                shutil.rmtree(folder, ignore_errors=True)
            nspawn.clean(host)
            nspawn.mount(record.hosts[host.name].image, folder, self._root(host))
            if not seeded.exists():
                mtu = network.outer_mtu()
                seed.write(self._root(host), host, record.management, self._identity, mtu)
                seeded.touch()
            links = Network(self.id, record.management, record.provider)
            nspawn.start(
                host,
                self._root(host),
                log,
                lambda: links.attach(host.management_link, host.provider_link),
            )
        ready.wait(host, log)

    def _host(self, record: Record, name: str) -> LabHost:
        found = record.hosts[name]
        return LabHost(
            name=name,
            os=found.image.os,
            machine=self._machine(name),
            address=record.management[FIRST_ADDRESS + found.number],
            management_link=f"{self.id}{found.number}m",
            provider_link=f"{self.id}{found.number}p",
        )

    def _want(self, record: Record, host: LabHost, wanted: bool) -> None:
        if host.name not in record.hosts:
            raise LabError(
                f"the lab {self.name!r} has no host {host.name!r}", hint="gureum lab list"
            )
        record.hosts[host.name].wanted = wanted
        record.save(self._record)

    def _forget(self, record: Record, name: str) -> None:
        """Remove what a run that was killed left of a host which is not recorded."""
        self._identity.forget(name)
        with self._disk() as disk:
            nspawn.unmount(self.home / "hosts" / name / "root")
            shutil.rmtree(disk / "hosts" / name, ignore_errors=True)

    def _write_known_hosts(self, record: Record) -> None:
        addresses = {name: str(self._host(record, name).address) for name in record.hosts}
        self._identity.write_known_hosts(addresses)

    def _machine(self, host: str) -> str:
        return f"gureum-{self.id}-{host}"

    def _root(self, host: LabHost) -> Path:
        return self.home / "hosts" / host.name / "root"

    @contextlib.contextmanager
    def _disk(self) -> Iterator[Path]:
        with locks.machine():
            folder = store.open_for(self.home)
        yield folder

    def _locked(self) -> contextlib.AbstractContextManager[int]:
        return locks.held(
            locks.FOLDER / f"{self.id}.lock",
            lambda: self.say(f"waiting for another run that works on the lab {self.name!r}"),
        )


def _in_parallel(work: Callable[[LabHost], None], hosts: Iterable[LabHost]) -> None:
    """Do the work for all hosts at once; the first failure is raised when all have ended."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        for done in [pool.submit(work, host) for host in hosts]:
            done.result()
