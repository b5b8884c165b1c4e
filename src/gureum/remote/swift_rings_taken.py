"""State `swift_rings_taken`: this host has the rings of the host that builds them."""

from __future__ import annotations

import glob
from typing import Any

from gureum.remote.failure import Evidence
from gureum.remote.process import must, run
from gureum.remote.swift_rings import install


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return which files differ from the source's; the own ones stand where it does not answer."""
    there = bool(glob.glob(f"{spec['folder']}/*.ring.gz"))
    done = run((*_rsync(spec), "--dry-run", "--itemize-changes", *_ways(spec)), timeout=30)
    if done.exit:
        return {"other": [] if there else ["all"], "_exists": there, "_said": done.output[-300:]}
    lines = [line.split(None, 1) for line in done.output.splitlines()]
    other = sorted(words[1] for words in lines if len(words) == 2 and words[0].startswith(">f"))
    return {"other": other, "_exists": there}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Fetch what differs, and put the rings where Swift reads them."""
    evidence: list[Evidence] = []
    must((*_rsync(spec), *_ways(spec)), evidence, "the rings cannot be fetched", timeout=60)
    install(spec["folder"])
    return evidence


def _rsync(spec: dict[str, Any]) -> tuple[str, ...]:
    # Rings are small: to compare what they hold is surer than their times.
    return ("rsync", "--checksum", "--times", "--recursive", "--contimeout=3")


def _ways(spec: dict[str, Any]) -> tuple[str, str]:
    return (f"{spec['source']}/", f"{spec['folder']}/")
