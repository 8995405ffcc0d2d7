"""One language for “which rows”: filters of datasets, report cells, quality rules, figures and queries.

A condition is `{"all": […]}`, `{"any": […]}`, `{"not": …}` or `{"field": name, "is": test, "value": …}`, kept as JSON and
understood by the database and by Ibis alike. What is absent equals nothing, so `ne` and `not_in` hold for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import ibis
from django.db.models import Q

from yanta.hub.subjects.shapes import Field, Subject
from yanta.kernel.base import Refused, ciphers
from yanta.kernel.codes import service as codes
from yanta.kernel.organisation.models import OrgUnit

Condition: TypeAlias = Mapping[str, Any]

EVERYTHING: Condition = {"all": []}
WORDS = {
    "eq": "为", "ne": "不为", "lt": "小于", "le": "不大于", "gt": "大于", "ge": "不小于", "in": "属于", "not_in": "不属于",
    "empty": "为空", "filled": "已填", "contains": "含", "starts": "以…开头", "between": "介于", "under": "属于（含下级）",
}  # fmt: skip
BARE = frozenset({"empty", "filled"})
LISTS = frozenset({"in", "not_in", "between"})
TEXT_ONLY = frozenset({"contains", "starts"})
SEALED = frozenset({"eq", "ne", "in", "not_in", "empty", "filled"})
UNIT = "organisation.orgunit"


def check(subject: Subject, condition: Condition) -> None:
    """Refuses, in words, what cannot be understood."""
    for inner in _inner(condition):
        check(subject, inner)
    if "field" in condition:
        _check_clause(subject.field(str(condition["field"])), condition)
    elif not {"all", "any", "not"} & condition.keys():
        raise Refused("条件写法有误：应为 all、any、not 或一项比较")


def fields_of(condition: Condition) -> list[str]:
    """The names of the fields that a condition looks at, once each."""
    found = [str(condition["field"])] if "field" in condition else []
    for inner in _inner(condition):
        found += fields_of(inner)
    return list(dict.fromkeys(found))


def _inner(condition: Condition) -> list[Condition]:
    if "not" in condition:
        return [condition["not"]]
    return [*condition.get("all", ()), *condition.get("any", ())]


def _check_clause(field: Field, clause: Condition) -> None:
    test, value = clause.get("is"), clause.get("value")
    if test not in WORDS:
        raise Refused(f"没有“{test}”这种比较")
    if field.is_sealed and test not in SEALED:
        raise Refused(f"“{field.title}”加密保存，只能比较是否相等、是否已填")
    if test in TEXT_ONLY and field.kind != "text":
        raise Refused(f"“{field.title}”不是文字，不能用“{WORDS[test]}”")
    if test == "under" and field.refers != UNIT:
        raise Refused(f"“{field.title}”不是单位，不能用“{WORDS[test]}”")
    if test in LISTS and (not isinstance(value, list) or (test == "between" and len(value) != 2)):
        raise Refused(f"“{field.title}”{WORDS[test]}之后应是一组值")
    if test not in BARE:
        for one in _listed(value):
            _value(field, one)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_READERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "integer": int,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "instant": datetime.fromisoformat,
    "flag": lambda text: {"true": True, "false": False, "1": True, "0": False}[text.lower()],
}


def _value(field: Field, written: Any) -> Any:
    try:
        return _READERS[field.kind](str(written))
    except (ValueError, InvalidOperation, KeyError) as error:
        raise Refused(f"“{field.title}”的值“{written}”读不懂") from error


def q(subject: Subject, condition: Condition) -> Q:
    """The condition for the database."""
    if "field" in condition:
        field = subject.field(str(condition["field"]))
        return _clause_q(field, condition["is"], _meant(field, condition))
    if "not" in condition:
        return ~q(subject, condition["not"])
    parts = [q(subject, inner) for inner in _inner(condition)]
    joined = Q()
    for part in parts:
        joined = joined | part if "any" in condition else joined & part
    return joined


def _meant(field: Field, clause: Condition) -> Any:
    """The value as the database and the engine compare it."""
    test, value = clause["is"], clause.get("value")
    if test in BARE:
        return None
    if test == "under":
        return _codes_under([str(one) for one in _listed(value)])
    found = [_value(field, one) for one in _listed(value)]
    return found if test in LISTS else found[0]


def _codes_under(tops: Sequence[str]) -> list[str]:
    within = Q(pk__in=())
    for path in OrgUnit.objects.filter(code__in=tops).values_list("path", flat=True):
        within |= Q(path__startswith=path)
    return list(OrgUnit.objects.filter(within).values_list("code", flat=True))


_LOOKUPS = {
    "eq": "", "lt": "__lt", "le": "__lte", "gt": "__gt", "ge": "__gte", "in": "__in", "under": "__in",
    "contains": "__contains", "starts": "__startswith", "between": "__range",
}  # fmt: skip


def _clause_q(field: Field, test: str, value: Any) -> Q:
    if test in BARE:
        blank = Q(**{f"{field.path}__isnull": True})
        if field.kind == "text" and not field.is_sealed:
            blank |= Q(**{field.path: ""})
        return blank if test == "empty" else ~blank
    if test in ("ne", "not_in"):
        return ~_clause_q(field, "eq" if test == "ne" else "in", value)
    return Q(**{f"{field.path}{_LOOKUPS[test]}": value})


def expression(table: ibis.Table, subject: Subject, condition: Condition) -> ibis.expr.types.BooleanValue:
    """The condition over a relation of the subject; true or false, never unknown."""
    if "field" in condition:
        field = subject.field(str(condition["field"]))
        return _clause(table[field.name], field, condition["is"], _meant(field, condition))
    if "not" in condition:
        return ~expression(table, subject, condition["not"])
    parts = [expression(table, subject, inner) for inner in _inner(condition)]
    if not parts:
        return ibis.literal("any" not in condition)
    return ibis.or_(*parts) if "any" in condition else ibis.and_(*parts)


_TESTS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": lambda column, value: column == value,
    "lt": lambda column, value: column < value,
    "le": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "ge": lambda column, value: column >= value,
    "in": lambda column, value: column.isin(value),
    "under": lambda column, value: column.isin(value),
    "contains": lambda column, value: column.contains(value),
    "starts": lambda column, value: column.startswith(value),
    "between": lambda column, value: column.between(*value),
}


def _clause(column: Any, field: Field, test: str, value: Any) -> Any:
    if test in BARE:
        blank = column.isnull()
        if field.kind == "text":
            blank = blank | (column == "").fill_null(False)
        return blank if test == "empty" else ~blank
    if test in ("ne", "not_in"):
        return ~_clause(column, field, "eq" if test == "ne" else "in", value)
    if field.is_sealed:
        value = [_digest(one) for one in value] if isinstance(value, list) else _digest(value)
    return _TESTS[test](column, value).fill_null(False)


def _digest(value: str) -> str:
    return f"\\x{ciphers.blind_index(value).hex()}"


def words(subject: Subject, condition: Condition) -> str:
    """The condition as a clerk says it; empty when it keeps everything."""
    if "field" in condition:
        return _clause_words(subject.field(str(condition["field"])), condition)
    if "not" in condition:
        return f"并非（{words(subject, condition['not'])}）"
    parts = [words(subject, inner) for inner in _inner(condition)]
    if "any" in condition:
        return f"（{'或'.join(parts)}）" if len(parts) > 1 else "".join(parts)
    return "，且".join(part for part in parts if part)


def _clause_words(field: Field, clause: Condition) -> str:
    test = clause["is"]
    if test in BARE:
        return f"{field.title}{WORDS[test]}"
    shown = [wording(field, str(one)) for one in _listed(clause.get("value"))]
    if test == "starts":
        return f"{field.title}以“{shown[0]}”开头"
    if test == "between":
        return f"{field.title}介于 {shown[0]} 与 {shown[1]} 之间"
    return f"{field.title}{WORDS[test]} {'、'.join(shown)}"


def wording(field: Field, value: str) -> str:
    """A value as people call it: the name of a code, of a choice, of a unit."""
    if field.is_sealed:
        return "＊" * 4
    if field.code_set:
        return codes.name_of(field.code_set, value) or value
    if field.refers == UNIT:
        return OrgUnit.objects.filter(code=value).values_list("name", flat=True).first() or value
    return dict(field.choices).get(value, value)
