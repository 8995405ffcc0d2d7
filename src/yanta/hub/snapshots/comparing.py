"""Two snapshots, or one and now: what came, what went, what changed, field by field and unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import ibis

from yanta.hub import subjects
from yanta.hub.snapshots import parquet, reach
from yanta.hub.snapshots.models import Part, Snapshot
from yanta.hub.subjects import Field, Subject, conditions
from yanta.kernel.base import Actor, Refused
from yanta.kernel.organisation.models import OrgUnit

Kind = Literal["added", "gone", "changed"]
KINDS: dict[str, str] = {"added": "新增", "gone": "减少", "changed": "变更"}
PAGE = 100
# Units are told apart by the second step of the tree: colleges and departments.
UNIT_STEPS = 2 * OrgUnit.steplen


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a snapshot, or the living data."""

    snapshot: Snapshot | None

    @property
    def title(self) -> str:
        return self.snapshot.title if self.snapshot else "现在"

    def table(self, subject: Subject, names: Sequence[str]) -> ibis.Table:
        if self.snapshot is None:
            return subjects.relation(subject, names)
        return parquet.table(self._part(subject), names)

    def names(self, subject: Subject) -> set[str]:
        """The fields that this side knows."""
        if self.snapshot is None:
            return {field.name for field in subject.fields}
        return {one["name"] for one in self._part(subject).fields}

    def _part(self, subject: Subject) -> Part:
        found = (
            self.snapshot.parts.select_related("file").filter(subject=subject.name).first()
            if self.snapshot
            else None
        )
        if found is None or found.file is None:
            raise Refused(f"“{self.title}”里没有{subject.title}")
        return found


@dataclass(frozen=True, slots=True)
class Compared:
    """The sums: rows on both sides, by kind, by unit, and by field."""

    subject: Subject
    before: int
    after: int
    added: int
    gone: int
    changed: int
    units: tuple[tuple[str, str, int, int, int], ...]
    fields: tuple[tuple[Field, int], ...]

    @property
    def unchanged(self) -> int:
        return self.after - self.added - self.changed


def compare(before: Side, after: Side, subject: Subject) -> Compared:
    """Counts over the whole school; rows are another question, asked within rights."""
    names = _common(before, after, subject)
    with parquet.engine() as engine:
        joined = _joined(engine, before, after, subject, names)
        marks = {"added": joined.is_added, "gone": joined.is_gone, "changed": joined.is_changed}
        whole = engine.to_pyarrow(
            joined.aggregate(
                before=joined.count(where=~joined.is_added), after=joined.count(where=~joined.is_gone),
                **{kind: joined.count(where=mark) for kind, mark in marks.items()},
                **{f"f_{name}": joined.count(where=joined[f"d_{name}"]) for name in names},
            )
        ).to_pylist()[0]  # fmt: skip
        by_unit = engine.to_pyarrow(
            joined.group_by("unit").aggregate(
                **{kind: joined.count(where=mark) for kind, mark in marks.items()}
            )
        ).to_pylist()
    fields = [(subject.field(name), whole[f"f_{name}"]) for name in names if whole[f"f_{name}"]]
    return Compared(
        subject, whole["before"], whole["after"], whole["added"], whole["gone"], whole["changed"], _units(by_unit),
        tuple(sorted(fields, key=lambda one: -one[1])),
    )  # fmt: skip


def _common(before: Side, after: Side, subject: Subject) -> list[str]:
    known = before.names(subject) & after.names(subject)
    return [field.name for field in subject.fields if field.name in known]


def _joined(engine: Any, before: Side, after: Side, subject: Subject, names: Sequence[str]) -> ibis.Table:
    """Both sides beside each other by key, with what differs."""
    old = engine.create_table("old_", before.table(subject, names), temp=True)
    new = engine.create_table("new_", after.table(subject, names), temp=True)
    left, right = old.rename(lambda name: f"o_{name}"), new.rename(lambda name: f"n_{name}")
    both = left.outer_join(right, left.o_id == right.n_id)
    there = both.o_id.notnull() & both.n_id.notnull()
    differs = {f"d_{name}": there & ~both[f"o_{name}"].identical_to(both[f"n_{name}"]) for name in names}
    path = ibis.coalesce(both.n_unit_path, both.o_unit_path)
    marked = both.mutate(
        id=ibis.coalesce(both.n_id, both.o_id), unit_path=path, unit=path.substr(0, UNIT_STEPS).fill_null(""),
        is_added=both.o_id.isnull(), is_gone=both.n_id.isnull(), **differs,
    )  # fmt: skip
    changed = ibis.or_(*(marked[name] for name in differs)) if differs else ibis.literal(value=False)
    return engine.create_table("both_", marked.mutate(is_changed=changed), temp=True)


def _units(rows: Sequence[dict[str, Any]]) -> tuple[tuple[str, str, int, int, int], ...]:
    paths = [row["unit"] for row in rows if row["unit"]]
    names = dict(OrgUnit.objects.filter(path__in=paths).values_list("path", "name"))
    found = [
        (row["unit"], names.get(row["unit"], "（无单位）"), row["added"], row["gone"], row["changed"])
        for row in rows
        if row["added"] or row["gone"] or row["changed"]
    ]
    return tuple(sorted(found, key=lambda one: -sum(one[2:])))


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of one kind: who, where, and what was and is."""

    key: str
    name: str
    unit: str
    changes: tuple[tuple[str, str, str], ...]


def rows(
    before: Side, after: Side, subject: Subject, kind: str, *, actor: Actor, unit: str = "", field: str = "", page: int = 1,
    size: int = PAGE,
) -> tuple[list[Difference], int]:  # fmt: skip
    """A page of the rows of one kind that the actor may see, and how many there are of them."""
    names = _common(before, after, subject)
    if kind not in KINDS or (field and field not in names):
        raise Refused("没有这种差异")
    with parquet.engine() as engine:
        joined = reach.visible(_joined(engine, before, after, subject, names), subject, actor)
        chosen = joined.filter(joined[f"d_{field}"] if field else joined[f"is_{kind}"])
        if unit:
            chosen = chosen.filter(chosen.unit == unit)
        total = engine.to_pyarrow(chosen.count()).as_py()
        found = engine.to_pyarrow(chosen.order_by("id").limit(size, offset=(page - 1) * size)).to_pylist()
    return [_difference(subject, names, kind, row) for row in found], total


def _difference(subject: Subject, names: Sequence[str], kind: str, row: dict[str, Any]) -> Difference:
    side = "o_" if kind == "gone" else "n_"
    known = {name: row.get(f"{side}{name}") for name in (subject.key, "name", "department_name")}
    changes = tuple(
        (subject.field(name).title, _said(subject.field(name), row[f"o_{name}"]), _said(subject.field(name), row[f"n_{name}"]))
        for name in names
        if row.get(f"d_{name}")
    )  # fmt: skip
    return Difference(
        str(known[subject.key] or row["id"]),
        str(known["name"] or ""),
        str(known["department_name"] or ""),
        changes,
    )


def _said(field: Field, value: Any) -> str:
    if field.is_sealed:
        return "（加密）"
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    return conditions.wording(field, str(value)) if field.code_set or field.choices else str(value)
