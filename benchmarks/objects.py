"""Puts and reads objects while a storage host is cut off: ./run python benchmarks/objects.py --help.

A lab's cloud with Swift on several storage hosts has to stand. Clients put 1,000 objects and read them
back, each beside the others; when half are put, one host loses its power, and it stays away until all is
read. A request that fails is made again. Printed are how many objects were lost or came back otherwise, the
errors on the way, and the times. The host is started again in the end.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gureum.checks.client import connect
from gureum.lab import Lab
from gureum.state.folder import CloudFolder, cache, home

TRIES = 8
PAUSE = 0.5


def main() -> None:
    """Put, cut, read, compare; exit 1 where an object is lost or wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cloud", default="cloud", help="the cloud's name; it has to stand")
    parser.add_argument(
        "--cut", help="the storage host that loses its power half way; none by default"
    )
    parser.add_argument("--objects", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--size", type=int, default=65536, help="bytes of the largest object")
    parser.add_argument("--out", type=Path, help="write every figure to this file as JSON")
    chosen = parser.parse_args()
    run = Run(chosen)
    try:
        run.all()
    finally:
        if chosen.cut:
            back(chosen.cloud, chosen.cut)
    found = run.figures()
    print(json.dumps(found, indent=1))
    if chosen.out:
        chosen.out.write_text(json.dumps(found, indent=1) + "\n")
    sys.exit(1 if run.lost or run.wrong else 0)


class Run:
    """One run: what was put, what came back, and what went wrong on the way."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        folder = CloudFolder(chosen.cloud)
        self.api = connect(folder.clouds_yaml, folder.name)
        self.url = str(self.api.object_store.get_endpoint())
        self.token = str(self.api.session.get_token())
        self.ca = str(folder.ca)
        self.local = threading.local()
        self.lock = threading.Lock()
        self.errors: Counter[str] = Counter()
        self.seconds: dict[str, list[float]] = {"PUT": [], "GET": []}
        self.sums: dict[str, str] = {}
        self.lost: list[str] = []
        self.wrong: list[str] = []
        self.done = 0
        self.container = f"bench-{os.urandom(4).hex()}"

    def all(self) -> None:
        """Put all objects, cutting the host half way, then read all of them."""
        self.ask("PUT", f"/{self.container}")
        names = [f"object-{number:05}" for number in range(self.chosen.objects)]
        with ThreadPoolExecutor(self.chosen.clients) as clients:
            list(clients.map(self.put, names))
            list(clients.map(self.get, names))

    def put(self, name: str) -> None:
        data = os.urandom(random.randint(1, self.chosen.size))  # noqa: S311
        answer = self.ask("PUT", f"/{self.container}/{name}", data)
        digest = hashlib.md5(data).hexdigest()  # noqa: S324 - as Swift counts
        with self.lock:
            self.done += 1
            half = self.done == self.chosen.objects // 2
            if answer is None:
                self.lost.append(name)
            else:
                self.sums[name] = digest
        if half and self.chosen.cut:
            print(f"{self.done} are put: {self.chosen.cut} loses its power")
            cut(self.chosen.cloud, self.chosen.cut)

    def get(self, name: str) -> None:
        answer = self.ask("GET", f"/{self.container}/{name}")
        with self.lock:
            if answer is None:
                self.lost.append(name)
            elif hashlib.md5(answer).hexdigest() != self.sums.get(name):  # noqa: S324
                self.wrong.append(name)

    def ask(self, verb: str, path: str, data: bytes | None = None) -> bytes | None:
        """Return the answer's body; None where a request failed as often as it was tried."""
        import requests

        if not hasattr(self.local, "session"):
            self.local.session = requests.Session()
            self.local.session.trust_env = False
        for _ in range(TRIES):
            began = time.monotonic()
            try:
                answer = self.local.session.request(
                    verb,
                    self.url + path,
                    data=data,
                    headers={"X-Auth-Token": self.token},
                    verify=self.ca,
                    timeout=60,
                )
                said = str(answer.status_code)
                if answer.ok:
                    with self.lock:
                        self.seconds.setdefault(verb, []).append(time.monotonic() - began)
                    return bytes(answer.content)
            except requests.RequestException as error:
                said = type(error).__name__
            with self.lock:
                self.errors[f"{verb} {said}"] += 1
            time.sleep(PAUSE)
        return None

    def figures(self) -> dict[str, Any]:
        """Return what came of it."""
        times = {
            verb: {
                "median": round(statistics.median(found), 3),
                "worst": round(max(found), 2),
            }
            for verb, found in self.seconds.items()
            if found
        }
        return {
            "objects": self.chosen.objects,
            "clients": self.chosen.clients,
            "cut": self.chosen.cut,
            "lost": len(self.lost),
            "wrong": len(self.wrong),
            "errors, each tried again": dict(self.errors),
            "seconds": times,
        }


def cut(cloud: str, name: str) -> None:
    """Take a lab host's power away."""
    lab = Lab(cloud, home() / "lab" / cloud, cache(), print)
    lab.kill(lab.host(name))


def back(cloud: str, name: str) -> None:
    """Start a lab host again."""
    lab = Lab(cloud, home() / "lab" / cloud, cache(), print)
    lab.start(lab.host(name))


if __name__ == "__main__":
    main()
