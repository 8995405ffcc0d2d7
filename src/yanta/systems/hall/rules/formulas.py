"""Calculated fields: `[单价] * [数量]`, `sum([明细.金额])`, `days([开始], [结束])`; parsed once, computed here and in the browser.

What is parsed is a tree of lists, so that both sides walk the same tree and neither evaluates text:
`["*", ["field", "f1"], ["number", "2"]]`. Both compute with exact fractions and round once, half away from zero:
what the page shows is to the last digit what is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

Tree = list[Any]
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|\[([^\[\]]{1,80})\]|([a-z]+)|([-+*/(),]))")
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LONGEST, DEEPEST, MOST_PLACES = 400, 30, 9
FUNCTIONS = {"sum": (1, 1), "count": (1, 1), "days": (2, 2), "round": (1, 2), "min": (1, 9), "max": (1, 9)}


class FormulaError(ValueError):
    """What is wrong with a formula, for the person who wrote it."""


def parsed(text: str, names: Mapping[str, str]) -> Tree:
    """The tree of a formula; `names` leads from what a person calls a field (`明细.金额`) to its name (`f3.f4`)."""
    if len(text) > LONGEST:
        raise FormulaError(f"公式超过 {LONGEST} 个字符")
    reader = _Reader(_tokens(text), names)
    tree = reader.sum(0)
    if reader.rest:
        raise FormulaError(f"“{reader.rest[0][1]}”在这里没有意义")
    return tree


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise FormulaError(f"看不懂“{text[at : at + 10]}”，字段请写成 [字段名]")
        kind = ("number", "field", "call", "sign")[(match.lastindex or 1) - 1]
        found.append((kind, match[match.lastindex or 1]))
        at = match.end()
    if not found:
        raise FormulaError("公式是空的")
    return found


class _Reader:
    """Recursive descent: a sum of products of single things."""

    def __init__(self, tokens: list[tuple[str, str]], names: Mapping[str, str]) -> None:
        self.rest, self.names = tokens, names

    def _next(self, *signs: str) -> str:
        if self.rest and self.rest[0][0] == "sign" and self.rest[0][1] in signs:
            return self.rest.pop(0)[1]
        return ""

    def sum(self, depth: int) -> Tree:
        if depth > DEEPEST:
            raise FormulaError("括号嵌套太深")
        tree = self._product(depth)
        while sign := self._next("+", "-"):
            tree = [sign, tree, self._product(depth)]
        return tree

    def _product(self, depth: int) -> Tree:
        tree = self._single(depth)
        while sign := self._next("*", "/"):
            tree = [sign, tree, self._single(depth)]
        return tree

    def _single(self, depth: int) -> Tree:
        if self._next("-"):
            return ["-", ["number", "0"], self._single(depth + 1)]
        if self._next("("):
            tree = self.sum(depth + 1)
            self._close()
            return tree
        if not self.rest:
            raise FormulaError("公式没有写完")
        kind, text = self.rest.pop(0)
        if kind == "number":
            return ["number", unicodedata.normalize("NFKC", text)]
        if kind == "field":
            if text not in self.names:
                raise FormulaError(f"没有字段“{text}”")
            return ["field", self.names[text]]
        return self._call(text, depth) if kind == "call" else self._misplaced(text)

    def _call(self, name: str, depth: int) -> Tree:
        if name not in FUNCTIONS:
            raise FormulaError(f"没有函数 {name}，可用：{'、'.join(FUNCTIONS)}")
        if not self._next("("):
            raise FormulaError(f"{name} 后面应当是括号")
        given = [self.sum(depth + 1)]
        while self._next(","):
            given.append(self.sum(depth + 1))
        self._close()
        least, most = FUNCTIONS[name]
        if not least <= len(given) <= most:
            raise FormulaError(f"{name} 要 {least} 到 {most} 个值，写了 {len(given)} 个")
        return [name, *given]

    def _close(self) -> None:
        if not self._next(")"):
            raise FormulaError("少一个右括号")

    def _misplaced(self, text: str) -> Tree:
        raise FormulaError(f"“{text}”在这里没有意义")


def computed(tree: Tree, answers: Mapping[str, Any], *, places: int = 2) -> str | None:
    """The value as it is written, or nothing while something it needs is not filled in, or cannot be computed."""
    try:
        value = _value(tree, answers)
    except (ArithmeticError, TypeError, ValueError):
        return None
    if not isinstance(value, Fraction) or abs(value) >= 10**15:
        return None
    return _written(value, places)


def _value(tree: Tree, answers: Mapping[str, Any]) -> Any:
    head, *rest = tree
    if head == "number":
        return Fraction(rest[0])
    if head == "field":
        return _filled(answers, rest[0])
    if head == "days":
        return _days(*(_day(one, answers) for one in rest))
    return _DOES[head](*(_value(one, answers) for one in rest))


def _filled(answers: Mapping[str, Any], name: str) -> Any:
    """A number, or for a column of repeating rows the list of its values; one row sees its own under the same name."""
    part, _, column = name.partition(".")
    if column and name not in answers:
        return [as_number(row.get(column)) for row in answers.get(part) or []]
    value = answers.get(name)
    return [as_number(one) for one in value] if isinstance(value, list) else as_number(value)


def as_number(value: Any) -> Fraction | None:
    text = str(value)
    return Fraction(text) if NUMBER.fullmatch(text) else None


def _day(tree: Tree, answers: Mapping[str, Any]) -> date:
    text = str(answers.get(tree[1])) if tree[0] == "field" else ""
    if not _DAY.fullmatch(text):
        raise TypeError("not a day")
    return date.fromisoformat(text)


def _days(start: date, end: date) -> Fraction:
    """Both ends counted, as everybody counts days of absence."""
    return Fraction((end - start).days + 1)


def _rounded(value: Fraction, places: int) -> int:
    """How many units of the last place, half away from zero."""
    sign = -1 if value < 0 else 1
    return sign * int((2 * abs(value) * 10**places + 1) // 2)


def _written(value: Fraction, places: int) -> str:
    units = _rounded(value, places)
    whole, rest = divmod(abs(units), 10**places)
    return f"{'-' if units < 0 else ''}{whole}" + (f".{rest:0{places}d}" if places else "")


def _number(value: Any) -> Fraction:
    if not isinstance(value, Fraction):
        raise TypeError("not a number")
    return value


def _round(value: Any, places: Any = Fraction(0)) -> Fraction:
    digits = _number(places)
    if digits.denominator != 1 or not 0 <= digits <= MOST_PLACES:
        raise TypeError("not a number of places")
    return Fraction(_rounded(_number(value), int(digits)), 10 ** int(digits))


_DOES: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: _number(a) + _number(b),
    "-": lambda a, b: _number(a) - _number(b),
    "*": lambda a, b: _number(a) * _number(b),
    "/": lambda a, b: _number(a) / _number(b),
    "sum": lambda rows: sum((one for one in rows if one is not None), Fraction(0)),
    "count": lambda rows: Fraction(len(rows)),
    "round": _round,
    "min": lambda *given: min(map(_number, given)),
    "max": lambda *given: max(map(_number, given)),
}
