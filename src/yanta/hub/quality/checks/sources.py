"""Checks between sources, and of time: the merged value against who is believed, who is silent, what is stale."""

from __future__ import annotations

from datetime import timedelta

import ibis
from ibis import ir

from yanta.hub import elements
from yanta.hub.models import Source
from yanta.hub.quality.checks.shapes import (
    Dimension,
    Needs,
    Parameter,
    Spec,
    Template,
    World,
    scope,
    whole_number,
)
from yanta.hub.subjects import Field, Level, Subject
from yanta.kernel.base import Refused

SOURCE = Subject(
    "data_source", "数据来源", Source, "网络与信息化中心", "code",
    (Field("code", "来源编码", "code", "text", Level.PUBLIC), Field("title", "来源名称", "title", "text", Level.PUBLIC),
     Field("department", "归口部门", "department", "text", Level.PUBLIC)),
)  # fmt: skip
_ELEMENT = Parameter("element", "数据项", "element")
LEFT, RIGHT = "_left", "_right"


class _OfPersons(Template):
    """Compares what was delivered about persons."""

    dimension, least, most = Dimension.CROSS_SOURCE, 0, 0

    def offers(self, subject: Subject) -> bool:
        return subject.name == "person"

    def element(self, spec: Spec) -> elements.Element:
        found = elements.ELEMENTS.get(spec.text("element"))
        if found is None:
            raise Refused("请选择要核对的数据项", field="parameter_element")
        return found

    def check(self, spec: Spec) -> None:
        self.element(spec)

    def needs(self, spec: Spec) -> Needs:
        return Needs(("number",))

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        return scope(table, spec) & table[LEFT].notnull() & table[RIGHT].notnull(), table[LEFT] != table[
            RIGHT
        ]

    def _joined(self, table: ir.Table, pairs: ir.Table) -> ir.Table:
        found = table.left_join(pairs, table.id == pairs["_person"])
        return found.select(*(table[name] for name in table.columns), found[LEFT], found[RIGHT])


class Authoritative(_OfPersons):
    code, title = "authority", "与权威来源一致"
    help = "归并后的值应与权威来源最近提供的值相同；本人更正经核准的除外"
    parameters = (_ELEMENT,)
    shown = ((LEFT, "权威来源的值"), (RIGHT, "现在的值"))

    def words(self, spec: Spec) -> str:
        return f"人员的{self.element(spec).label}应与权威来源提供的一致"

    def beside(self, table: ir.Table, spec: Spec, world: World) -> ir.Table:
        return self._joined(table, world.believed(spec.text("element")))


class Agreeing(_OfPersons):
    code, title = "agree", "两个来源一致"
    help = "同一个人，两个来源所报的值应相同；容许的差异写在“容忍比例”"
    parameters = (_ELEMENT, Parameter("left", "来源一", "source"), Parameter("right", "来源二", "source"))
    shown = ((LEFT, "来源一"), (RIGHT, "来源二"))

    def check(self, spec: Spec) -> None:
        super().check(spec)
        titles = self._titles(spec)
        for name in ("left", "right"):
            if spec.text(name) not in titles:
                raise Refused("请选择两个来源", field=f"parameter_{name}")
        if spec.text("left") == spec.text("right"):
            raise Refused("两个来源不能相同", field="parameter_right")

    def _titles(self, spec: Spec) -> dict[str, str]:
        codes = [spec.text("left"), spec.text("right")]
        return dict(Source.objects.filter(code__in=codes).values_list("code", "title"))

    def words(self, spec: Spec) -> str:
        titles = self._titles(spec)
        left, right = (titles.get(spec.text(name), spec.text(name)) for name in ("left", "right"))
        return f"“{left}”与“{right}”所报的{self.element(spec).label}应一致"

    def beside(self, table: ir.Table, spec: Spec, world: World) -> ir.Table:
        return self._joined(
            table, world.delivered(spec.text("element"), spec.text("left"), spec.text("right"))
        )


_DAYS = Parameter("days", "天数", "number")


def _days(spec: Spec) -> int:
    found = whole_number(spec, "days", "天数", least=1)
    if found is None:
        raise Refused("请填写天数", field="parameter_days")
    return found


class _Recent(Template):
    dimension, least, most, parameters = Dimension.TIMELY, 0, 0, (_DAYS,)
    shown = (("_last", "最近一次"),)

    def check(self, spec: Spec) -> None:
        _days(spec)

    def needs(self, spec: Spec) -> Needs:
        return Needs((spec.subject.key,) if spec.subject.key != "id" else ())

    def _joined(self, table: ir.Table, known: ir.Table) -> ir.Table:
        found = table.left_join(known, table.id == known["_row"])
        return found.select(*(table[name] for name in table.columns), _last=found["_at"])

    def verdict(self, table: ir.Table, spec: Spec, world: World) -> tuple[ir.BooleanValue, ir.BooleanValue]:
        since = ibis.literal(world.now - timedelta(days=_days(spec)), type="timestamp('UTC')")
        return scope(table, spec), table["_last"].isnull() | (table["_last"] < since)


class Fresh(_Recent):
    code, title = "fresh", "近期有更新或确认"
    help = "每一行在若干天内有过变更，或其数据经来源再次确认"

    def words(self, spec: Spec) -> str:
        return f"{spec.subject.title}应在 {_days(spec)} 天内有更新或确认"

    def beside(self, table: ir.Table, spec: Spec, world: World) -> ir.Table:
        return self._joined(table, world.changed(spec.subject))


class Spoken(_Recent):
    code, title = "spoken", "来源按期报送"
    help = "每个来源在若干天内报送过数据"

    def offers(self, subject: Subject) -> bool:
        return subject.name == SOURCE.name

    def words(self, spec: Spec) -> str:
        return f"来源应在 {_days(spec)} 天内报送过数据"

    def beside(self, table: ir.Table, spec: Spec, world: World) -> ir.Table:
        return self._joined(table, world.spoken())
