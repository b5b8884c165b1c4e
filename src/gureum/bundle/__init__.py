"""Bundles: everything that one release needs on one operating system, in a folder with checksums."""

from __future__ import annotations

from gureum.bundle.manifest import BundleFile, Kind, Manifest
from gureum.bundle.source import Source, open_source

__all__ = ["BundleFile", "Kind", "Manifest", "Source", "open_source"]
