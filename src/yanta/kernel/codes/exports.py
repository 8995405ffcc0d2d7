"""Code sets and the dictionary as files: Excel, CSV, JSON, SQL and Python."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import orjson
import xlsxwriter

from yanta.kernel.codes.models import DataElement
from yanta.kernel.codes.rules import CodeTable

HEADS = ("代码", "名称", "上级", "说明", "启用", "停用", "改用")
ELEMENT_HEADS = (
    "标准",
    "子类",
    "标识符",
    "编号",
    "名称",
    "类型",
    "长度",
    "引用代码",
    "约束",
    "说明",
    "可信度",
)


@dataclass(frozen=True, slots=True)
class Export:
    """A file to hand out."""

    name: str
    content_type: str
    content: bytes


def code_set(table: CodeTable, kind: str) -> Export:
    """A code set as xlsx, csv, json, sql or py."""
    content_type, write = _WRITERS[kind]
    return Export(f"{table.set_id}.{kind}", content_type, write(table))


def dictionary(kind: str) -> Export:
    """The whole element dictionary as xlsx or json."""
    rows = [_element_row(element) for element in DataElement.objects.order_by("position")]
    if kind == "json":
        content = orjson.dumps([dict(zip(ELEMENT_HEADS, row, strict=True)) for row in rows])
        return Export("elements.json", "application/json", content)
    return Export("elements.xlsx", _EXCEL, _workbook("数据元", ELEMENT_HEADS, rows))


def kinds() -> tuple[str, ...]:
    return tuple(_WRITERS)


def _rows(table: CodeTable) -> Iterable[tuple[str, ...]]:
    for entry in table.entries.values():
        since, until = entry.valid_from, entry.valid_to
        yield (
            entry.code, entry.name, entry.parent, entry.note, since.isoformat() if since else "",
            until.isoformat() if until else "", entry.successor,
        )  # fmt: skip


def _xlsx(table: CodeTable) -> bytes:
    return _workbook(table.title, HEADS, _rows(table))


def _csv(table: CodeTable) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADS)
    writer.writerows(_rows(table))
    return text.getvalue().encode("utf-8-sig")  # the mark lets Excel see that it is UTF-8


def _json(table: CodeTable) -> bytes:
    names = ("code", "name", "parent", "note", "valid_from", "valid_to", "successor")
    codes = [
        {**dict(zip(names, row, strict=True)), **entry.attributes}
        for row, entry in zip(_rows(table), table.entries.values(), strict=True)
    ]
    head = {"set_id": table.set_id, "title": table.title, "revision": table.revision, "codes": codes}
    return orjson.dumps(head, option=orjson.OPT_INDENT_2)


def _sql(table: CodeTable) -> bytes:
    name = table.set_id.lower()
    lines = [
        f"-- {table.title}，第 {table.revision} 版",
        f"CREATE TABLE {name} (code varchar(60) PRIMARY KEY, name varchar(120), parent varchar(60));",
    ]
    # Text for another database; every value is quoted.
    head = f"INSERT INTO {name} (code, name, parent) VALUES"
    for entry in table.entries.values():
        values = ", ".join(_quoted(text) for text in (entry.code, entry.name, entry.parent))
        lines.append(f"{head} ({values});")
    return "\n".join([*lines, ""]).encode()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'" if text else "NULL"


def _python(table: CodeTable) -> bytes:
    words = re.findall(r"[A-Za-z0-9]+", table.set_id)
    lines = [
        "from enum import StrEnum",
        "",
        "",
        f"class {''.join(word.capitalize() for word in words)}(StrEnum):",
    ]
    lines.append(f'    """{table.title}"""')
    lines += [
        "",
        *(f"    {_identifier(entry.name, entry.code)} = {entry.code!r}" for entry in table.entries.values()),
    ]
    return "\n".join([*lines, ""]).encode()


def _identifier(name: str, code: str) -> str:
    """Names may be Chinese, which Python allows; the code keeps namesakes apart."""
    word = re.sub(r"\W", "_", f"{name}_{code}")
    return word if word.isidentifier() else f"_{word}"


def _workbook(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    content = io.BytesIO()
    # Codes are text: "01" must not become the number 1.
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, heads, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                sheet.write_string(number, column, value)
        sheet.autofit()
    return content.getvalue()


def _element_row(element: DataElement) -> tuple[str, ...]:
    return (
        element.source, f"{element.subset} {element.subset_title}", element.identifier, element.number,
        element.name, element.kind, element.length, element.code_reference, element.obligation, element.note,
        element.confidence,
    )  # fmt: skip


_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WRITERS: dict[str, tuple[str, Callable[[CodeTable], bytes]]] = {
    "xlsx": (_EXCEL, _xlsx),
    "csv": ("text/csv; charset=utf-8", _csv),
    "json": ("application/json", _json),
    "sql": ("application/sql; charset=utf-8", _sql),
    "py": ("text/x-python; charset=utf-8", _python),
}
