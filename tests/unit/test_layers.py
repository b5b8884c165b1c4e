"""Imports point one way, from the command line down to the model (D3, docs/explanation)."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "gureum"

LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "errors diagnostics program moment remote",
        "model",
        "state",
        "steps hosts config releases",
        "policy",
        "services",
        "plan",
        "checks apply",
        "drift",
        "lab images",
        "bundle",
        "operate",
        "report",
        "views",
        "cli",
    )
)
"""The packages from the bottom up. One may import those of lower layers only."""

BESIDE = {
    ("errors", "diagnostics"): "an error may carry diagnostics",
    (
        "images",
        "lab",
    ): "a guest of Debian is made of the machine's mirrors, as hosts of the lab are",
    ("config", "releases"): "options are checked against the schema of a release",
}
"""Imports between packages of one layer, each with its reason; the other way round is an error."""

RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
FILES = sorted(SOURCE.rglob("*.py"))


@functools.cache
def imports_of(path: Path) -> frozenset[str]:
    return frozenset(imports(ast.parse(path.read_text())))


def imports(tree: ast.AST) -> set[str]:
    """Return every module that is imported anywhere, in functions and for types as well."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            found.add(node.module or "")
            if node.module == "gureum":
                found |= {f"gureum.{alias.name}" for alias in node.names}
    return found


def package_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def upward(here: str, modules: Collection[str]) -> list[str]:
    """Return what a file of the package `here` imports although it may not."""
    wrong = []
    for module in sorted(modules):
        words = module.split(".")
        if words[0] != "gureum" or len(words) == 1 or words[1] in (here, "__version__"):
            continue
        lower = RANK[words[1]] < RANK[here]
        if not lower and (here, words[1]) not in BESIDE:
            wrong.append(module)
    return wrong


def test_a_file_imports_only_lower_layers() -> None:
    ranked = [path for path in FILES if package_of(path) not in ("__init__", "__main__")]
    unranked = {package_of(path) for path in ranked} - RANK.keys()
    assert not unranked, "in no layer: name them in LAYERS"
    found = {str(path): upward(package_of(path), imports_of(path)) for path in ranked}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_every_exception_is_made_use_of() -> None:
    used = {
        (package_of(path), module.split(".")[1])
        for path in FILES
        for module in imports_of(path)
        if module.startswith("gureum.")
    }
    assert set(BESIDE) <= used


def test_an_upward_import_is_found() -> None:
    tree = ast.parse("def f():\n    from gureum.cli.main import main")
    assert upward("model", imports(tree)) == ["gureum.cli.main"]
    assert upward("releases", {"gureum.config.setting"}) == ["gureum.config.setting"]


@pytest.mark.parametrize("path", sorted((SOURCE / "remote").glob("*.py")), ids=lambda p: p.name)
def test_what_runs_on_hosts_needs_only_the_standard_library(path: Path) -> None:
    """Hosts have a bare Python 3.9; nothing else of gureum goes there (D3)."""
    tree = ast.parse(path.read_text(), feature_version=(3, 9))
    for module in imports(tree):
        top = module.split(".")[0]
        assert (
            top in sys.stdlib_module_names
            or module.startswith("gureum.remote")
            or (module == "gureum")
        ), module


def test_the_openstack_client_is_imported_in_one_place() -> None:
    """Two threads that come into its circular imports from two sides break each other's."""
    late = {"openstack", "keystoneauth1", "requests"}
    # What gathers the options of a release runs inside that release, by itself.
    allowed = {SOURCE / "checks/client.py", SOURCE / "releases/gather_options.py"}
    found = {path for path in FILES if late & {name.split(".")[0] for name in imports_of(path)}}
    assert found == allowed
