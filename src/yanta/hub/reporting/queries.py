"""Reads that span a filing's tables: its values as they stand, its findings, what is still missing."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import QuerySet

from yanta.hub.reporting import calculation, definitions
from yanta.hub.reporting.calculation import Line, Values
from yanta.hub.reporting.definitions import Package
from yanta.hub.reporting.models import Calculation, Filing, FilingCell, FilingTable, Finding, Submission
from yanta.hub.reporting.verification import Elsewhere
from yanta.kernel import files
from yanta.kernel.base import ciphers


def package_of(filing: Filing | Calculation) -> Package:
    """The definition the filing was opened with, not the one of today."""
    texts = filing.definition if isinstance(filing, Filing) else None
    return definitions.read(texts) if texts else definitions.package(filing.package)


def lines_of(stored: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, list[Line]]:
    return {
        table: [Line(**{**one, "stubs": tuple(one.get("stubs", ()))}) for one in found]
        for table, found in stored.items()
    }


def stored_lines(lines: Mapping[str, Iterable[Line]]) -> dict[str, list[dict[str, Any]]]:
    return {table: [asdict(one) for one in found] for table, found in lines.items()}


def values_from(stored: Mapping[str, Mapping[str, str | None]]) -> Values:
    return {
        table: {place: None if one is None else Decimal(one) for place, one in found.items()}
        for table, found in stored.items()
    }


def stored_values(values: Values) -> dict[str, dict[str, str | None]]:
    return {
        table: {place: None if one is None else f"{one:f}" for place, one in found.items()}
        for table, found in values.items()
    }


def values_of(filing: Filing) -> Values:
    """Every figure as it would be sent: what people gave, else what was computed, formulas over both."""
    if filing.calculation is None:
        return {}
    values = values_from(filing.calculation.values)
    kept = set()
    cells = FilingCell.objects.filter(filing=filing).values_list(
        "table__code", "row", "column", "computed", "given"
    )
    for table, row, column, computed, given in cells:
        place = f"{row}.{column}"
        value = computed if given is None else given
        values.setdefault(table, {})[place] = None if value is None else calculation.plain(value)
        if given is not None:
            kept.add(f"{table}.{place}")
    lines = lines_of(filing.calculation.lines)
    return calculation.recalculated(package_of(filing), values, lines, kept)


def last_values(filing: Filing) -> Values:
    """What was sent last year; before anything was sent, what last year's filing came to."""
    before = filing.previous
    if before is None:
        return {}
    sent = before.submissions.order_by("-number").first()
    return values_from(sent.values) if sent else values_of(before)


def elsewhere(filing: Filing) -> list[Elsewhere]:
    """Named figures of the other filings of the same period."""
    found = []
    others = Filing.objects.filter(period=filing.period).exclude(pk=filing.pk).exclude(calculation=None)
    for other in others.select_related("calculation"):
        package, values = package_of(other), values_of(other)
        for table in package.tables:
            if other.days.get(calculation.clock_of(package, table)) != filing.days.get(
                package_of(filing).clock
            ):
                continue
            for figure, place in table.figures.items():
                found.append(
                    Elsewhere(figure, other.title, table.heading, values.get(table.code, {}).get(place))
                )
    return found


def list_of(table: FilingTable) -> pa.Table:
    """The rows of a list table."""
    if table.listed is None:
        return pa.table({"id": pa.array([], pa.int64()), "unit_path": pa.array([], pa.string())})
    with files.open_file(table.listed) as content:
        return pq.read_table(content)


def columns_of(filing: Filing) -> dict[str, dict[str, Counter[str]]]:
    """How often which value stands in which column of the list tables."""
    found: dict[str, dict[str, Counter[str]]] = {}
    for table in filing.tables.exclude(listed=None).select_related("listed"):
        rows = list_of(table)
        names = [name for name in rows.column_names if name not in ("id", "unit_path")]
        found[table.code] = {name: Counter(one or "" for one in rows[name].to_pylist()) for name in names}
    return found


def missing_of(filing: Filing) -> dict[str, int]:
    """By table, how many by-hand cells still have nothing in them."""
    empty = FilingCell.objects.filter(filing=filing, by_hand=True, given=None, words="")
    return dict(Counter(empty.values_list("table__code", flat=True)))


def open_findings(filing: Filing) -> dict[str, int]:
    """By table, how many findings still wait for somebody."""
    found: dict[str, int] = defaultdict(int)
    for one in Finding.objects.filter(filing=filing).select_related("table"):
        found[one.table.code] += one.is_open
    return found


def still_open(filing: Filing) -> dict[str, int]:
    """By table, how many things stand between it and its signature."""
    missing, findings = missing_of(filing), open_findings(filing)
    return {code: missing.get(code, 0) + findings.get(code, 0) for code in {*missing, *findings}}


def tables_for(actor: Any, permission: str) -> QuerySet[FilingTable]:
    """The tables of open filings that the actor has something to do with."""
    open_ones = FilingTable.objects.filter(filing__state__in=Filing.OPEN).select_related("filing", "unit")
    return open_ones.visible_to(actor, permission).order_by("due_on", "filing", "place")


def difference(before: Values, after: Values) -> list[tuple[str, Decimal | None, Decimal | None]]:
    """Cell by cell, what is not the same: (full name, before, after)."""
    names = dict.fromkeys(
        f"{table}.{place}" for values in (before, after) for table in values for place in values[table]
    )
    return [
        (name, old, new)
        for name in names
        for table, _, place in [name.partition(".")]
        for old, new in [(before.get(table, {}).get(place), after.get(table, {}).get(place))]
        if old != new
    ]


def sent_before(filing: Filing) -> Submission | None:
    return filing.submissions.order_by("-number").first()


def fingerprint(values: Values) -> str:
    """The digest of a set of values."""
    return ciphers.sm3_hex(json.dumps(stored_values(values), sort_keys=True).encode())
