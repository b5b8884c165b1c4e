"""State `static_files`: the dashboard's scripts, styles and pictures, ready to be sent."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tempfile
from typing import Any

from gureum.remote.failure import Evidence
from gureum.remote.process import must

_STAMP = ".gureum-stamp"
_HERE = """
STATIC_ROOT = {folder!r}
SECRET_KEY = "none is kept"
# No memcached runs yet, and compress drops without a word what it cannot read from one.
CACHES = {{"default": {{"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}}}
"""
_MAKE = """
import django
django.setup()
from django.core.management import call_command
call_command("collectstatic", interactive=False, verbosity=0)
call_command("compress", force=True)
"""
_SOURCES = (".scss", ".spec.js", ".mock.js", ".map")
"""What styles are made of, and tests: no page asks for them once all is compressed."""
_TEXT = (".js", ".css", ".html", ".svg", ".json", ".ttf", ".eot", ".ico")
_WORTH_IT = 1024
"""Bytes from which a file is worth compressing: a smaller one fits into one packet anyway."""


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the stamp of what the files in the folder were made from."""
    try:
        with open(os.path.join(spec["folder"], _STAMP)) as source:
            return {"stamp": source.read()}
    except OSError:
        return {"stamp": ""}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Make the files in a folder of their own, which takes the old one's place when all is done."""
    evidence: list[Evidence] = []
    folder = spec["folder"]
    new = f"{folder}.new"
    shutil.rmtree(new, ignore_errors=True)
    os.makedirs(new)
    with tempfile.TemporaryDirectory(prefix="gureum-static-") as place:
        _settings(place, f"{spec['settings']}{_HERE.format(folder=new)}")
        environment = {
            "PYTHONPATH": place,
            "PYTHONWARNINGS": "ignore",
            "DJANGO_SETTINGS_MODULE": "openstack_dashboard.settings",
        }
        must(
            (f"{spec['venv']}/bin/python", "-c", _MAKE),
            evidence,
            "the dashboard's static files",
            environment=environment,
        )
    _prune(new)
    _compress(new)
    parts = (spec["lock"], spec["settings"])
    with open(os.path.join(new, _STAMP), "w") as out:
        out.write(hashlib.sha256("\0".join(parts).encode()).hexdigest())
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(new, folder)
    return evidence


def _settings(place: str, text: str) -> None:
    """Write the settings where horizon looks for them first: as the module local.local_settings."""
    os.mkdir(os.path.join(place, "local"))
    for name, content in (("__init__.py", ""), ("local_settings.py", text)):
        with open(os.path.join(place, "local", name), "w") as out:
            out.write(content)


def _prune(folder: str) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(_SOURCES):
                os.unlink(os.path.join(place, name))


def _compress(folder: str) -> None:
    """Lay a compressed copy beside each file: it is sent in its place, and compressed once."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if not name.endswith(_TEXT) or os.path.getsize(path) < _WORTH_IT:
                continue
            with open(path, "rb") as source:
                packed = gzip.compress(source.read(), 6, mtime=0)
            with open(f"{path}.gz", "wb") as out:
                out.write(packed)
