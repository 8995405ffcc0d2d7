"""Expressions over named parts: numbers, names, + - * / and brackets. Read by a small parser, never evaluated as code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from yanta.kernel.base import Refused

LONGEST = 200
_TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-z][a-z0-9_]*)|(?P<sign>[-+*/()]))")
Value: TypeAlias = Decimal | None
Compute: TypeAlias = Callable[[Mapping[str, Value]], Value]


@dataclass(frozen=True, slots=True)
class Expression:
    """What was read: `names` are the parts it needs; what is unknown or divided by nothing has no value."""

    text: str
    names: frozenset[str]
    compute: Compute

    def of(self, values: Mapping[str, Value]) -> Value:
        return self.compute(values)


def read(text: str) -> Expression:
    """The expression; refuses in words what is none."""
    if len(text) > LONGEST:
        raise Refused(f"算式不能超过 {LONGEST} 个字符")
    reader = _Reader(_tokens(text), text)
    compute = reader.sum()
    reader.end()
    return Expression(text, frozenset(reader.names), compute)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Refused(
                f"算式第 {at + 1} 个字符“{text[at:].strip()[:1]}”读不懂，只能用数字、名称、+ - * / 和括号"
            )
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        at = match.end()
    return found


class _Reader:
    """Sum of products of single terms, from left to right."""

    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self._tokens, self._at, self._text = tokens, 0, text
        self.names: set[str] = set()

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _takes(self, *signs: str) -> str:
        kind, word = self._next()
        if kind == "sign" and word in signs:
            self._at += 1
            return word
        return ""

    def end(self) -> None:
        if self._next() != ("", ""):
            raise Refused(f"算式“{self._text}”在“{self._next()[1]}”处多了东西")

    def sum(self) -> Compute:
        left = self.product()
        while sign := self._takes("+", "-"):
            left = _joined(sign, left, self.product())
        return left

    def product(self) -> Compute:
        left = self.term()
        while sign := self._takes("*", "/"):
            left = _joined(sign, left, self.term())
        return left

    def term(self) -> Compute:
        if self._takes("-"):
            inner = self.term()
            return lambda values: None if (found := inner(values)) is None else -found
        if self._takes("("):
            inside = self.sum()
            if not self._takes(")"):
                raise Refused(f"算式“{self._text}”少一个右括号")
            return inside
        kind, word = self._next()
        if kind not in ("number", "name"):
            raise Refused(f"算式“{self._text}”在“{word or '末尾'}”处少了一个数或名称")
        self._at += 1
        if kind == "number":
            constant = Decimal(word)
            return lambda values: constant
        self.names.add(word)
        return lambda values: values.get(word)


def _joined(sign: str, left: Compute, right: Compute) -> Compute:
    def compute(values: Mapping[str, Value]) -> Value:
        first, second = left(values), right(values)
        if first is None or second is None or (sign == "/" and second == 0):
            return None
        return _SIGNS[sign](first, second)

    return compute


_SIGNS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
