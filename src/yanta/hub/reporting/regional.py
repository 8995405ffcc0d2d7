"""Reports of many schools as one: which of them stand, their figures added up, the schools behind a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from yanta.hub.reporting import calculation, queries
from yanta.hub.reporting.calculation import Line, Values
from yanta.hub.reporting.definitions import GRID, Package
from yanta.hub.reporting.models import ReceivedFiling

State = ReceivedFiling.State


def newest(package: str, period: str) -> list[ReceivedFiling]:
    """The last report of each school, whatever became of it."""
    rows = ReceivedFiling.objects.filter(package=package, period=period).order_by("node", "-number")
    return list(rows.distinct("node"))


def standing(package: str, period: str) -> list[ReceivedFiling]:
    """The last report of each school that was not returned."""
    return [one for one in newest(package, period) if one.state != State.RETURNED]


def returned(package: str, period: str) -> list[ReceivedFiling]:
    """Schools whose last report went back and that have not sent another."""
    return [one for one in newest(package, period) if one.state == State.RETURNED]


def packages() -> list[tuple[str, str, str, int]]:
    """What came in: (package, period, title, schools), the newest first."""
    rows = (
        ReceivedFiling.objects.order_by("-period", "package")
        .values_list("package", "period", "title")
        .distinct()
    )
    return [(code, period, title, len(newest(code, period))) for code, period, title in rows]


def before(kept: ReceivedFiling) -> ReceivedFiling | None:
    """The same school's report of the time before."""
    same = ReceivedFiling.objects.filter(node=kept.node, package=kept.package, period=kept.period)
    return same.filter(number__lt=kept.number).order_by("-number").first()


def summed(package: Package, received: Sequence[ReceivedFiling]) -> tuple[Values, dict[str, list[Line]]]:
    """Counts are added; what a formula makes (shares, per head) is made anew from the sums. Rows driven by a school's own
    departments or programmes have no sum."""
    lines = {
        table.code: [Line(row.code, row.title, row.depth, row.code) for row in table.rows if not row.by]
        for table in package.tables if table.kind == GRID
    }  # fmt: skip
    values: Values = {code: {} for code in lines}
    for one in received:
        for table, cells in queries.values_from(one.values).items():
            _add(values.get(table), cells, lines.get(table, ()))
    return calculation.recalculated(package, values, lines, set()), lines


def _add(
    total: dict[str, Decimal | None] | None, cells: Mapping[str, Decimal | None], lines: Sequence[Line]
) -> None:
    if total is None:
        return
    known = {line.code for line in lines}
    for place, value in cells.items():
        if value is not None and place.partition(".")[0] in known:
            total[place] = (total.get(place) or Decimal(0)) + value


def by_school(
    received: Sequence[ReceivedFiling], table: str, place: str
) -> list[tuple[ReceivedFiling, Decimal | None]]:
    """The schools behind one figure, most first."""
    found = [(one, queries.values_from(one.values).get(table, {}).get(place)) for one in received]
    return sorted(found, key=lambda one: -(one[1] or Decimal(0)))


def title_of(package: Package, lines: Mapping[str, Sequence[Line]], name: str) -> str:
    """A cell as people call it; its bare name when the definition has no such cell."""
    code, row, column = (*name.split("."), "", "")[:3]
    table = next((one for one in package.tables if one.code == code), None)
    declared = next((one for one in table.columns if one.code == column), None) if table else None
    if table is None or declared is None:
        return name
    line = next((one.title for one in lines.get(code, ()) if one.code == row), row)
    return f"{table.heading} · {line} · {declared.title}"
