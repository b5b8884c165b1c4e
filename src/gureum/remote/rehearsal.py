"""State `rehearsal`: dumps of a release's empty tables, made by its own migrations."""

from __future__ import annotations

import concurrent.futures
import json
import os
import shutil
import subprocess
import tempfile
import time
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import last_line, must, run, tail, time_left

HEADS = "heads.json"


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the revisions of each database's dump; None where there is none."""
    return {name: dumped(spec["folder"]).get(name) for name in spec["databases"]}


def dumped(folder: str) -> dict[str, list[str]]:
    """Return database -> revisions of the dumps in a folder."""
    try:
        with open(os.path.join(folder, HEADS)) as source:
            return dict(json.load(source))
    except (OSError, ValueError):
        return {}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Run every migration against a server of its own, on a socket in a folder of its own.

    The file that names the revisions is written last: half a rehearsal is none.
    """
    evidence: list[Evidence] = []
    folder = spec["folder"]
    os.makedirs(folder, mode=0o755, exist_ok=True)
    place = tempfile.TemporaryDirectory(prefix="gureum-rehearsal-")
    with place, _Server(place.name, evidence) as server:
        names = list(spec["databases"])
        server.sql(" ".join(f"CREATE DATABASE `{name}`;" for name in names), evidence)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            jobs = [
                pool.submit(_migrate, command, server, variables)
                for command, variables in spec["commands"]
            ]
            for job in jobs:
                evidence += job.result()
        for name in names:
            server.dump(name, os.path.join(folder, f"{name}.sql"), evidence)
    new = os.path.join(folder, f"{HEADS}.new")
    with open(new, "w") as out:
        json.dump({name: sorted(heads) for name, heads in spec["databases"].items()}, out)
    os.replace(new, os.path.join(folder, HEADS))
    return evidence


def _migrate(command: list[str], server: _Server, variables: dict[str, str]) -> list[Evidence]:
    done = run(
        command, environment={variable: server.url(name) for variable, name in variables.items()}
    )
    if done.exit:
        lines = tail(done.output).splitlines()[-12:]
        raise Failure(f"{command[0]}: {last_line(done.output)}", [done.evidence()], lines)
    return [done.evidence()]


class _Server:
    """A MariaDB of its own: no network, no grants, nothing written to the disk in a hurry."""

    def __init__(self, place: str, evidence: list[Evidence]) -> None:
        self._socket = os.path.join(place, "mariadb.sock")
        self._data = os.path.join(place, "data")
        self._evidence = evidence
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> _Server:
        install = shutil.which("mariadb-install-db") or "/usr/bin/mariadb-install-db"
        must(
            (install, "--no-defaults", f"--datadir={self._data}", "--skip-test-db", "--user=root"),
            self._evidence,
            "a database server for the rehearsal",
        )
        self._process = subprocess.Popen(
            [
                "/usr/sbin/mariadbd",
                "--no-defaults",
                "--user=root",
                f"--datadir={self._data}",
                f"--socket={self._socket}",
                f"--pid-file={self._data}/pid",
                "--skip-networking",
                "--skip-grant-tables",
                "--character-set-server=utf8mb3",
                "--collation-server=utf8mb3_general_ci",
                "--innodb-flush-log-at-trx-commit=0",
                "--max-connections=500",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + min(30.0, time_left())
        while run(("mariadb-admin", "--no-defaults", f"--socket={self._socket}", "ping")).exit:
            if self._process.poll() is not None or time.monotonic() > until:
                self.__exit__()
                raise Failure("the database server of the rehearsal does not start", self._evidence)
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database on this server."""
        return f"mysql+pymysql://root:none@localhost/{name}?charset=utf8&unix_socket={self._socket}"

    def sql(self, statements: str, evidence: list[Evidence]) -> None:
        must(
            ("mariadb", "--no-defaults", f"--socket={self._socket}", "--execute", statements),
            evidence,
            "rehearsal",
        )

    def dump(self, name: str, path: str, evidence: list[Evidence]) -> None:
        options = ("--skip-comments", "--skip-lock-tables", "--skip-add-drop-table")
        must(
            (
                *("mariadb-dump", "--no-defaults", f"--socket={self._socket}", *options),
                *(f"--result-file={path}", name),
            ),
            evidence,
            f"dump of {name}",
        )
        os.chmod(path, 0o644)
