"""What imports cannot show: ways round the declared ones, identifiers, unfinished work."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import PACKAGE, ROOT, name_of, python_files, tree_of

# Data elements are named by the standards, in pinyin initials; these packages speak of them.
SPEAKS_OF_ELEMENTS = ("kernel/codes", "hub")
PINYIN = re.compile(
    r"(?:^|_)(?:xuesheng|jiaoshi|xueyuan|xingming|xuehao|gonghao|zhuanye|banji|kecheng|bumen|shenfenzheng|"
    r"chengji|xueqi|jiaoxue|sushe|renyuan|danwei|xingbie|minzu|jiguan|leixing|zhuangtai|xm|xbm|mzm|xh|gh|sfzjh)(?:_|$)"
)


def business(path: Path) -> bool:
    return path.is_relative_to(PACKAGE / "systems")


def names(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


def test_no_system_fetches_a_model_by_name() -> None:
    calls = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files()
        if business(path) and "tests" not in path.parts
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "get_model"
    ]

    assert calls == []


def test_identifiers_are_english() -> None:
    found = {
        f"{name_of(path)}: {name}"
        for path in python_files()
        if not str(path.relative_to(PACKAGE)).startswith(SPEAKS_OF_ELEMENTS)
        for name in names(path)
        if PINYIN.search(name.lower())
    }

    assert found == set()


def test_nothing_is_left_to_do() -> None:
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX)\b|raise NotImplementedError")
    found = [name_of(path) for path in python_files() if marks.search(path.read_text(encoding="utf-8"))]

    assert found == []


def test_every_exception_carries_its_reason() -> None:
    bare = re.compile(r"# (?:noqa|type: ignore)(?:: ?[A-Z]+\d+(?:, ?[A-Z]+\d+)*|\[[\w, -]+\])?\s*$")
    found = [
        f"{name_of(path)}:{number}"
        for path in python_files()
        if "tests" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]

    assert len(found) <= ALLOWED_BARE_EXCEPTIONS, found


# A ratchet: it only shrinks.
ALLOWED_BARE_EXCEPTIONS = 60


def read_at_import(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that run when a module is imported; a class body and a decorator do, the body of a function does not."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            given = [
                *node.args.defaults,
                *filter(None, node.args.kw_defaults),
                *getattr(node, "decorator_list", ()),
            ]
            yield from read_at_import(ast.Tuple(given))
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from read_at_import(node)


def test_nothing_reads_the_clock_when_it_is_imported() -> None:
    """A process lives for weeks and a run of the tests for an hour: such a time is soon another's."""
    early = [
        f"{name_of(path)}:{call.lineno}"
        for path in (*python_files(), *sorted((ROOT / "tests").rglob("*.py")))
        for call in read_at_import(tree_of(path))
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"now", "localdate", "localtime", "today", "utcnow"}
    ]

    assert early == []
