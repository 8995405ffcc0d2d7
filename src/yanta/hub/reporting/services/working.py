"""The steps that several verbs share: calculating into a filing, verifying it, telling people."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import Q
from django.utils import timezone

from yanta.hub.reporting import calculation, queries, verification
from yanta.hub.reporting.calculation import Result
from yanta.hub.reporting.definitions import LIST, Package, Table, is_manual
from yanta.hub.reporting.models import Calculation, Filing, FilingCell, FilingTable, Finding
from yanta.kernel import files, notify
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor

LISTS = "reporting.list"
# Findings of an upper node: they stand until they are explained or their figure is another.
FROM_ABOVE = "上级"
Step = Callable[[int, int, str], None]


def silent(done: int, total: int, text: str) -> None:
    """Nobody looks."""


def counted(package: Package, days: Mapping[str, date], *, by: str, filing: Filing | None = None) -> tuple[Calculation, Result]:  # fmt: skip
    """One run over the package, kept with what it was counted from."""
    result = calculation.compute(package, days)
    kept = Calculation.objects.create(
        package=package.code, version=package.version, definition_digest=package.digest, filing=filing,
        days={clock: day.isoformat() for clock, day in days.items()}, snapshots=result.snapshots,
        values=queries.stored_values(result.values), lines=queries.stored_lines(result.lines),
        digest=queries.fingerprint(result.values), seconds=result.seconds, run_by=by,
    )  # fmt: skip
    return kept, result


def take_over(filing: Filing, package: Package, kept: Calculation, result: Result) -> None:
    """The run's figures into the cells of tables that are not signed; what people gave stays beside them."""
    filing.calculation = kept
    filing.save(update_fields=["calculation", "updated_at"])
    for table in filing.tables.exclude(state=FilingTable.State.SIGNED):
        declared = package.table(table.code)
        if declared.kind == LIST:
            _keep_list(table, result.lists[table.code])
        else:
            _keep_cells(filing, table, declared, result)


def _keep_list(table: FilingTable, rows: pa.Table) -> None:
    written = io.BytesIO()
    pq.write_table(rows, written, compression="zstd")
    table.listed = files.store(
        f"{table.code}.parquet", written.getvalue(), actor=Actor.system("reporting"), purpose=LISTS,
        allow=("parquet",), megabytes=1024,
    )  # fmt: skip
    table.save(update_fields=["listed", "updated_at"])


def _keep_cells(filing: Filing, table: FilingTable, declared: Table, result: Result) -> None:
    wanted = {
        (line.code, column.code): (result.values[table.code].get(f"{line.code}.{column.code}"), is_manual(declared.row(line.code), column))
        for line in result.lines[table.code]
        for column in declared.columns
    }  # fmt: skip
    known = {(cell.row, cell.column): cell for cell in table.cells.all()}
    gone = [cell.pk for place, cell in known.items() if place not in wanted]
    FilingCell.objects.filter(pk__in=gone).delete()
    new, changed = [], []
    for (row, column), (value, by_hand) in wanted.items():
        cell = known.get((row, column))
        if cell is None:
            new.append(
                FilingCell(
                    filing=filing, table=table, row=row, column=column, computed=value, by_hand=by_hand
                )
            )
        elif cell.computed != value:
            cell.computed = value
            changed.append(cell)
    FilingCell.objects.bulk_create(new)
    FilingCell.objects.bulk_update(changed, ["computed"])


def verified(filing: Filing, package: Package, *, lists: bool) -> list[verification.Found]:
    """Run the checks and bring the findings of unsigned tables into step; explanations of unchanged values stay."""
    assert filing.calculation is not None  # noqa: S101  # calculated first
    filled = verification.Filled(
        package, queries.values_of(filing), queries.lines_of(filing.calculation.lines), queries.last_values(filing),
        queries.columns_of(filing) if lists else None, queries.elsewhere(filing),
    )  # fmt: skip
    found = verification.findings(filled)
    tables = {table.code: table for table in filing.tables.exclude(state=FilingTable.State.SIGNED)}
    left_alone = () if lists else tuple(one.code for one in package.checks if one.kind == "dictionary")
    _settle_from_above(filled, tables)
    _settle_findings(filing, tables, found, left_alone)
    return found


def _settle_findings(
    filing: Filing, tables: Mapping[str, FilingTable], found: Iterable[verification.Found], left_alone: tuple[str, ...]
) -> None:  # fmt: skip
    known = {
        (one.check_code, one.cell): one
        for one in Finding.objects.filter(filing=filing, table__in=tables.values()).exclude(
            Q(check_code__in=left_alone) | Q(check_code__startswith=FROM_ABOVE)
        )
    }
    for one in found:
        if one.table not in tables:
            continue
        before = known.pop((one.check, one.cell), None)
        if before is not None and before.given == one.given[:120]:
            continue
        if before is not None:
            before.delete()
        Finding.objects.create(
            filing=filing, table=tables[one.table], check_code=one.check, severity=one.severity, cell=one.cell[:90],
            message=one.message[:300], given=one.given[:120], allowed=one.allowed[:200], basis=one.basis[:200],
        )  # fmt: skip
    Finding.objects.filter(pk__in=[one.pk for one in known.values()]).delete()


def _settle_from_above(filled: verification.Filled, tables: Mapping[str, FilingTable]) -> None:
    """What an upper node found is done with when the figure it found is no longer there."""
    for one in Finding.objects.filter(table__in=tables.values(), check_code__startswith=FROM_ABOVE):
        if one.cell.count(".") == 2 and verification.told(filled.value(one.cell)) != one.given:
            one.delete()


def tell(template: str, table: FilingTable, **context: Any) -> None:
    """A message to the filler of the table, or to the clerks and heads of its unit."""
    link = f"/reporting/filings/{table.filing_id}/tables/{table.code}/"
    told = {"table": table.title, "filing": table.filing.title, **context}
    notify.send(template, to=people_of(table), context=told, link=link)


def people_of(table: FilingTable) -> list[int]:
    """Whom a table concerns."""
    if table.filler_id is not None:
        return [table.filler_id]
    today = timezone.localdate()
    grants = RoleGrant.objects.filter(role__in=("clerk", "head"), org_unit=table.unit, valid_from__lte=today)
    in_force = grants.filter(Q(valid_to=None) | Q(valid_to__gte=today))
    return [one for one in in_force.values_list("account__person_id", flat=True) if one is not None]


def number(value: str) -> Decimal | None:
    """What a person typed as a figure: thousands and full-width digits are fine; nothing when it is none."""
    plain = value.strip().replace(",", "").replace("，", "").replace(" ", "")
    try:
        found = Decimal(plain)
    except ArithmeticError:
        return None
    return found if found.is_finite() and abs(found) < Decimal(10) ** 18 else None
