"""Numbers that the school gives out: what they are made of, e.g. `{year:4}{college:2}{seq:4}{check:luhn}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from yanta.kernel.base import Refused
from yanta.kernel.base.texts import clean_identifier
from yanta.kernel.codes.rules.checks import luhn_check, mod11_2_check

CHECKS: dict[str, Callable[[str], str]] = {"mod11-2": mod11_2_check, "luhn": luhn_check}
_PIECE = re.compile(r"\{(?P<name>[a-z_]+):(?P<option>[a-z0-9-]+)\}|(?P<text>[^{}]+)")
SEQUENCE, CHECK = "seq", "check"


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a number: fixed text, a named value, the running number or the check digit."""

    name: str
    width: int
    text: str = ""
    method: str = ""

    @property
    def shape(self) -> str:
        if self.text:
            return re.escape(self.text)
        if self.name == SEQUENCE:
            return rf"(?P<{SEQUENCE}>\d{{{self.width}}})"
        signs = r"[0-9X]" if self.name == CHECK else r"[0-9A-Z]"
        return f"(?P<{self.name}>{signs}{{{self.width}}})"


@dataclass(frozen=True)
class Pattern:
    """A parsed numbering rule."""

    segments: tuple[Segment, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a rule as people write it; Refused says what is wrong with it."""
        matches = list(_PIECE.finditer(text))
        if not text or "".join(match.group() for match in matches) != text:
            raise Refused("号码规则应由文字和 {名称:位数} 组成", field="pattern")
        segments = tuple(_segment(match) for match in matches)
        names = [segment.name for segment in segments if segment.name]
        if names.count(SEQUENCE) != 1:
            raise Refused("号码规则必须有且只有一个流水号 {seq:位数}", field="pattern")
        if len(set(names)) != len(names):
            raise Refused("号码规则中的名称不能重复", field="pattern")
        if CHECK in names and segments[-1].name != CHECK:
            raise Refused("校验位必须是最后一段", field="pattern")
        return cls(segments)

    @property
    def width(self) -> int:
        return sum(segment.width for segment in self.segments)

    @property
    def values(self) -> tuple[str, ...]:
        """The names that the caller supplies."""
        return tuple(s.name for s in self.segments if s.name and s.name not in {SEQUENCE, CHECK})

    @property
    def capacity(self) -> int:
        """The largest running number."""
        return int(10 ** next(s.width for s in self.segments if s.name == SEQUENCE)) - 1

    @cached_property
    def _shape(self) -> re.Pattern[str]:
        return re.compile("".join(segment.shape for segment in self.segments))

    def fitted(self, values: Mapping[str, str | int]) -> dict[str, str]:
        """The values in the width of their segments; Refused when one is missing or too wide."""
        return {s.name: _fit(s, values) for s in self.segments if s.name in self.values}

    def compose(self, values: Mapping[str, str], sequence: int) -> str:
        """The number for fitted values and a running number."""
        if sequence > self.capacity:
            raise Refused(f"流水号已用完（最多 {self.capacity} 个），请调整号码规则")
        number = ""
        for segment in self.segments:
            number += self._piece(segment, values, sequence, number)
        return number

    @staticmethod
    def _piece(segment: Segment, values: Mapping[str, str], sequence: int, before: str) -> str:
        if segment.text:
            return segment.text
        if segment.name == SEQUENCE:
            return str(sequence).zfill(segment.width)
        return CHECKS[segment.method](before) if segment.name == CHECK else values[segment.name]

    def read(self, text: str) -> dict[str, str]:
        """The pieces of a number; Refused says why it does not follow the rule."""
        number = clean_identifier(text)
        match = self._shape.fullmatch(number)
        if match is None:
            raise Refused(f"{number} 不符合号码规则")
        last = self.segments[-1]
        if last.name == CHECK and CHECKS[last.method](number[:-1]) != number[-1]:
            raise Refused(f"{number} 的校验位应为 {CHECKS[last.method](number[:-1])}")
        return match.groupdict()


def scope_key(values: Mapping[str, str], names: Sequence[str]) -> str:
    """Within what a running number counts, e.g. `year=2026;college=01`; empty counts for the whole rule."""
    return ";".join(f"{name}={values[name]}" for name in names)


def _segment(match: re.Match[str]) -> Segment:
    name, option, text = match["name"], match["option"], match["text"]
    if text:
        return Segment("", len(text), text=clean_identifier(text))
    if name == CHECK:
        if option not in CHECKS:
            raise Refused(f"校验方法只能是 {'、'.join(CHECKS)}", field="pattern")
        return Segment(CHECK, 1, method=option)
    if not option.isdecimal() or not 1 <= int(option) <= 12:
        raise Refused(f"{{{name}:{option}}} 的位数应为 1–12", field="pattern")
    return Segment(name, int(option))


def _fit(segment: Segment, values: Mapping[str, str | int]) -> str:
    if segment.name not in values:
        raise Refused(f"缺少号码中的 {segment.name}")
    value = clean_identifier(str(values[segment.name]))
    if segment.name == "year":
        value = value[-segment.width :]
    if not value or len(value) > segment.width or not value.isascii() or not value.isalnum():
        raise Refused(f"{segment.name} 应为不超过 {segment.width} 位的字母或数字，实为 {value or '空'}")
    return value.zfill(segment.width)
