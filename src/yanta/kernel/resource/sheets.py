"""Excel and CSV: export of what is seen, import with preview and an answer for every row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django import forms
from django.db import models
from python_calamine import CalamineError, CalamineWorkbook

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.texts import clean_text
from yanta.kernel.codes import service as codes
from yanta.kernel.codes.fields import CodeField
from yanta.kernel.resource.declare import Resource
from yanta.kernel.resource.forms import ResourceForm, form_class, visible_rows
from yanta.kernel.resource.paths import Path, path_of

EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_AT_ONCE = 50_000
NATURAL_KEYS = ("code", "number", "name")
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(slots=True)
class Line:
    """One row of the sheet and what would become of it: new, changed, unchanged or rejected."""

    number: int
    cells: dict[str, str]
    verdict: str = ""
    errors: list[str] = field(default_factory=list)
    row: Any = None


@dataclass(slots=True)
class Preview:
    """read = new + changed + unchanged + rejected, always."""

    columns: list[Path]
    lines: list[Line]

    @property
    def counts(self) -> dict[str, int]:
        tally = {"read": len(self.lines), "new": 0, "changed": 0, "unchanged": 0, "rejected": 0}
        for line in self.lines:
            tally[line.verdict] += 1
        return tally

    @property
    def problems(self) -> list[dict[str, Any]]:
        return [
            {"row": line.number, "cells": line.cells, "errors": line.errors}
            for line in self.lines
            if line.verdict == "rejected"
        ]


def columns_of(resource: Resource) -> list[Path]:
    return [path_of(resource.model, name) for name in resource.sheet_columns]


# -- out ----------------------------------------------------------------------------------------------


def export_rows(columns: Sequence[Path], rows: Any) -> Iterator[list[Any]]:
    """Header, then values as people read them; sealed values stay masked."""
    yield [column.label for column in columns]
    for row in rows.iterator(chunk_size=2000):
        yield [_cell(column, row) for column in columns]


def _cell(column: Path, row: Any) -> Any:
    value = column.raw(row)
    if column.kind in ("number", "decimal") and value is not None:
        return float(value) if column.kind == "decimal" else value
    return column.text(row)


def excel(columns: Sequence[Path], rows: Any, *, title: str) -> bytes:
    """A workbook in constant memory, header frozen and filtered."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "bg_color": "#1f3a5f", "font_color": "#ffffff"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(0, len(columns) - 1), 16)
    for number, cells in enumerate(export_rows(columns, rows)):
        sheet.write_row(number, 0, cells, head if number == 0 else None)
    book.close()
    return buffer.getvalue()


def comma_separated(columns: Sequence[Path], rows: Any) -> Iterator[bytes]:
    """UTF-8 with the mark that makes Excel read it right; formulas are disarmed."""
    yield b"\xef\xbb\xbf"
    for cells in export_rows(columns, rows):
        buffer = io.StringIO()
        csv.writer(buffer).writerow([_disarmed(cell) for cell in cells])
        yield buffer.getvalue().encode()


