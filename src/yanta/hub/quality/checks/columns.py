"""Checks of one row's own values: filled, unique, a code of its set, of the right length, form and range."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import ibis
from ibis import ir

from yanta.hub.cleaning import identity
from yanta.hub.quality.checks.shapes import (
    Dimension,
    Needs,
    Parameter,
    Spec,
    Template,
    World,
    all_filled,
    cell,
    filled,
    scope,
    whole_number,
)
from yanta.hub.subjects import Field
from yanta.kernel.base import Refused
from yanta.kernel.codes import service as codes

RESIDENT = "1"
TODAY = ("today", "今天")
# Names and expressions that the house has tried; nobody writes an expression of their own.
PATTERNS = {
    "mobile": ("手机号（11 位）", r"^1[3-9]\d{9}$"),
    "email": ("电子邮箱", r"^[\w.+-]+@[\w-]+(\.[\w-]+)+$"),
    "digits": ("全为数字", r"^\d+$"),
    "letters_digits": ("字母与数字", r"^[A-Za-z0-9]+$"),
    "code": ("编号（字母、数字、连字符）", r"^[A-Za-z0-9][A-Za-z0-9-]*$"),
    "chinese_name": ("中文姓名（可含间隔号）", r"^\p{Han}[\p{Han}·]{1,29}$"),
    "person_name": ("姓名（中文或外文，无数字符号）", r"^[\p{L}][\p{L} .·'-]{0,59}$"),
    "bank": ("银行账号（12 至 21 位数字）", r"^\d{12,21}$"),
    "postcode": ("邮政编码", r"^\d{6}$"),
    "academic_year": ("学年（2026-2027）", r"^(19|20)\d{2}-(19|20)\d{2}$"),
    "no_spaces": ("不含空格", r"^\S+$"),
}


class Filled(Template):
    code, title, dimension = "filled", "必须填写", Dimension.COMPLETE
    help, most = "所选各项都要有值；可加条件，如“在读学生的手机号必须填写”", 8

    def words(self, spec: Spec) -> str:
        return f"{spec.titles()}必须填写"

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        return scope(table, spec), ~all_filled(table, spec.fields)


class AnyFilled(Template):
    code, title, dimension = "any_filled", "至少填写一项", Dimension.COMPLETE
    least, most = 2, 8

    def words(self, spec: Spec) -> str:
        return f"{spec.titles()}至少填写一项"

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        return scope(table, spec), ~ibis.or_(*(filled(table, name) for name in spec.fields))


class Unique(Template):
    code, title, dimension, whole = "unique", "不得重复", Dimension.UNIQUE, True
    help, most = "一项，或几项合起来，全校不得有两行相同；空值不比", 5

    def words(self, spec: Spec) -> str:
        together = "合起来" if len(spec.fields) > 1 else ""
        return f"{spec.titles()}{together}不得重复"

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        applies = scope(table, spec) & all_filled(table, spec.fields)
        same = ibis.window(group_by=[table[name] for name in spec.fields])
        return applies, applies.fill_null(False).cast("int64").sum().over(same) > 1


class InSet(Template):
    code, title, dimension = "in_set", "代码有效", Dimension.VALID
    help = "值须在所引用的代码集中，且当天仍在使用"

    def accepts(self, one: Field) -> bool:
        return bool(one.code_set)

    def words(self, spec: Spec) -> str:
        return f"{spec.titles()}须是“{codes.table_of(spec.field().code_set).title}”中现行的代码"

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        known = world.codes(spec.field().code_set)
        return scope(table, spec) & filled(table, spec.fields[0]), ~table[spec.fields[0]].isin(known.code)


class OfLength(Template):
    code, title, dimension = "length", "长度", Dimension.VALID
    parameters = (
        Parameter("least", "最少字符", "number", required=False),
        Parameter("most", "最多字符", "number", required=False),
    )

    def accepts(self, one: Field) -> bool:
        return one.kind == "text"

    def _ends(self, spec: Spec) -> tuple[int | None, int | None]:
        return whole_number(spec, "least", "最少字符"), whole_number(spec, "most", "最多字符", least=1)

    def check(self, spec: Spec) -> None:
        least, most = self._ends(spec)
        if least is None and most is None:
            raise Refused("最少字符与最多字符至少填一项", field="parameter_most")
        if least is not None and most is not None and least > most:
            raise Refused("最少字符不能多于最多字符", field="parameter_least")

    def words(self, spec: Spec) -> str:
        least, most = self._ends(spec)
        if least == most:
            return f"{spec.titles()}应为 {most} 个字符"
        parts = [f"不少于 {least} 个字符"] * (least is not None) + [f"不超过 {most} 个字符"] * (
            most is not None
        )
        return f"{spec.titles()}{'、'.join(parts)}"

    def needs(self, spec: Spec) -> Needs:
        return _in_clear(spec)

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        least, most = self._ends(spec)
        size = cell(table, spec.fields[0]).length()
        fails = [size < least] * (least is not None) + [size > most] * (most is not None)
        return scope(table, spec) & filled(table, spec.fields[0]), ibis.or_(*fails)


class OfPattern(Template):
    code, title, dimension = "pattern", "写法", Dimension.VALID
    parameters = (
        Parameter(
            "pattern", "写法", "choice", options=tuple((key, name) for key, (name, _) in PATTERNS.items())
        ),
    )

    def accepts(self, one: Field) -> bool:
        return one.kind == "text"

    def check(self, spec: Spec) -> None:
        if spec.text("pattern") not in PATTERNS:
            raise Refused("请从已有的写法中选择一种", field="parameter_pattern")

    def words(self, spec: Spec) -> str:
        return f"{spec.titles()}的写法应是：{PATTERNS[spec.text('pattern')][0]}"

    def needs(self, spec: Spec) -> Needs:
        return _in_clear(spec)

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        expression = PATTERNS[spec.text("pattern")][1]
        fits = cell(table, spec.fields[0]).re_search(expression)
        return scope(table, spec) & filled(table, spec.fields[0]), ~fits


def _in_clear(spec: Spec) -> Needs:
    """What is sealed must be opened to look at its letters."""
    return Needs(spec.fields, tuple(name for name in spec.fields if spec.subject.field(name).is_sealed))


class InRange(Template):
    code, title, dimension = "range", "范围", Dimension.VALID
    help = "数或日期的上下限；日期可写“今天”"
    parameters = (
        Parameter("least", "不小于（不早于）", required=False),
        Parameter("most", "不大于（不晚于）", required=False),
    )

    def accepts(self, one: Field) -> bool:
        return one.kind in ("integer", "decimal", "date")

    def check(self, spec: Spec) -> None:
        ends = [_bound(spec, name, date.min) for name in ("least", "most")]
        if ends == [None, None]:
            raise Refused("上限与下限至少填一项", field="parameter_least")
        if "today" not in _written(spec) and None not in ends and ends[0] > ends[1]:
            raise Refused("下限不能大于上限", field="parameter_least")

    def words(self, spec: Spec) -> str:
        least, most = (_say(spec.text(name)) for name in ("least", "most"))
        dated = spec.field().kind == "date"
        parts = [f"不{'早' if dated else '小'}于 {least}"] * bool(least) + [
            f"不{'晚' if dated else '大'}于 {most}"
        ] * bool(most)
        return f"{spec.titles()}应{'、'.join(parts)}"

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        least, most = (_bound(spec, name, world.on) for name in ("least", "most"))
        column = table[spec.fields[0]]
        fails = [column < least] * (least is not None) + [column > most] * (most is not None)
        return scope(table, spec) & column.notnull(), ibis.or_(*fails)


def _written(spec: Spec) -> set[str]:
    return {"today" for name in ("least", "most") if spec.text(name) in TODAY}


def _say(text: str) -> str:
    return "今天" if text in TODAY else text


def _bound(spec: Spec, name: str, today: date) -> Any:
    text, kind = spec.text(name), spec.field().kind
    if not text:
        return None
    if kind == "date" and text in TODAY:
        return today
    try:
        return (
            date.fromisoformat(text) if kind == "date" else int(text) if kind == "integer" else Decimal(text)
        )
    except (ValueError, InvalidOperation) as error:
        meant = "日期，如 2026-09-01 或“今天”" if kind == "date" else "数"
        raise Refused(f"“{text}”应为{meant}", field=f"parameter_{name}") from error


class Identity(Template):
    code, title, dimension = "identity", "身份证号自洽", Dimension.VALID
    help = "校验位、出生日期段正确，并与本人的出生日期、性别相符"
    parameters = (Parameter("compare", "与出生日期、性别核对", "flag", required=False),)

    def accepts(self, one: Field) -> bool:
        return one.name == "id_number"

    def words(self, spec: Spec) -> str:
        compared = "，且与出生日期、性别相符" if spec.parameters.get("compare") else ""
        return f"居民身份证的号码校验位与日期正确{compared}"

    def needs(self, spec: Spec) -> Needs:
        beside = ("birth_on", "sex") if spec.parameters.get("compare") else ()
        return Needs((*spec.fields, "id_type", *beside), spec.fields)

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        name = spec.fields[0]
        number = cell(table, name).upper()
        unstated = ~filled(table, "id_type") & number.re_search(r"^\d{15}(\d{2}[\dX])?$")
        resident = (table.id_type == RESIDENT) | unstated
        fails = ~identity.is_mainland(number) | identity.fault_in(number, ibis.literal(True)).notnull()
        if spec.parameters.get("compare"):
            fails |= (identity.birth_in(number) != table.birth_on).fill_null(False)
            fails |= (table.sex.isin(["1", "2"]) & (identity.sex_in(number) != table.sex)).fill_null(False)
        return scope(table, spec) & filled(table, name) & resident, fails
