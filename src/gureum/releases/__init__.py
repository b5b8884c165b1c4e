"""OpenStack releases: for each its lock, its option schemas and its databases' revisions."""

from __future__ import annotations

from gureum.releases.release import Release, known_releases, load_release
from gureum.releases.schema import OptionSchema, Schema

__all__ = ["OptionSchema", "Release", "Schema", "known_releases", "load_release"]
