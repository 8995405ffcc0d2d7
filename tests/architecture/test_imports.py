"""The storeys; the contracts themselves stand in pyproject.toml."""

import ast

import pytest

from tests.architecture.source import PACKAGE, name_of, python_files, tree_of
from yanta.config.systems import INSTALLED

PUBLIC = {"public", "events"}
SYSTEMS = {name.rpartition(".")[2]: name for name in INSTALLED if name.startswith("yanta.systems.")}


def imported_modules(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def crosses_over(module: str, system: str, *, in_test: bool) -> bool:
    """Whether an import reaches into another system past what it publishes; a test may begin where a neighbour's tests do."""
    parts = module.split(".")
    if parts[:2] != ["yanta", "systems"] or len(parts) < 3 or parts[2] == system:
        return False
    return len(parts) < 4 or parts[3] not in (PUBLIC | {"tests"} if in_test else PUBLIC)


@pytest.mark.parametrize("system", SYSTEMS)
def test_systems_meet_only_at_what_they_publish(system: str) -> None:
    beyond = [
        f"{name_of(path)} imports {module}"
        for path in python_files()
        if path.is_relative_to(PACKAGE / "systems" / system)
        for module in imported_modules(tree_of(path))
        if crosses_over(module, system, in_test="tests" in path.parts)
    ]

    assert beyond == []


def test_every_system_in_the_tree_is_installed() -> None:
    there = {path.parent.name for path in (PACKAGE / "systems").glob("*/apps.py")}

    assert there == set(SYSTEMS)
