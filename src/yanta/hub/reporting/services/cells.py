"""Single figures: by hand, instead of the computed one, explained, talked about."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

from django.db import transaction
from django.utils import timezone

from yanta.hub.reporting import queries
from yanta.hub.reporting.definitions import Column
from yanta.hub.reporting.models import Filing, FilingCell, FilingTable, Finding, Remark
from yanta.hub.reporting.services import working
from yanta.hub.reporting.services.filings import TableState, _expect_open
from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, operation

RowCode = Annotated[str, Label("行代号")]
ColumnCode = Annotated[str, Label("列代号")]


AFinding = Annotated[Finding, Label("问题")]


def _may_be_filled(table: FilingTable) -> bool:
    return table.state != TableState.SIGNED


@operation("填报", icon="pencil", bulk=False, when=_may_be_filled)
def fill(
    table: FilingTable, *, actor: Actor, row: RowCode, column: ColumnCode, value: Annotated[str, Label("值")],
    reason: Annotated[str, Label("理由", "改动自动计算的数必须说明理由")] = "",
) -> None:  # fmt: skip
    """A by-hand cell gets its value; a computed one is overridden with a reason, its own value kept beside."""
    _expect_open(table)
    put(table, row, column, value, reason=reason, by=actor.signature)
    _back_to_drafting(table)
    working.verified(table.filing, queries.package_of(table.filing), lists=False)


def put(table: FilingTable, row: str, column: str, value: str, *, reason: str, by: str) -> FilingCell:
    """Write one cell; the caller verifies."""
    cell = FilingCell.objects.filter(table=table, row=row, column=column).first()
    if cell is None:
        raise Refused(f"表中没有 {row}.{column} 这一格", field="row")
    if not cell.by_hand and not reason.strip():
        raise Refused("改动自动计算的数必须说明理由", field="reason")
    write(
        cell, queries.package_of(table.filing).table(table.code).column(column), value, reason=reason, by=by
    )
    cell.save()
    return cell


def write(cell: FilingCell, column: Column, value: str, *, reason: str, by: str) -> None:
    """Put a judged value into the cell, which the caller saves."""
    cell.given, cell.words = _read(column, value)
    cell.reason, cell.given_by, cell.given_at = reason.strip()[:300], by, timezone.now()


def _read(column: Column, value: str) -> tuple[Decimal | None, str]:
    if not value.strip():
        raise Refused("请填写数值；确实没有的填 0", field="value")
    if column.shape == "text":
        return None, value.strip()[:300]
    found = working.number(value)
    if found is None:
        raise Refused(f"“{value}”不是数", field="value")
    if found < 0:
        raise Refused(f"给出 {value}，应为不小于 0 的数", field="value")
    if column.shape != "decimal" and found != found.to_integral_value():
        raise Refused(f"给出 {value}，这一栏应为整数", field="value")
    return found, ""


def _back_to_drafting(table: FilingTable) -> None:
    if table.state == TableState.CHECKED:
        table.state, table.checked_by, table.checked_at = TableState.DRAFTING, "", None
        table.save()


def take_in(filing: Filing, wanted: Iterable[tuple[str, str, str, str]], *, actor: Actor) -> int:
    """By-hand figures out of a file, (table, row, column, text) each: all are judged, all or none are written."""
    permission = fill.permission
    reached = FilingTable.objects.visible_to(actor, permission).filter(filing=filing)
    mine = {one.code: one for one in reached.select_related("filing")}
    by_hand = FilingCell.objects.filter(filing=filing, by_hand=True).values_list(
        "table__code", "row", "column"
    )
    places, taken = set(by_hand), 0
    touched: dict[str, FilingTable] = {}
    with transaction.atomic():
        for code, row, column, text in wanted:
            if code not in mine or (code, row, column) not in places:
                continue
            _expect_open(mine[code])
            put(mine[code], row, column, text, reason="", by=actor.signature)
            touched[code] = mine[code]
            taken += 1
        for table in touched.values():
            _back_to_drafting(table)
            audit.record(permission, actor=actor, subject=table, summary="导入手填项")
        if taken:
            working.verified(filing, queries.package_of(filing), lists=False)
    return taken


@operation("恢复计算值", icon="rotate", bulk=False, when=_may_be_filled)
def take_back(table: FilingTable, *, actor: Actor, row: RowCode, column: ColumnCode) -> None:
    """What a person put in goes; the computed value holds again."""
    _expect_open(table)
    cell = FilingCell.objects.filter(table=table, row=row, column=column).first()
    if cell is None or (cell.given is None and not cell.words):
        raise Refused("这一格没有填报值可撤")
    cell.given, cell.words, cell.reason, cell.given_by, cell.given_at = None, "", "", "", None
    cell.save()
    _back_to_drafting(table)
    working.verified(table.filing, queries.package_of(table.filing), lists=False)


@operation("说明情况", icon="message-circle", bulk=False, when=_may_be_filled)
def explain(
    table: FilingTable, *, actor: Actor, finding: AFinding,
    text: Annotated[str, Label("情况说明"), Long()],
) -> None:  # fmt: skip
    """Why an unusual figure is right; an error cannot be explained away."""
    _expect_open(table)
    if finding.table_id != table.pk:
        raise Refused("这不是本表的问题", field="finding")
    if finding.severity == Finding.Severity.ERROR:
        raise Refused(f"错误须改正：给出 {finding.given}，应{finding.allowed}", rule=finding.check_code)
    if len(text.strip()) < 4:
        raise Refused("请写清原因，不少于 4 个字", field="text")
    finding.explanation, finding.explained_by, finding.explained_at = (
        text.strip()[:500],
        actor.signature,
        timezone.now(),
    )
    finding.save()


@operation("批注", icon="message", bulk=False)
def remark(
    table: FilingTable, *, actor: Actor, text: Annotated[str, Label("内容"), Long()],
    cell: Annotated[str, Label("单元格", "行.列，可不填")] = "",
) -> None:  # fmt: skip
    """Something to say about a table or a cell."""
    if not text.strip():
        raise Refused("请写内容", field="text")
    Remark.objects.create(table=table, cell=cell[:90], text=text.strip()[:500], said_by=actor.signature)
