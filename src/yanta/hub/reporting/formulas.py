"""Formulas over cells: names, + - * / and brackets, nothing else. No value makes no value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache

from yanta.kernel.base import Refused

Number = Decimal | None
_OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Number]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b if b else None,
}


@cache
def parsed(text: str) -> ast.expr:
    """The tree of a formula; refuses what is none."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise Refused(f"公式“{text}”写法有误") from error
    for node in ast.walk(tree):
        if not isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Name, ast.Attribute, ast.Constant, ast.operator, ast.USub, ast.Load)):  # fmt: skip
            raise Refused(f"公式“{text}”只能用单元格、数字和加减乘除")
        if isinstance(node, ast.BinOp) and type(node.op) not in _OPERATORS:
            raise Refused(f"公式“{text}”只能用单元格、数字和加减乘除")
        if isinstance(node, ast.Constant) and not isinstance(node.value, int | float):
            raise Refused(f"公式“{text}”里只能写数字")
    return tree


def names(text: str) -> list[str]:
    """The cells a formula asks for, as written, once each."""
    return list(dict.fromkeys(_names(parsed(text))))


def _names(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name | ast.Attribute):
        yield _dotted(node)
    elif isinstance(node, ast.BinOp):
        yield from _names(node.left)
        yield from _names(node.right)
    elif isinstance(node, ast.UnaryOp):
        yield from _names(node.operand)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    raise Refused("公式里的单元格写作 行.列 或 表.行.列")


def value(text: str, look_up: Callable[[str], Number]) -> Number:
    """What a formula comes to; absent cells and division by nothing give nothing."""
    return _value(parsed(text), look_up)


def _value(node: ast.expr, look_up: Callable[[str], Number]) -> Number:
    if isinstance(node, ast.Constant):
        return Decimal(str(node.value))
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, look_up)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, look_up), _value(node.right, look_up)
        return None if left is None or right is None else _OPERATORS[type(node.op)](left, right)
    return look_up(_dotted(node))


def full(name: str, table: str, row: str, column: str) -> str:
    """`table.row.column` of a name as written in a row's or a column's formula."""
    parts = name.split(".")
    if len(parts) == 3:
        return name
    if len(parts) == 2:
        return f"{table}.{name}"
    return f"{table}.{row}.{name}" if column == "*" else f"{table}.{name}.{column}"
