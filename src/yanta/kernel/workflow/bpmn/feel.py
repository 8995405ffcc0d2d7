"""The cells of a decision table: `-`, `5`, `"事假"`, `"事假", "病假"`, `> 3`, `[1..7)`, `not("公假")`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from yanta.kernel.workflow.conditions import NotACondition

Test = Callable[[Any], bool]
_TEXT = r'"(?:[^"\\]|\\.)*"'
_VALUE = rf'(?:{_TEXT}|-?\d+(?:\.\d+)?|true|false|null|date\(\s*"\d{{4}}-\d\d-\d\d"\s*\))'
_RANGE = re.compile(rf"([\[\](])\s*({_VALUE})\s*\.\.\s*({_VALUE})\s*([\[\])])")
_COMPARED = re.compile(rf"(<=|>=|<|>|!=|=)\s*({_VALUE})")
_PART = re.compile(rf"\s*({_RANGE.pattern}|{_COMPARED.pattern}|{_VALUE})\s*(,|$)")
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip


def holds(cell: str, value: Any) -> bool:
    """Whether the value passes the test written in the cell."""
    return parsed(cell)(_comparable(value))


@lru_cache(maxsize=5000)
def parsed(cell: str) -> Test:
    """The test; NotACondition where a cell says more than is understood."""
    text = cell.strip()
    if text in ("", "-"):
        return lambda _value: True
    if (found := _NOT.fullmatch(text)) is not None:
        inner = parsed(found[1])
        return lambda value: not inner(value)
    tests, at = [], 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise NotACondition(f"决策表的格子“{cell}”看不懂")
        tests.append(_one(part[1].strip()))
        at = part.end()
    return lambda value: any(test(value) for test in tests)


_SIGNS = {"<": "小于", "<=": "不超过", ">": "大于", ">=": "不少于", "=": "", "!=": "不是 "}
_FULL_WIDTH = str.maketrans("＞＜＝，“”（）－", '><=,""()-')
_BARE = re.compile(r"[^\W\d][\w·（） /-]*")


def tidied(cell: str) -> str:
    """As people type it, as it is written: `≥3` is `>= 3`, a bare word is a text."""
    text = cell.strip()
    if text in ("", "-") or _is_understood(text):
        return text
    plain = _half_width(text)
    if (found := _NOT.fullmatch(plain)) is not None:
        return f"not({tidied(found[1])})"
    if _is_understood(plain):
        return plain
    quoted = ", ".join(_quoted(part.strip()) for part in re.split("[,，、]", text))
    return quoted if _is_understood(quoted) else text


def _quoted(part: str) -> str:
    """A text where it is a bare word, whatever else it is as it is."""
    return f'"{part}"' if _BARE.fullmatch(part) and not _is_understood(part) else _half_width(part)


def _half_width(text: str) -> str:
    return text.translate(_FULL_WIDTH).replace("≥", ">=").replace("≤", "<=").replace("≠", "!=")


def _is_understood(cell: str) -> bool:
    try:
        parsed(cell)
    except NotACondition:
        return False
    return True


def said(cell: str) -> str:
    """What a cell asks, in words; it must be one that is understood."""
    text = cell.strip()
    if text in ("", "-"):
        return "不限"
    if (found := _NOT.fullmatch(text)) is not None:
        return f"不是 {said(found[1])}"
    return " 或 ".join(_said(part[1].strip()) for part in _PART.finditer(text))


def _said(text: str) -> str:
    if (found := _RANGE.fullmatch(text)) is not None:
        low, high = (_plainly(one) for one in (found[2], found[3]))
        return f"从 {low}{' ' if found[1] == '[' else '（不含）'}到 {high}{'' if found[4] == ']' else '（不含）'}"
    if (found := _COMPARED.fullmatch(text)) is not None:
        return f"{_SIGNS[found[1]]} {_plainly(found[2])}".strip()
    return _plainly(text)


def _plainly(text: str) -> str:
    value = _literal(text)
    return (
        {True: "是", False: "否", None: "没有填"}[value]
        if value is None or isinstance(value, bool)
        else str(value)
    )


def edges(cell: str) -> list[Any]:
    """The values named in a cell: where its answer may change."""
    return (
        [_literal(found[0]) for found in re.finditer(_VALUE, cell)] if cell.strip() not in ("", "-") else []
    )


def _one(text: str) -> Test:
    if (found := _RANGE.fullmatch(text)) is not None:
        return _between(found[1] == "[", _literal(found[2]), _literal(found[3]), found[4] == "]")
    if (found := _COMPARED.fullmatch(text)) is not None:
        return _compared(found[1], _literal(found[2]))
    return _compared("=", _literal(text))


def _between(from_closed: bool, low: Any, high: Any, to_closed: bool) -> Test:
    above, below = _compared(">=" if from_closed else ">", low), _compared("<=" if to_closed else "<", high)
    return lambda value: above(value) and below(value)


def _compared(sign: str, right: Any) -> Test:
    def test(value: Any) -> bool:
        if sign in ("=", "!=") or (
            value is not None and isinstance(value, type(right)) and not isinstance(value, bool)
        ):
            return _COMPARE[sign](value, right)
        return False

    return test


def value_of(text: str) -> Any:
    """What a person types to try a table: a number, a date, yes or no, else a text."""
    words = {"是": True, "否": False, "": None}
    if text in words:
        return words[text]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    return _literal(text) if re.fullmatch(_VALUE, text) else text


def _literal(text: str) -> Any:
    if text.startswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if text.startswith("date"):
        return date.fromisoformat(text.split('"')[1])
    named: dict[str, Any] = {"true": True, "false": False, "null": None}
    return named[text] if text in named else Decimal(text)


def _comparable(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    return str(value) if isinstance(value, str) else value
