"""Checks across columns and across subjects: order, implication, reference, figures that must agree."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import ibis
from ibis import ir

from yanta.hub import subjects
from yanta.hub.quality.checks.shapes import (
    COMPARISON_OPTIONS,
    Dimension,
    Needs,
    Parameter,
    Spec,
    Template,
    World,
    all_filled,
    comparison,
    filled,
    other_subject,
    scope,
)
from yanta.hub.subjects import Field, Subject, conditions
from yanta.kernel.base import Refused

NUMBERS = ("integer", "decimal")
FUNCTIONS = {"count": "行数", "sum": "合计", "min": "最小", "max": "最大"}


class Ordered(Template):
    code, title, dimension, least, most = "order", "两项比较", Dimension.CONSISTENT, 2, 2
    help = "前一项与后一项的先后、大小或相等，如“入学日期不晚于离校日期”"
    parameters = (Parameter("op", "前一项应", "choice", options=COMPARISON_OPTIONS),)

    def check(self, spec: Spec) -> None:
        left, right = spec.field(0), spec.field(1)
        op = spec.text("op")
        comparison(spec)
        same = left.kind == right.kind or {left.kind, right.kind} <= set(NUMBERS)
        if not same:
            raise Refused(f"“{left.title}”与“{right.title}”不是同类的值，不能比较", field="fields")
        if op not in ("eq", "ne") and (left.is_sealed or left.kind in ("text", "flag")):
            raise Refused(f"“{left.title}”只能比较是否相等", field="parameter_op")
        if left.is_sealed != right.is_sealed:
            raise Refused("加密的一项不能与未加密的一项比较", field="fields")

    def words(self, spec: Spec) -> str:
        op, dated = spec.text("op") or "eq", spec.field().kind in ("date", "instant")
        say = {"lt": ("小于", "早于"), "le": ("不大于", "不晚于"), "gt": ("大于", "晚于"), "ge": ("不小于", "不早于"),
               "eq": ("与…相同",) * 2, "ne": ("与…不同",) * 2}[op][dated]  # fmt: skip
        left, right = spec.field(0).title, spec.field(1).title
        return f"{left}应{say.replace('…', right)}" if "…" in say else f"{left}应{say}{right}"

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        left, right = (table[name] for name in spec.fields)
        return scope(table, spec) & all_filled(table, spec.fields), ~comparison(spec)[1](left, right)


class Implied(Template):
    code, title, dimension, least, most = "implies", "有此必有彼", Dimension.CONSISTENT, 0, 0
    help = "满足前提的行必须满足结论，如“已毕业的，离校日期已填”；前提写在“适用条件”"
    parameters = (Parameter("then", "则应", "condition"),)

    def _then(self, spec: Spec) -> Any:
        found = spec.parameters.get("then")
        if not isinstance(found, dict) or not conditions.fields_of(found):
            raise Refused("请写明结论：则应如何", field="parameter_then")
        return found

    def check(self, spec: Spec) -> None:
        conditions.check(spec.subject, self._then(spec))
        if not conditions.fields_of(spec.when):
            raise Refused("请写明前提（适用条件），如“学籍状态为 毕业”", field="when")

    def words(self, spec: Spec) -> str:
        return f"应{conditions.words(spec.subject, self._then(spec))}"

    def needs(self, spec: Spec) -> Needs:
        return Needs(tuple(conditions.fields_of(self._then(spec))))

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        return scope(table, spec), ~conditions.expression(table, spec.subject, self._then(spec))


_OTHER = Parameter("other", "另一主题", "subject")
_WHERE = Parameter("where", "另一主题中只算", "condition", required=False)


def _where(spec: Spec, other: Subject) -> Any:
    where = spec.parameters.get("where") or conditions.EVERYTHING
    conditions.check(other, where)
    return where


def _of_other(spec: Spec, name: str, label: str) -> Field:
    other = other_subject(spec)
    if not spec.text(name):
        raise Refused(f"请选择“{other.title}”的{label}", field=f"parameter_{name}")
    return other.field(spec.text(name))


class Referred(Template):
    code, title, dimension = "refers", "参照存在", Dimension.REFERENCE
    help = "值须在另一主题的某项中存在，可限定“只算”哪些，如“部门须是未撤销的单位”"
    parameters = (_OTHER, Parameter("target", "对应项", "other_field"), _WHERE)

    def accepts(self, one: Field) -> bool:
        return not one.is_sealed

    def check(self, spec: Spec) -> None:
        target = _of_other(spec, "target", "对应项")
        if target.is_sealed or target.kind != spec.field().kind:
            raise Refused(
                f"“{spec.field().title}”与“{target.title}”不是同类的值，无从参照", field="parameter_target"
            )
        _where(spec, other_subject(spec))

    def words(self, spec: Spec) -> str:
        other = other_subject(spec)
        limits = conditions.words(other, _where(spec, other))
        which = f"（限{limits}）" if limits else ""
        return f"{spec.titles()}须是已有的{other.title}{_of_other(spec, 'target', '对应项').title}{which}"

    def needs(self, spec: Spec) -> Needs:
        return Needs(spec.fields, others=(spec.text("other"),))

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        other, target = other_subject(spec), spec.text("target")
        known = world.relation(other.name, [target], _where(spec, other))
        name = spec.fields[0]
        return scope(table, spec) & filled(table, name), ~table[name].isin(known[target])


class Counted(Template):
    code, title, dimension, least, most = "counted", "与下级合计相符", Dimension.CONSISTENT, 0, 0
    help = "另一主题中属于本行的行数或合计，应与本行的一项或一个数相符，如“班级的学生数不超过 60”"
    parameters = (
        _OTHER,
        Parameter("by", "属于本行的依据", "other_field", help="另一主题中写着本行编号的一项"),
        Parameter("function", "算什么", "choice", options=tuple(FUNCTIONS.items())),
        Parameter("of", "算哪一项", "other_field", required=False, help="算行数时不填"),
        _WHERE,
        Parameter("op", "结果应", "choice", options=COMPARISON_OPTIONS),
        Parameter("to_field", "本行的一项", "own_field", required=False),
        Parameter("to_number", "或一个数", "number", required=False),
    )
    shown = (("_total", "实际"),)

    def check(self, spec: Spec) -> None:
        if spec.subject.key == "id":
            raise Refused(f"“{spec.subject.title}”没有可供引用的编号", field="subject")
        _of_other(spec, "by", "依据")
        comparison(spec)
        if spec.text("function") not in FUNCTIONS:
            raise Refused("请选择算什么", field="parameter_function")
        if spec.text("function") != "count" and _of_other(spec, "of", "被算的一项").kind not in NUMBERS:
            raise Refused("只有数才能求合计、最小、最大", field="parameter_of")
        if bool(spec.text("to_field")) == bool(spec.text("to_number")):
            raise Refused("与本行的一项比，还是与一个数比：填其中之一", field="parameter_to_number")
        _number(spec)
        _where(spec, other_subject(spec))

    def words(self, spec: Spec) -> str:
        other = other_subject(spec)
        limits = conditions.words(other, _where(spec, other))
        function = spec.text("function")
        what = "数" if function == "count" else f"{_of_other(spec, 'of', '').title}{FUNCTIONS[function]}"
        name = spec.text("to_field")
        against = f"其{spec.subject.field(name).title}" if name else spec.text("to_number")
        how = {"le": "不大于", "ge": "不小于", "lt": "小于", "gt": "大于"}.get(
            spec.text("op"), comparison(spec)[0]
        )
        return (
            f"{spec.subject.title}的{other.title}{f'（{limits}）' if limits else ''}{what}应{how} {against}"
        )

    def needs(self, spec: Spec) -> Needs:
        own = (spec.text("to_field"),) if spec.text("to_field") else ()
        return Needs((spec.subject.key, *own), others=(spec.text("other"),))

    def beside(self, table: ir.Table, spec: Spec, world: World) -> ir.Table:
        other, by, of = other_subject(spec), spec.text("by"), spec.text("of")
        function = spec.text("function")
        found = world.relation(
            other.name, [by, of] if of and function != "count" else [by], _where(spec, other)
        )
        total = found.count() if function == "count" else getattr(found[of], function)()
        sums = found.group_by(found[by].name("_by")).agg(_total=total)
        joined = table.left_join(sums, table[spec.subject.key] == sums["_by"])
        empty = 0 if function in ("count", "sum") else None
        total_column = joined["_total"].fill_null(empty) if empty is not None else joined["_total"]
        return joined.select(*(table[name] for name in table.columns), _total=total_column)

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        name = spec.text("to_field")
        against = table[name] if name else ibis.literal(_number(spec))
        applies = scope(table, spec) & table["_total"].notnull()
        return applies & table[name].notnull() if name else applies, ~comparison(spec)[1](
            table["_total"], against
        )


def _number(spec: Spec) -> Any:
    text = spec.text("to_number")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Refused(f"“{text}”不是数", field="parameter_to_number") from error
    return int(value) if value == value.to_integral_value() else float(value)


def subject_options() -> list[tuple[str, str]]:
    return [(one.name, one.title) for one in subjects.all_subjects()]
