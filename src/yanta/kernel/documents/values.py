"""What a binding says about a person: the words for a slot, in the form's own style."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from simpleeval import (  # type: ignore[import-untyped]  # brings no types
    EvalWithCompoundTypes,
    InvalidExpression,
)

from yanta.kernel.base.elements import Element, Known, declared
from yanta.kernel.documents.model import Binding

STYLES = {
    "zh": "2026年11月21日", "zh-month": "2026年11月", "dot": "2026.11.21", "dot-month": "2026.11", "dash": "2026-11-21",
    "dash-month": "2026-11", "slash": "2026/11/21", "han": "二〇二六年十一月二十一日", "han-month": "二〇二六年十一月",
    "year": "2026",
}  # fmt: skip
_FORMATS = {
    "zh": "{0.year}年{0.month}月{0.day}日", "zh-month": "{0.year}年{0.month}月", "dot": "{0:%Y.%m.%d}",
    "dot-month": "{0:%Y.%m}", "dash": "{0:%Y-%m-%d}", "dash-month": "{0:%Y-%m}", "slash": "{0:%Y/%m/%d}", "year": "{0.year}",
}  # fmt: skip
# What copies from other systems carry along and XML cannot hold, or paper cannot show.
_SPACES = re.compile(r"[\t\x0b\x0c\r\x85\u2028\u2029]+")
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff\ud800-\udfff\u200b\ufeff]")
_DIGITS = "〇一二三四五六七八九"
_BRACES = re.compile(r"\{([^{}]*)\}")
_CHOICE = re.compile(r"(?P<when>[^?？]+)[?？](?P<then>[^:：]*)[:：](?P<other>.*)", re.DOTALL)
_NAME = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+|\btoday\b")
CHOSEN = {"true", "yes", "1", "是", "有"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The words, what stands behind them, and which elements were wanted and not known."""

    text: str
    value: Any = None
    used: tuple[tuple[str, Known], ...] = ()
    missing: tuple[str, ...] = ()
    is_wanted: bool = True


@dataclass(slots=True)
class _Reader:
    known: Mapping[str, Known]
    used: dict[str, Known] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def get(self, name: str) -> Known | None:
        found = self.known.get(name)
        if found is None:
            self.missing.append(name)
        else:
            self.used[name] = found
        return found

    def shown(self, name: str, style: str) -> str:
        found = self.get(name)
        return "" if found is None else styled(found, style)

    def holds(self, condition: str) -> bool:
        """Conditions are expressions over elements, never code."""
        names: dict[str, Any] = {}

        def named(match: re.Match[str]) -> str:
            key = f"e{len(names)}"
            found = self.known.get(match[0])
            names[key] = (
                None
                if found is None
                else found.shown
                if isinstance(found.value, str | bytes)
                else found.value
            )
            return key

        try:
            return bool(
                EvalWithCompoundTypes(names=names).eval(
                    _NAME.sub(named, condition.strip()) if condition else "True"
                )
            )
        except (InvalidExpression, SyntaxError, TypeError, ValueError, ArithmeticError, KeyError) as error:
            raise ConditionError(condition) from error


class ConditionError(Exception):
    """A condition that cannot be read."""


def answer(binding: Binding, known: Mapping[str, Known]) -> Answer:
    """What goes into the slot; `is_wanted` is false when the condition keeps it empty on purpose."""
    reader = _Reader(known)
    if binding.when and not reader.holds(binding.when):
        return Answer("", is_wanted=False)
    if binding.text:
        text = _BRACES.sub(lambda match: _brace(match[1], reader), binding.text)
        return Answer(tidy(text), text, tuple(reader.used.items()), tuple(reader.missing))
    found = reader.get(binding.element)
    if found is None:
        return Answer("", missing=(binding.element,))
    return Answer(tidy(styled(found, binding.style)), found.value, ((binding.element, found),))


def tidy(text: str) -> str:
    """The same words, with nothing in them that would break a file or leave a hole on paper."""
    return _ILLEGAL.sub("", _SPACES.sub(" ", text)).strip("\n")


def _brace(inner: str, reader: _Reader) -> str:
    choice = _CHOICE.fullmatch(inner)
    if choice is None:
        name, _, style = inner.partition("|")
        return reader.shown(name.strip(), style.strip())
    said = choice["then"] if reader.holds(choice["when"]) else choice["other"]
    return said.strip()


def styled(known: Known, style: str) -> str:
    """A value as the form writes it; without a style as a person reads it."""
    if isinstance(known.value, date) and style in STYLES:
        return day(known.value, style)
    return (
        plain_number(known.value) if style == "number" and isinstance(known.value, Decimal) else known.shown
    )


def plain_number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def day(value: date, style: str) -> str:
    if style.startswith("han"):
        year = "".join(_DIGITS[int(digit)] for digit in str(value.year))
        end = "" if style == "han-month" else f"{_count(value.day)}日"
        return f"{year}年{_count(value.month)}月{end}"
    return _FORMATS[style].format(value)


def _count(number: int) -> str:
    """One to thirty-one in words."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def cell_text(value: Any, style: str = "") -> str:
    """A value of one column of a rows element."""
    if isinstance(value, date):
        return day(value, style or "dot-month")
    if isinstance(value, Decimal):
        return plain_number(value)
    return "" if value is None else tidy(str(value))


def names_in(binding: Binding, among: Collection[str] | None = None) -> set[str]:
    """Elements that a binding asks for, among all that somebody answers for unless others are given."""
    asked = set(_NAME.findall(binding.when)) | ({binding.element} if binding.element else set())
    for inner in _BRACES.findall(binding.text):
        asked |= set(_NAME.findall(inner))
    return asked & set(declared() if among is None else among)


def element_of(binding: Binding) -> Element | None:
    return declared().get(binding.element)
