"""The text of a certificate: paragraphs with places that are filled, and tables. Nothing in it is ever run.

```
{person.name}，性别{person.sex}，系我校{student.department}学生。职称：{staff.title?}
[表 student.marks：学期=term，课程=course，成绩=score]
```
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

# What a certificate knows of itself.
OWN = frozenset({"purpose", "issued_on", "number", "valid_to"})
MOST_LINES, MOST_TEXT = 60, 4000
_SLOT = re.compile(r"\{\s*([a-z][a-z0-9_.]*)(\?)?\s*\}")
_TABLE = re.compile(r"^\[\s*表\s+([a-z][a-z0-9_.]*)\s*[：:]\s*(.+?)\s*\]$")
_BRACES = re.compile(r"[{}]")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for an element; one that need not be known is left empty."""

    name: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    parts: tuple[str | Slot, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of an element, under headings: (heading, column)."""

    name: str
    columns: tuple[tuple[str, str], ...]


Block = Paragraph | Table


def blocks_in(text: str) -> list[Block]:
    """The text as blocks; `problems_in` says beforehand whether it can be read."""
    return [_block(line.strip()) for line in text.splitlines() if line.strip()]


def _block(line: str) -> Block:
    table = _TABLE.match(line)
    if table:
        pairs = [part.partition("=") for part in re.split(r"[，,]", table[2]) if part.strip()]
        return Table(table[1], tuple((label.strip(), name.strip()) for label, _, name in pairs))
    return Paragraph(tuple(_parts(line)))


def _parts(line: str) -> Iterator[str | Slot]:
    at = 0
    for found in _SLOT.finditer(line):
        if found.start() > at:
            yield line[at : found.start()]
        yield Slot(found[1], bool(found[2]))
        at = found.end()
    if at < len(line):
        yield line[at:]


def elements_of(blocks: Sequence[Block]) -> dict[str, bool]:
    """Every element that is asked for, and whether it must be known."""
    found: dict[str, bool] = {}
    for block in blocks:
        slots = (
            [Slot(block.name)]
            if isinstance(block, Table)
            else [one for one in block.parts if isinstance(one, Slot)]
        )
        for slot in slots:
            if slot.name not in OWN:
                found[slot.name] = found.get(slot.name, False) or not slot.optional
    return found


def problems_in(text: str, *, names: Collection[str], columns: Mapping[str, Collection[str]]) -> list[str]:
    """What the owner has to put right; `columns` are those of the elements that are tables."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ["正文是空的"]
    if len(lines) > MOST_LINES or len(text) > MOST_TEXT:
        return [f"正文最多 {MOST_LINES} 段、{MOST_TEXT} 字"]
    return [
        f"第 {number} 段：{problem}"
        for number, line in enumerate(lines, 1)
        for problem in _problems(line, names, columns)
    ]


def _problems(line: str, names: Collection[str], columns: Mapping[str, Collection[str]]) -> Iterator[str]:
    block = _block(line)
    if isinstance(block, Table):
        yield from _table_problems(block, columns)
        return
    if line.startswith("[") and "表" in line[:4]:
        yield "表写成“[表 数据元：列名=列，列名=列]”"
    for part in block.parts:
        if isinstance(part, str) and _BRACES.search(part):
            yield f"“{part.strip()[:20]}”里的花括号不成对，占位写成“{{person.name}}”"
        if isinstance(part, Slot) and part.name not in names and part.name not in OWN:
            yield f"没有数据元“{part.name}”"
        if isinstance(part, Slot) and part.name in columns:
            yield f"“{part.name}”是多行数据，要写成表"


def _table_problems(block: Table, columns: Mapping[str, Collection[str]]) -> Iterator[str]:
    if block.name not in columns:
        yield f"“{block.name}”不是多行数据，不能排成表"
        return
    for label, name in block.columns:
        if not label or name not in columns[block.name]:
            yield f"“{block.name}”没有列“{name or label}”"
