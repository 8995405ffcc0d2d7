"""What files a system has, and how long anything may be."""

import ast
import statistics
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT, name_of, python_files, tree_of

VOCABULARY = {
    "__init__", "adapters", "apps", "cards", "codes", "demo", "events", "handlers", "jobs", "migrations",
    "elements", "indicators", "lineage", "models", "public", "queries", "reports", "resources", "rules", "services", "tests", "urls",
    "views", "workflows",
}  # fmt: skip
NOT_PYTHON = {"README.md", "templates", "static", "processes", "forms", "__pycache__"}
FORBIDDEN = {"utils", "helpers", "common", "manager", "base2"}
LONG_FILE, LONGEST_FILE = 400, 600
LONGEST_FUNCTION, TYPICAL_FUNCTION = 50, 8

SYSTEMS = [path for path in (PACKAGE / "systems").iterdir() if (path / "apps.py").is_file()]


def functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                yield path, node


def length(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda path: path.name)
class TestSystems:
    def test_has_only_files_of_the_vocabulary(self, system: Path) -> None:
        found = {path.stem if path.suffix == ".py" else path.name for path in system.iterdir()}

        assert found <= VOCABULARY | NOT_PYTHON

    def test_says_what_it_is_on_one_screen(self, system: Path) -> None:
        readme = system / "README.md"

        assert readme.is_file(), f"{system.name} has no README.md"
        assert 5 < len(readme.read_text(encoding="utf-8").splitlines()) <= 60


class TestSizes:
    def test_no_file_is_a_drawer_for_everything(self) -> None:
        assert [name_of(path) for path in python_files() if path.stem in FORBIDDEN] == []

    def test_no_file_is_too_long(self) -> None:
        lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
        for name, count in lines.items():
            if count > LONG_FILE:
                warnings.warn(f"{name} has {count} lines; {LONG_FILE} is long", stacklevel=1)

        assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}

    def test_tests_are_no_exception(self) -> None:
        lines = {
            path.name: len(path.read_text("utf-8").splitlines()) for path in (ROOT / "tests").rglob("*.py")
        }

        assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}

    def test_no_function_is_too_long(self) -> None:
        long = {f"{name_of(path)}:{node.name}": length(node) for path, node in functions()}

        assert {name: count for name, count in long.items() if count > LONGEST_FUNCTION} == {}

    def test_functions_are_short(self) -> None:
        assert statistics.median(length(node) for _, node in functions()) <= TYPICAL_FUNCTION
