"""Imports point one way, from the command line down to the model (D3, docs/explanation)."""

from __future__ import annotations

import ast
import sys
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
    ("config", "releases"): "options are checked against the schema of a release",
}
"""Imports between packages of one layer, each with its reason; the other way round is an error."""

RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
FILES = sorted(SOURCE.rglob("*.py"))


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


def upward(here: str, modules: set[str]) -> list[str]:
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


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_file_imports_only_lower_layers(path: Path) -> None:
    here = package_of(path)
    if here in ("__init__", "__main__"):
        return
    assert here in RANK, f"{here} is in no layer: name it in LAYERS"
    assert not upward(here, imports(ast.parse(path.read_text())))


def test_every_exception_is_made_use_of() -> None:
    used = {
        (package_of(path), module.split(".")[1])
        for path in FILES
        for module in imports(ast.parse(path.read_text()))
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
