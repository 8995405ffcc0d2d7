"""Snapshots of two years for the demo school; what is not of today is drawn from it and marked as demo data."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from yanta.hub import subjects
from yanta.hub.snapshots import parquet, rules, services
from yanta.hub.snapshots.models import Snapshot
from yanta.kernel.base import Actor

Change = Callable[[pa.Table, date], pa.Table]
# Far beyond any key of the school: rows that were there a year ago and are not now.
GONE = 1_000_000_000
BY = Actor.system("demo")


def fill(today: date) -> None:
    """30 September of this school year and of the one before, and the last end of a year (assets only)."""
    point = rules.last_day("9-30", on=today)
    year_end = rules.last_day("calendar_year", on=point)
    everything = [one.name for one in subjects.all_subjects()]
    _take("9-30", point, everything, {})
    _take("9-30", date(point.year - 1, 9, 30), everything, EARLIER)
    _take("calendar_year", year_end, ["asset"], EARLIER)


def _take(clock: str, on: date, names: list[str], changes: dict[str, Change]) -> None:
    snapshot = services.announce(clock, on, actor=BY, basis=Snapshot.Basis.DEMO)
    with tempfile.TemporaryDirectory(prefix="snapshot-") as folder:
        written = [_written(name, Path(folder), on, changes.get(name)) for name in names]
        services.keep(snapshot, written, isolation="demo")


def _written(name: str, folder: Path, on: date, change: Change | None) -> parquet.Written:
    subject = subjects.subject(name)
    if change is None:
        return parquet.write(subject, folder)
    changed = change(subjects.read(subject).read_all(), on)
    path = folder / f"{name}.parquet"
    rows = parquet.write_batches(path, changed.schema, changed.to_batches())
    return parquet.Written(subject, path, rows, "演示数据：由当前数据按固定规则推得")


def _students(table: pa.Table, on: date) -> pa.Table:
    """Without this year's new ones; a part of the oldest stand in for those who graduated since."""
    kept = table.filter(pc.fill_null(pc.less_equal(table["grade"], on.year), True))
    oldest = kept.filter(pc.fill_null(pc.equal(kept["grade"], on.year - 2), False)).slice(
        0, kept.num_rows // 5
    )
    return pa.concat_tables([kept, _as_gone(oldest, "grade", on.year - 3)])


def _as_gone(table: pa.Table, column: str, value: int) -> pa.Table:
    ids = pc.add(table["id"], GONE)
    numbers = pc.binary_join_element_wise(pa.scalar("G"), table["number"], "")
    found = table.set_column(table.schema.get_field_index("id"), "id", ids)
    found = found.set_column(found.schema.get_field_index("number"), "number", numbers)
    same = pa.array([value] * found.num_rows, found.schema.field(column).type)
    return found.set_column(found.schema.get_field_index(column), column, same)


def _staff(table: pa.Table, on: date) -> pa.Table:
    """Without those who came since, as far as it is known, and without every twenty-fifth."""
    came = pc.fill_null(pc.less_equal(table["entered_on"], pa.scalar(on)), True)
    stays = pc.not_equal(pc.subtract(table["id"], pc.multiply(pc.divide(table["id"], 25), 25)), 0)
    return table.filter(pc.and_(came, stays))


def _assets(table: pa.Table, on: date) -> pa.Table:
    return table.filter(pc.fill_null(pc.less_equal(table["bought_on"], pa.scalar(on)), True))


EARLIER: dict[str, Change] = {"student": _students, "staff_member": _staff, "asset": _assets}