def _disarmed(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t" and len(cell) > 1 else cell


def template(resource: Resource) -> bytes:
    """An empty sheet to fill in, with the permitted values of every coded column beside it."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet, notes = book.add_worksheet("数据"), book.add_worksheet("填写说明")
    for number, column in enumerate(columns_of(resource)):
        need = column.field is not None and not column.field.blank
        sheet.write(
            0,
            number,
            column.label,
            book.add_format({"bold": True, "font_color": "#b5532f" if need else "#1f3a5f"}),
        )
        notes.write_row(
            number, 0, [column.label, "必填" if need else "选填", "、".join(_permitted(column)[:200])[:1000]]
        )
    book.close()
    return buffer.getvalue()


def _permitted(column: Path) -> list[str]:
    if isinstance(column.field, CodeField):
        return [name for _, name in codes.choices(column.field.set_id)]
    return [str(label) for value, label in column.field.flatchoices if value] if column.field else []


# -- in -----------------------------------------------------------------------------------------------


def read_cells(name: str, content: bytes) -> list[list[str]]:
    """The cells of the first sheet as text; raises Refused when the file is none."""
    try:
        if name.lower().endswith(".csv"):
            return _read_csv(content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [[_as_text(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]
    except (CalamineError, csv.Error, UnicodeDecodeError, IndexError) as error:
        raise Refused("这个文件读不出表格，请用 .xlsx、.xls 或 .csv") from error


def _read_csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(content.decode(encoding))))
        except UnicodeDecodeError:
            continue
    raise Refused("这个 CSV 的编码认不出来，请另存为 UTF-8")


def _as_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def preview(resource: Resource, actor: Actor, *, name: str, content: bytes) -> Preview:
    """What an import would do, row by row, without doing it."""
    cells = read_cells(name, content)
    if len(cells) < 2:
        raise Refused("表格里没有数据：第一行是列名，数据从第二行开始")
    if len(cells) > ROWS_AT_ONCE + 1:
        raise Refused(f"一次最多导入 {ROWS_AT_ONCE:,} 行，请拆分后再导入，或交数据中心导入")
    columns = _matched(resource, cells[0])
    lines = [
        Line(number, _line_cells(columns, row)) for number, row in enumerate(cells[1:], start=2) if any(row)
    ]
    _judge(resource, actor, [column for column in columns if column], lines)
    return Preview([column for column in columns if column], lines)


def _line_cells(columns: Sequence[Path | None], row: Sequence[str]) -> dict[str, str]:
    return {
        column.name: _plain(column, clean_text(cell))
        for column, cell in zip(columns, row, strict=False)
        if column is not None
    }


def _plain(column: Path, text: str) -> str:
    """9,000.00 in a column of amounts is 9000.00, as people write it and as our own lists show it."""
    return (
        text.replace(",", "") if column.kind in ("decimal", "number") and _GROUPED.fullmatch(text) else text
    )


def _matched(resource: Resource, header: Sequence[str]) -> list[Path | None]:
    """Columns by their label or name; unknown ones are refused by name, missing keys too."""
    known = {clean_text(path.label): path for path in columns_of(resource)}
    known |= {path.name: path for path in columns_of(resource)}
    columns = [known.get(clean_text(title)) for title in header]
    unknown = [
        title for title, column in zip(header, columns, strict=True) if column is None and clean_text(title)
    ]
    if unknown:
        raise Refused(f"不认识的列：{'、'.join(unknown)}。可以先下载模板")
    found = {column.name for column in columns if column}
    key = resource.sheet.key if resource.sheet else ()
    missing = [path_of(resource.model, name).label for name in key if name not in found]
    if missing:
        raise Refused(f"缺少列：{'、'.join(missing)}")
    return columns


def _judge(resource: Resource, actor: Actor, columns: Sequence[Path], lines: list[Line]) -> None:
    links = {
        c.name: _linked_rows(resource, actor, c, lines)
        for c in columns
        if isinstance(c.field, models.ForeignKey)
    }
    stored = _stored_rows(resource, lines, links)
    seen: dict[tuple[str, ...], int] = {}
    form = form_class(resource, [column.name for column in columns])
    for line in lines:
        key = _key_of(resource, line)
        if key in seen:
            line.verdict, line.errors = "rejected", [f"与第 {seen[key]} 行重复"]
            continue
        seen[key] = line.number
        _judge_line(resource, actor, form, columns, line, links, stored.get(key))


def _key_of(resource: Resource, line: Line) -> tuple[str, ...]:
    return tuple(line.cells.get(name, "") for name in (resource.sheet.key if resource.sheet else ()))


def _linked_rows(resource: Resource, actor: Actor, column: Path, lines: Sequence[Line]) -> dict[str, Any]:
    """For one linked column: the visible row for each text, looked up in one query per natural key."""
    model: Any = column.field.related_model  # type: ignore[union-attr]
    wanted = {line.cells.get(column.name, "") for line in lines} - {""}
    rows = visible_rows(model, actor, resource.permission("import"))
    found: dict[str, Any] = {}
    for key in NATURAL_KEYS:
        if any(one.name == key for one in model._meta.concrete_fields):
            for row in rows.filter(**{f"{key}__in": wanted}):
                text = getattr(row, key)
                found[text] = None if text in found and found[text] != row else row
    return found


def _stored_rows(
    resource: Resource, lines: Sequence[Line], links: dict[str, dict[str, Any]]
) -> dict[tuple[str, ...], Any]:
    """The rows that are already there, in the whole school, by the texts of their key."""
    if resource.sheet is None or not lines:
        return {}
    first, *_ = resource.sheet.key
    texts = {line.cells.get(first, "") for line in lines}
    wanted = [links[first].get(text) for text in texts] if first in links else list(texts)
    rows = resource.model._base_manager.filter(**{f"{first}__in": [one for one in wanted if one]})
    rows = rows.select_related(*[name for name in resource.sheet.key if name in links])
    found = {}
    for row in rows:
        for key in _keys_of_row(resource, row, links):
            found[key] = row
    return found


def _keys_of_row(resource: Resource, row: Any, links: dict[str, dict[str, Any]]) -> list[tuple[str, ...]]:
    keys: list[tuple[str, ...]] = [()]
    for name in resource.sheet.key if resource.sheet else ():
        value = getattr(row, name)
        texts = (
            [text for text, one in links[name].items() if one == value]
            if name in links
            else [path_of(resource.model, name).text(row)]
        )
        keys = [(*key, text) for key in keys for text in texts]
    return keys


def _judge_line(
    resource: Resource, actor: Actor, form: type[ResourceForm], columns: Sequence[Path], line: Line,
    links: dict[str, dict[str, Any]], stored: Any,
) -> None:  # fmt: skip
    data, errors = {}, []
    for column in columns:
        value, error = _typed(column, line.cells.get(column.name, ""), links.get(column.name))
        data[column.name] = value
        errors += [error] if error else []
    errors += _scope_errors(resource, actor, stored)
    if not errors:
        errors += _bound(resource, actor, form, data, line, stored)
    if errors:
        line.verdict, line.errors = "rejected", errors


def _scope_errors(resource: Resource, actor: Actor, stored: Any) -> list[str]:
    if stored is None:
        return []
    if not resource.visible_to(actor, "import").filter(pk=stored.pk).exists():
        return [f"这条{resource.noun}已存在，但不在您的管理范围内"]
    refusal = resource.refusal_to_edit(stored)
    return [refusal] if refusal else []


def _typed(column: Path, text: str, links: dict[str, Any] | None) -> tuple[Any, str]:
    """The form value of a cell, or why it is none."""
    if not text:
        return "", ""
    if links is not None:
        row = links.get(text)
        return (row.pk, "") if row else ("", f"{column.label}：没有“{text}”，或不在您的管理范围内")
    if isinstance(column.field, CodeField):
        verdict = codes.validate(column.field.set_id, text)
        return (verdict.code, "") if verdict.ok else ("", f"{column.label}：{verdict.reason}")
    if column.kind == "choice" and column.field is not None:
        by_label = {str(label): value for value, label in column.field.flatchoices}
        by_label |= {str(value): value for value in by_label.values()}
        return (by_label[text], "") if text in by_label else ("", f"{column.label}：没有“{text}”这一项")
    return (text in ("是", "1", "true", "TRUE"), "") if column.kind == "bool" else (text, "")


def _bound(
    resource: Resource, actor: Actor, form: type[ResourceForm], data: dict[str, Any], line: Line, stored: Any
) -> list[str]:
    bound = form(data, instance=stored, resource=resource, actor=actor)
    if not bound.is_valid():
        return [_in_words(bound, name, text) for name, texts in bound.errors.items() for text in texts]
    line.row = bound.instance
    line.verdict = "new" if stored is None else ("changed" if bound.changed_data else "unchanged")
    return []


def _in_words(form: forms.BaseForm, name: str, text: Any) -> str:
    return str(text) if name == "__all__" else f"{form.fields[name].label}：{text}"
