"""A question as it is kept and as it stands in an address; what of it the asker may see."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.http import urlencode

from yanta.hub.subjects import Field, Level, Subject, conditions
from yanta.hub.warehouse import joining
from yanta.hub.warehouse.shapes import MEASURES, NUMBERS
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed

MOST_FIELDS, MOST_ROWS, MOST_COLUMNS, MOST_MEASURES = 40, 3, 2, 4
NOTHING: Mapping[str, Any] = {"all": []}


@dataclass(frozen=True)
class Document:
    """What is asked, not by whom."""

    subject: str
    fields: tuple[str, ...] = ()
    where: Mapping[str, Any] = field(default_factory=lambda: dict(NOTHING))
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    sort: str = ""

    @property
    def is_grouped(self) -> bool:
        return bool(self.rows or self.columns or self.measures)

    @property
    def names(self) -> list[str]:
        """Every field that the question touches, in whatever way: to filter by a value is to learn it."""
        wanted = [
            *(() if self.is_grouped else self.fields), *conditions.fields_of(self.where), *self.rows, *self.columns,
            *(one.partition(":")[2] for one in self.measures), self.sort.lstrip("-"),
        ]  # fmt: skip
        return list(dict.fromkeys(name for name in wanted if name))

    def as_json(self) -> dict[str, Any]:
        return {
            "subject": self.subject, "fields": list(self.fields), "where": dict(self.where), "rows": list(self.rows),
            "columns": list(self.columns), "measures": list(self.measures), "sort": self.sort,
        }  # fmt: skip

    @property
    def query(self) -> str:
        """The same as an address."""
        pairs = [("s", self.subject), ("w", json.dumps(self.where, ensure_ascii=False))]
        for key, values in (("f", self.fields), ("g", self.rows), ("c", self.columns), ("m", self.measures)):
            pairs += [(key, value) for value in values]
        return urlencode([*pairs, ("sort", self.sort)] if self.sort else pairs)


def from_json(data: Mapping[str, Any]) -> Document:
    """A kept question; refuses in words what is none."""
    try:
        return Document(
            str(data["subject"]), tuple(map(str, data.get("fields", ()))), dict(data.get("where") or NOTHING),
            tuple(map(str, data.get("rows", ()))), tuple(map(str, data.get("columns", ()))),
            tuple(map(str, data.get("measures", ()))), str(data.get("sort", "")),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("这个查询读不懂，请重新设置") from error


def from_query(asked: QueryDict) -> Document:
    """A question out of an address."""
    try:
        where = json.loads(asked.get("w") or "{}") or dict(NOTHING)
    except ValueError as error:
        raise Refused("条件读不懂，请重新设置") from error
    if not isinstance(where, dict):
        raise Refused("条件读不懂，请重新设置")

    def several(name: str) -> list[str]:
        return [one for one in dict.fromkeys(asked.getlist(name)) if one]

    return from_json({
        "subject": asked.get("s", ""), "where": where, "fields": several("f"), "rows": several("g"), "columns": several("c"),
        "measures": several("m"), "sort": asked.get("sort", ""),
    })  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """A question that this actor may ask: its subject has only the fields open to the actor."""

    document: Document
    subject: Subject
    actor: Actor

    @property
    def fields(self) -> list[Field]:
        return [self.subject.field(name) for name in self.document.fields]

    @property
    def sensitive(self) -> list[Field]:
        """What may be asked only with a reason, and is written down."""
        found = (self.subject.field(name) for name in self.document.names)
        return [one for one in found if one.level >= Level.SENSITIVE]

    @property
    def words(self) -> str:
        return conditions.words(self.subject, self.document.where)


def plan(document: Document, actor: Actor) -> Plan:
    """The question, checked against what the actor may see; refuses in words."""
    subject = joining.open_to(document.subject, actor)
    if not joining.may_ask(subject, actor):
        raise NotAllowed(f"您没有查看“{subject.title}”的权限")
    if len(document.fields) > MOST_FIELDS:
        raise Refused(f"一次最多选 {MOST_FIELDS} 个字段")
    for name in document.names:
        subject.field(name)
    conditions.check(subject, document.where)
    _check_groups(document, subject)
    if not document.is_grouped and not document.fields:
        document = Document(**{**document.__dict__, "fields": tuple(usual_fields(subject))})
    return Plan(document, subject, actor)


def _check_groups(document: Document, subject: Subject) -> None:
    if (
        len(document.rows) > MOST_ROWS
        or len(document.columns) > MOST_COLUMNS
        or len(document.measures) > MOST_MEASURES
    ):
        raise Refused(f"最多按 {MOST_ROWS} 个字段分行、{MOST_COLUMNS} 个分列，统计 {MOST_MEASURES} 项")
    if set(document.rows) & set(document.columns):
        raise Refused("同一个字段不能又分行又分列")
    for name in (*document.rows, *document.columns):
        if subject.field(name).is_sealed:
            raise Refused(f"“{subject.field(name).title}”加密保存，不能用来分组")
    for measure in document.measures:
        _check_measure(measure, subject)


def _check_measure(measure: str, subject: Subject) -> None:
    how, _, name = measure.partition(":")
    if how not in ("count", "sum", "mean", "distinct") or (how == "count") == bool(name):
        raise Refused("统计项读不懂，请重新选择")
    if name and how in ("sum", "mean") and subject.field(name).kind not in NUMBERS:
        raise Refused(f"“{subject.field(name).title}”不是数字，不能求{MEASURES[how]}")
    if name and subject.field(name).is_sealed:
        raise Refused(f"“{subject.field(name).title}”加密保存，不能统计")


def usual_fields(subject: Subject, most: int = 6) -> list[str]:
    """What one sees first: the key, the name, the unit, then what is coded."""
    open_ = [
        one
        for one in subject.fields
        if one.level <= Level.INTERNAL and not one.is_sealed and joining.SEPARATOR not in one.name
    ]
    by_rank = sorted(
        open_,
        key=lambda one: (
            one.name != subject.key,
            one.name != "name",
            one.name != "department_name",
            not one.code_set,
        ),
    )
    return [one.name for one in by_rank[:most]]


def measure_title(measure: str, subject: Subject) -> str:
    how, _, name = measure.partition(":")
    return f"{subject.field(name).title}{MEASURES[how]}" if name else MEASURES[how]


def measures_for(subject: Subject) -> Sequence[tuple[str, str]]:
    """What can be counted of this subject."""
    found = [("count", "行数")]
    for one in subject.fields:
        if one.is_sealed or joining.SEPARATOR in one.name:
            continue
        if one.kind in NUMBERS:
            found += [(f"sum:{one.name}", f"{one.title}合计"), (f"mean:{one.name}", f"{one.title}平均")]
        elif one.refers:
            found.append((f"distinct:{one.name}", f"{one.title}不同值个数"))
    return found
