"""What is told of a bundle: made, checked, shown, served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gureum.bundle import Kind, Manifest
from gureum.bundle.create import Created, changes
from gureum.bundle.manifest import total
from gureum.bundle.verify import Verified
from gureum.errors import BundleError
from gureum.operate.bundles import Shown
from gureum.program import runnable
from gureum.views.data import Line

_WORDS = {Kind.DEBIAN: "Debian packages", Kind.WHEEL: "Python packages", Kind.IMAGE: "guest image"}
_MANY = 12
_PROJECTS = (
    "keystone",
    "glance",
    "openstack-placement",
    "nova",
    "neutron",
    "cinder",
    "swift",
    "horizon",
)


def created(done: Created, place: Path) -> Iterator[Line]:
    """Say what the bundle holds, what has changed since the last time, and how to go on."""
    manifest = done.manifest
    yield f"{place}: {_title(manifest)}", "bold"
    yield from _parts(manifest)
    if done.before is not None:
        yield from _changes(done.before, manifest)
    yield f"manifest: sha256 {manifest.digest}", ""
    yield f"done in {done.seconds:.0f} s", ""
    yield (
        runnable(
            f"next: gureum bundle serve {done.folder}, where hosts reach it; or in cloud.yaml"
        ),
        "",
    )
    yield f"        packages: {{bundle: {done.folder.resolve()}}}", ""


def created_data(done: Created) -> dict[str, Any]:
    """Return the same as data."""
    before = done.before
    return {
        **_summary(done.manifest),
        "folder": str(done.folder.resolve()),
        "seconds": round(done.seconds, 1),
        "changes": []
        if before is None
        else [
            {"kind": kind.value, "name": name, "before": was or None, "after": now or None}
            for kind in (Kind.DEBIAN, Kind.WHEEL)
            for name, was, now in changes(before.versions(kind), done.manifest.versions(kind))
        ],
    }


def verified(found: Verified) -> Iterator[Line]:
    """Say what is wrong, or that nothing is."""
    manifest = found.manifest
    yield _title(manifest), "bold"
    for finding in found.findings:
        yield f"✗ {finding.subject}: {finding.what}", "red"
    for name in found.extra[:_MANY]:
        yield f"! {name}: no part of the bundle", "yellow"
    if found.findings:
        return
    yield (
        f"✓ {len(manifest.files)} files, {_mb(manifest.size)}, are what the manifest says",
        "green",
    )
    if found.resolved:
        yield "✓ apt installs every role's packages from it alone, on a bare system", "green"
    yield f"manifest: sha256 {manifest.digest}", ""


def verified_data(found: Verified) -> dict[str, Any]:
    """Return the same as data."""
    return {
        **_summary(found.manifest),
        "findings": [{"subject": f.subject, "what": f.what} for f in found.findings],
        "extra": list(found.extra),
        "resolved": found.resolved,
    }


def raise_for_findings(found: Verified, folder: Path) -> None:
    """Raise BundleError where a bundle is not sound, with the command that mends it."""
    if not found.findings:
        return
    many = len(found.findings)
    manifest = found.manifest
    raise BundleError(
        f"the bundle in {folder} is not sound: {many} {'finding' if many == 1 else 'findings'}",
        detail="what is missing or altered is fetched anew, everything else stays",
        hint=f"gureum bundle create --release {manifest.release} --os {manifest.os} {folder}",
    )


def shown(found: Shown) -> Iterator[Line]:
    """Say what a bundle is for and what it holds."""
    manifest = found.manifest
    yield f"{found.place}: {_title(manifest)}", "bold"
    yield f"made {manifest.created} by {manifest.made_by}", ""
    yield from _parts(manifest)
    versions = manifest.versions(Kind.WHEEL)
    named = [f"{name} {versions[name]}" for name in _PROJECTS if name in versions]
    if named:
        yield f"OpenStack: {', '.join(named)}", ""
    yield f"manifest: sha256 {found.digest}", ""
    if found.missing:
        names = ", ".join(found.missing[:_MANY])
        more = f" and {len(found.missing) - _MANY} more" if len(found.missing) > _MANY else ""
        yield f"! this gureum would ask for more: {names}{more}", "yellow"


def shown_data(found: Shown) -> dict[str, Any]:
    """Return the same as data, every file included."""
    files = [
        {
            "path": f.path,
            "sha256": f.sha256,
            "size": f.size,
            "kind": f.kind.value,
            "name": f.name,
            "version": f.version,
        }
        for f in found.manifest.files
    ]
    return {
        **_summary(found.manifest),
        "place": found.place,
        "digest": found.digest,
        "missing": list(found.missing),
        "files": files,
    }


def serving(folder: Path, urls: list[str]) -> Iterator[str]:
    """Say where a bundle is served, and what to write into cloud.yaml."""
    yield f"serving {folder} at {', '.join(urls)}; Ctrl-C ends it"
    yield "in cloud.yaml:"
    yield f"  packages: {{bundle: {urls[0]!r}}}"


def _title(manifest: Manifest) -> str:
    return f"OpenStack {manifest.release} for {manifest.os} {manifest.architecture}"


def _parts(manifest: Manifest) -> Iterator[Line]:
    for kind, words in _WORDS.items():
        files = manifest.of(kind)
        yield f"  {len(files):4} {words:16} {_mb(total(files)):>8}", ""


def _changes(before: Manifest, after: Manifest) -> Iterator[Line]:
    found = [
        change
        for kind in (Kind.DEBIAN, Kind.WHEEL)
        for change in changes(before.versions(kind), after.versions(kind))
    ]
    if not found:
        yield "nothing has changed since the last time", ""
        return
    yield f"{len(found)} packages differ from the last time:", ""
    for name, was, now in found[: _MANY * 3]:
        yield f"  {name} {was or '(new)'} → {now or '(gone)'}", ""
    if len(found) > _MANY * 3:
        yield f"  and {len(found) - _MANY * 3} more", ""


def _summary(manifest: Manifest) -> dict[str, Any]:
    return {
        "release": manifest.release,
        "os": manifest.os,
        "architecture": manifest.architecture,
        "created": manifest.created,
        "sha256": manifest.digest,
        "size": manifest.size,
        "count": {kind.value: len(manifest.of(kind)) for kind in Kind},
    }


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
