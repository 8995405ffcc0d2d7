"""One code set in memory: every way of writing a value that means exactly one of its codes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from yanta.kernel.base.texts import clean_identifier
from yanta.kernel.codes.rules.closeness import closest

_SPREADSHEET_NUMBER = re.compile(r"(\d+)\.0+", re.ASCII)
_CODE_THEN_NAME = re.compile(r"([0-9A-Z]+)[-_|:/.、]*(\D.*)")
_NAME_THEN_CODE = re.compile(r"(.*\D)[(\[]([0-9A-Z]+)[)\]]")


def fold(value: object) -> str:
    """How written values are compared: half width, no blanks, upper case, no `.0` of spreadsheets."""
    text = clean_identifier(str(value))
    number = _SPREADSHEET_NUMBER.fullmatch(text)
    return number[1] if number else text


@dataclass(frozen=True, slots=True)
class Entry:
    """One code as it stands in a set; `valid_to` is exclusive."""

    code: str
    name: str
    parent: str = ""
    note: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str = ""
    successor_set: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def in_force(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on < self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Validated:
    """The answer to "is this value in the set": which code it is, or why not and what was perhaps meant."""

    ok: bool
    code: str = ""
    name: str = ""
    reason: str = ""
    suggestions: tuple[str, ...] = ()
    successor: str = ""
    successor_set: str = ""
    retired_on: date | None = None


@dataclass(frozen=True)
class CodeTable:
    """A code set ready for look-up; `aliases` are (written form, code) pairs."""

    set_id: str
    title: str
    entries: Mapping[str, Entry]
    aliases: tuple[tuple[str, str], ...] = ()
    revision: int = 0

    @cached_property
    def forms(self) -> dict[str, str]:
        """Folded written form → code, for forms that mean one code only."""
        forms = {fold(code): code for code in self.entries}
        layers = (self.aliases, self._names(), self._paths(), self._short_numerals())
        for layer in layers:
            for form, code in _unambiguous(layer, self.entries).items():
                forms.setdefault(form, code)
        return forms

    @cached_property
    def hierarchical(self) -> bool:
        return any(entry.parent for entry in self.entries.values())

    @cached_property
    def children(self) -> dict[str, list[Entry]]:
        """Parent code → its entries, in the order of the set; the roots under the empty code."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            found[entry.parent].append(entry)
        return dict(found)

    @cached_property
    def namesakes(self) -> dict[str, tuple[str, ...]]:
        """Folded name → every code that is called so."""
        found: dict[str, list[str]] = defaultdict(list)
        for code, entry in self.entries.items():
            found[fold(entry.name)].append(code)
        return {name: tuple(codes) for name, codes in found.items()}

    def ancestors(self, code: str) -> list[Entry]:
        """From the root down to the code itself; a parent that is missing ends the line."""
        line: list[Entry] = []
        entry = self.entries.get(code)
        while entry is not None and entry not in line:
            line.insert(0, entry)
            entry = self.entries.get(entry.parent)
        return line

    def path_name(self, code: str) -> str:
        """`陕西省/西安市/雁塔区`."""
        return "/".join(entry.name for entry in self.ancestors(code))

    def code_of(self, value: object) -> str | None:
        """The code that a written value means, or None."""
        form = fold(value)
        return self.forms.get(form) or self._of_both(form)

    def validate(self, value: object, *, on: date | None = None) -> Validated:
        """Judge a written value; with a date, a code out of force then is refused and its successor named."""
        code = self.code_of(value)
        if code is None:
            return self._not_found(value)
        entry = self.entries[code]
        facts = (entry.successor, entry.successor_set, entry.valid_to)
        if on is not None and not entry.in_force(on):
            return Validated(False, code, entry.name, _not_in_force(entry, on), self._instead(entry), *facts)
        return Validated(True, code, entry.name, "", (), *facts)

    def near(self, value: object, *, limit: int = 5) -> tuple[str, ...]:
        """Codes whose names look like the value, the likeliest first."""
        names = {entry.name: code for code, entry in reversed(list(self.entries.items()))}
        return tuple(names[name] for name in closest(names, fold(value), limit=limit))

    def _not_found(self, value: object) -> Validated:
        same = self.namesakes.get(fold(value), ())
        if len(same) > 1:
            reason = f"{self.title}中有 {len(same)} 个“{value}”，请写上级名称或代码"
            return Validated(False, reason=reason, suggestions=same)
        return Validated(False, reason=f"“{value}”不在{self.title}中", suggestions=self.near(value))

    def _of_both(self, form: str) -> str | None:
        """`01-汉族` and `汉族(01)` say it twice; both must mean the same code."""
        match = _CODE_THEN_NAME.fullmatch(form) or _NAME_THEN_CODE.fullmatch(form)
        if match is None:
            return None
        first, second = self.forms.get(match[1]), self.forms.get(match[2])
        return first if first == second else None

    def _instead(self, entry: Entry) -> tuple[str, ...]:
        same_set = entry.successor and entry.successor_set in ("", self.set_id)
        return (entry.successor,) if same_set else ()

    def _names(self) -> Iterable[tuple[str, str]]:
        return ((entry.name, code) for code, entry in self.entries.items())

    def _paths(self) -> Iterable[tuple[str, str]]:
        if not self.hierarchical:
            return
        for code in self.entries:
            names = [entry.name for entry in self.ancestors(code)]
            for start in range(len(names) - 1):
                yield "".join(names[start:]), code

    def _short_numerals(self) -> Iterable[tuple[str, str]]:
        """`1` for `01`, as spreadsheets write it, where all codes are digits of one width."""
        widths = {len(code) for code in self.entries}
        if len(widths) != 1 or not all(code.isascii() and code.isdecimal() for code in self.entries):
            return
        for code in self.entries:
            yield code.lstrip("0") or "0", code


def _unambiguous(pairs: Iterable[tuple[str, str]], entries: Mapping[str, Entry]) -> dict[str, str]:
    """Forms of one code; where a retired code shares its name with one in force, the latter is meant."""
    found: dict[str, set[str]] = defaultdict(set)
    for form, code in pairs:
        found[fold(form)].add(code)
    kept = {}
    for form, codes in found.items():
        lasting = {code for code in codes if entries[code].valid_to is None} if len(codes) > 1 else codes
        if form and len(lasting) == 1:
            kept[form] = next(iter(lasting))
    return kept


def _not_in_force(entry: Entry, on: date) -> str:
    if entry.valid_from is not None and on < entry.valid_from:
        return f"{entry.code}（{entry.name}）自 {entry.valid_from} 起启用"
    follows = f"，改用 {entry.successor}" if entry.successor else ""
    return f"{entry.code}（{entry.name}）已于 {entry.valid_to} 停用{follows}"
