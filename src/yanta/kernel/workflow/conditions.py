"""What is drawn on a flow is looked up and compared, never executed: declared names, constants, comparisons."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from simpleeval import (  # type: ignore[import-untyped]  # brings no types
    EvalWithCompoundTypes,
    InvalidExpression,
)

from yanta.kernel.base import Refused

LONGEST = 300
_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub, ast.Mult,
    ast.Div, ast.Mod, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is,
    ast.IsNot, ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple, ast.IfExp, ast.Call,
)  # fmt: skip
FUNCTIONS: dict[str, Any] = {"len": len, "min": min, "max": max, "abs": abs, "round": round}
_WRAPPED = re.compile(r"^\s*[$#]\{(.*)\}\s*$", re.DOTALL)
_WORDS = (("&&", " and "), ("||", " or "), ("&lt;", "<"), ("&gt;", ">"))


class NotACondition(ValueError):  # noqa: N818 - an answer, not an error
    """The text is no condition; the message is for the person who draws."""


@lru_cache(maxsize=4096)
def compiled(text: str) -> ast.expr:
    """The parsed condition; `NotACondition` for whatever is beyond comparing values."""
    source = plain(text)
    if len(source) > LONGEST:
        raise NotACondition(f"条件超过 {LONGEST} 个字符")
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotACondition(f"条件“{text[:60]}”不是完整的比较式") from error
    for node in ast.walk(tree):
        _check(node, text)
    return tree.body


def _check(node: ast.AST, text: str) -> None:
    if not isinstance(node, _ALLOWED):
        raise NotACondition(f"条件“{text[:60]}”里有不允许的写法：只能用名称、常量、比较和与或非")
    if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
        raise NotACondition(f"条件“{text[:60]}”里的函数不可用，可用的是 {'、'.join(FUNCTIONS)}")
    if isinstance(node, ast.Name) and node.id.startswith("_"):
        raise NotACondition(f"条件“{text[:60]}”里的名称“{node.id}”不可用")


def plain(text: str) -> str:
    """The condition without the wrapping of other tools: `${days > 3}`."""
    found = _WRAPPED.match(text)
    source = found[1] if found else text
    for there, here in _WORDS:
        source = source.replace(there, here)
    return source.strip().removeprefix("=").strip()


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """The names of data that a condition reads."""
    tree = compiled(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}
    return frozenset(found - {"true", "false", "null"})


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """What the condition comes to; a name that nobody declared is refused in words."""
    try:
        tree = compiled(text)
        missing = sorted(names_in(text) - set(names))
        if missing:
            raise Refused(f"流程条件“{text}”用到了没有声明的名称“{missing[0]}”", rule="condition")
        known = {**names, "true": True, "false": False, "null": None}
        return EvalWithCompoundTypes(names=known, functions=FUNCTIONS).eval(
            plain(text), previously_parsed=tree
        )
    except NotACondition as error:
        raise Refused(str(error), rule="condition") from error
    except (InvalidExpression, TypeError, ArithmeticError, ValueError) as error:
        raise Refused(f"流程条件“{text}”算不出结果：{error}", rule="condition") from error
