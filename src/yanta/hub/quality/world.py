"""What rules look at beside their own rows: other subjects, code sets, when a row was last confirmed, what was delivered."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import ibis
import pyarrow as pa
from django.db.models import Max
from django.utils import timezone
from ibis import ir

from yanta.hub import queries, subjects
from yanta.hub.elements import ELEMENTS
from yanta.hub.models import ElementValue, RowPerson, RunFile
from yanta.hub.quality import checks
from yanta.hub.subjects import Subject, conditions
from yanta.kernel.codes import service as codes

Said = tuple[int, str, str, int]


class School:
    """The school as it is now; each question is asked of the database once."""

    def __init__(self, *, now: datetime) -> None:
        self.now, self.on = now, timezone.localdate(now)
        self._kept: dict[str, Any] = {}

    def _once(self, key: str, make: Any) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def relation(self, subject: str, names: Sequence[str], where: Mapping[str, Any]) -> ir.Table:
        """Those fields of another subject's rows, only where the condition holds; never null."""
        one = checks.subject_named(subject)
        wanted = sorted({*names, *conditions.fields_of(where)})
        table = self._once(f"{subject}:{wanted}", lambda: subjects.relation(one, wanted))
        kept = table.filter(conditions.expression(table, one, where))
        return kept.filter(*(kept[name].notnull() for name in names)).select(*names)

    def codes(self, set_id: str) -> ir.Table:
        """The codes of a set that are in force on the day."""

        def make() -> ir.Table:
            entries = codes.table_of(set_id).entries.values()
            return _memory(
                {"code": [one.code for one in entries if one.in_force(self.on)]}, {"code": pa.string()}
            )

        return self._once(f"codes:{set_id}", make)

    def changed(self, subject: Subject) -> ir.Table:
        """Per row, when it or its person's values were last changed or confirmed."""

        def make() -> ir.Table:
            found = dict(subject.model.objects.order_by().values_list("pk", "updated_at"))
            for key, at in self._confirmed(subject):
                found[key] = max(found[key], at) if key in found else at
            return _instants(found.items())

        return self._once(f"changed:{subject.name}", make)

    def _confirmed(self, subject: Subject) -> Iterable[tuple[int, datetime]]:
        path = subject.model.person_path
        if path is None:
            return ()
        values = ElementValue.objects.order_by().values_list("person").annotate(at=Max("confirmed_at"))
        if path == "self":
            return values
        by_person = dict(values)
        pairs = subject.model.objects.order_by().values_list("pk", f"{path}_id")
        return [(key, by_person[person]) for key, person in pairs if person in by_person]

    def spoken(self) -> ir.Table:
        """Per source, when it last delivered."""
        last = RunFile.objects.order_by().values_list("source").annotate(at=Max("run__started_at"))
        return self._once("spoken", lambda: _instants(last))

    @cached_property
    def _delivered(self) -> dict[str, list[Said]]:
        """Element → (person, source, value, run), every current row opened once."""
        said: dict[str, list[Said]] = defaultdict(list)
        links = (
            RowPerson.objects.filter(is_current=True).select_related("row", "row__source").order_by("row_id")
        )
        for link in links.iterator(chunk_size=2000):
            clean = queries.payload_of(link.row)["clean"] or {}
            for element in ELEMENTS:
                value = clean.get(queries.CLEAN_COLUMNS.get(element, element))
                if value:
                    one = (link.person_id, link.row.source.code, str(value), link.row.changed_run_id)
                    said[element].append(one)
        return said

    def believed(self, element: str) -> ir.Table:
        """Per person: what the value's own source says now, and the merged value; corrections are left out."""

        def make() -> ir.Table:
            said: dict[tuple[int, str], list[str]] = defaultdict(list)
            for person, source, value, _ in sorted(self._delivered[element], key=lambda one: -one[3]):
                said[person, source].append(value)
            values = ElementValue.objects.filter(element=element, source__isnull=False).select_related(
                "source"
            )
            pairs = []
            for value in values.exclude(basis=ElementValue.Basis.CORRECTION).iterator(chunk_size=2000):
                theirs = said.get((value.person_id, value.source.code))
                if theirs:
                    held = queries.text_of(value)
                    pairs.append((value.person_id, held if held in theirs else theirs[0], held))
            return _pairs(pairs)

        return self._once(f"believed:{element}", make)

    def delivered(self, element: str, left: str, right: str) -> ir.Table:
        """Per person that both sources speak of: what each says; one shared value counts as agreement."""
        said: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for person, source, value, _ in self._delivered[element]:
            said[person][source].add(value)
        pairs = []
        for person, by_source in said.items():
            ours, theirs = by_source.get(left), by_source.get(right)
            if ours and theirs:
                shared = ours & theirs
                pairs.append((person, min(shared or ours), min(shared or theirs)))
        return _pairs(pairs)


def _memory(columns: dict[str, list[Any]], types: dict[str, pa.DataType]) -> ir.Table:
    return ibis.memtable(pa.table(columns, schema=pa.schema(list(types.items()))))


def _instants(found: Iterable[tuple[int, datetime]]) -> ir.Table:
    rows = [(key, at.astimezone(UTC)) for key, at in found if at is not None]
    types = {"_row": pa.int64(), "_at": pa.timestamp("us", tz="UTC")}
    return _memory({"_row": [key for key, _ in rows], "_at": [at for _, at in rows]}, types)


def _pairs(found: list[tuple[int, str, str]]) -> ir.Table:
    types = {"_person": pa.int64(), "_left": pa.string(), "_right": pa.string()}
    columns = zip(*found, strict=True) if found else ((), (), ())
    return _memory({name: list(column) for name, column in zip(types, columns, strict=True)}, types)


def key_of(spec: checks.Spec) -> str:
    """A rule's content as one text, so that two equal rules are known."""
    content = [spec.template, spec.subject.name, spec.fields, dict(spec.parameters), dict(spec.when)]
    return json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
