"""XML and CSV: one element, one line for each figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from xml.etree import ElementTree as tree  # noqa: N813 - a shorter word

from yanta.hub.reporting.definitions import LIST, Package
from yanta.hub.reporting.exporting.sheets import Filled, list_rows


def xml(package: Package, tables: Sequence[Filled], *, period: str, school: str) -> bytes:
    """The package with codes and titles of everything."""
    root = tree.Element("package", code=package.code, version=package.version, period=period, school=school)
    for filled in tables:
        table = filled.table
        node = tree.SubElement(
            root, "table", code=table.code, number=table.number, title=table.title, unit=table.unit
        )
        if table.kind == LIST:
            for _, *values in list_rows(filled):
                record = tree.SubElement(node, "record")
                for column, value in zip(table.columns, values, strict=True):
                    tree.SubElement(record, "value", column=column.code).text = (
                        "" if value is None else str(value)
                    )
            continue
        for line in filled.lines:
            row = tree.SubElement(node, "row", code=line.code, title=line.title)
            for column in table.columns:
                value = filled.at(line, column.code)
                cell = tree.SubElement(row, "cell", column=column.code, title=column.title)
                cell.text = "" if value is None else str(value)
    tree.indent(root)
    written: bytes = tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def figures_csv(tables: Sequence[Filled]) -> bytes:
    """Every figure of the grids, one a line."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(["表", "表名", "行", "行名", "列", "列名", "值", "人工改动理由"])
    for filled in tables:
        for line in filled.lines:
            for column in filled.table.columns:
                value = filled.at(line, column.code)
                reason = filled.reasons.get(f"{line.code}.{column.code}", "")
                lines.writerow([
                    filled.table.code, filled.table.heading, line.code, line.title, column.code, column.title,
                    "" if value is None else value, reason,
                ])  # fmt: skip
    return written.getvalue().encode("utf-8-sig")


def list_csv(filled: Filled) -> bytes:
    """A list, one line a row."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(["序号", *(column.title for column in filled.table.columns)])
    lines.writerows([["" if one is None else one for one in row] for row in list_rows(filled)])
    return written.getvalue().encode("utf-8-sig")
