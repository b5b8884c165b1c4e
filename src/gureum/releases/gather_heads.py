"""Gathers the database revisions of a release; runs with the Python of the release itself.

    python gather_heads.py SCHEMAS.TOML          what alembic_version of each database holds, as JSON
    python gather_heads.py SCHEMAS.TOML NAME     the same of one database

It imports nothing of gureum, only what the release's virtual environment holds. One process reads
one database: migrations import their services, and two services register options of one name.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path


def heads(spec: str, databases: dict[str, str]) -> dict[str, list[str]]:
    """Return what alembic_version of each database holds once every migration has run."""
    found: dict[str, list[str]] = {}
    for name in databases:
        command = (sys.executable, "-W", "ignore", __file__, spec, name)
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if done.returncode:
            sys.exit(f"the migrations of {name} cannot be read")
        found.update(json.loads(done.stdout))
    return found


def _heads(place: str) -> list[str]:
    """Walk a database's migrations without a database.

    The heads of the branches are not enough: where one branch depends on another (glance's contract
    on its expand), alembic drops the row of the one that is depended on.
    """
    from alembic.config import Config  # type: ignore[import-not-found]
    from alembic.runtime.migration import HeadMaintainer, MigrationContext  # type: ignore[import-not-found]
    from alembic.script import ScriptDirectory  # type: ignore[import-not-found]

    package, _, rest = place.partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"the environment has no package {package}")
    root = Path(next(iter(spec.submodule_search_locations))) / rest
    folders = {str(f.parent) for f in (root / "versions").rglob("*.py") if f.name != "__init__.py"}
    config = Config()
    config.set_main_option("script_location", str(root))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(sorted(folders)))
    script = ScriptDirectory.from_config(config)
    with open(os.devnull, "w") as nowhere:
        options = {"as_sql": True, "output_buffer": nowhere}
        context = MigrationContext.configure(dialect_name="sqlite", opts=options)
        maintainer = HeadMaintainer(context, ())
        for step in script._upgrade_revs("heads", ()):
            maintainer.update_to_step(step)
    return sorted(maintainer.heads)


def main(arguments: list[str]) -> None:
    """Gather every database's revisions; all that libraries print meanwhile goes to stderr."""
    stdout, sys.stdout = sys.stdout, sys.stderr
    databases = tomllib.loads(Path(arguments[0]).read_text())["databases"]
    if len(arguments) == 1:
        found = heads(arguments[0], databases)
    else:
        found = {arguments[1]: _heads(databases[arguments[1]])}
    json.dump(found, stdout, sort_keys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
