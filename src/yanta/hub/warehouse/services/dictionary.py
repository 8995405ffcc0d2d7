"""The dictionary of figures: what comes with the systems, what people define, how a formula changes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone

from yanta.hub.warehouse import shapes
from yanta.hub.warehouse.models import Better, Indicator, IndicatorVersion, SameFigure
from yanta.hub.warehouse.models.indicators import CODE
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.indicators import Declared, declared
from yanta.kernel.operation import Label, Long, operation

# Cells of the statistical returns that say what an indicator says.
CELLS = (
    ("教职工数：统计报表与指标", "staff.count", "gj/JG1/zj.hj"),
    ("专任教师数：统计报表与指标", "staff.teachers", "gj/JG2/zj.hj"),
)  # fmt: skip
FORMULA_HELP = "JSON：{“parts”: {名称: 组成部分}, “expression”: 算式}"


@transaction.atomic
def take_over(*, on: date) -> int:
    """Put the declared indicators into the dictionary; answers how many are new or have a new formula.

    What people decided about a declared indicator (target, warning, text) stays; a formula that the programme changes
    becomes a new version.
    """
    known = {one.code: one for one in Indicator.objects.select_for_update(no_key=True)}
    changed = 0
    for one in declared():
        indicator = known.get(one.code) or _added(one)
        current = indicator.versions.filter(valid_to=None).first()
        parts = json.loads(json.dumps(one.parts_as_json()))
        if current is None:
            _version(indicator, 1, parts, one.expression, on, "随系统提供", "系统")
        elif current.made_by != "系统" or (current.parts, current.expression) == (parts, one.expression):
            continue
        else:
            _follow(indicator, current, parts, one.expression, on=on, reason="随系统升级", by="系统")
        changed += 1
    _declare_sums()
    _declare_cells()
    return changed


def _added(one: Declared) -> Indicator:
    return Indicator.objects.create(
        code=one.code, name=one.title, group=one.group, owner=one.owner, unit_label=one.unit, decimals=one.decimals,
        better=one.better, target=one.target, warn=one.warn, dimensions=list(one.dimensions), clock=one.clock,
        basis=one.basis, coverage=one.coverage, is_declared=True, order=one.order,
    )  # fmt: skip


def _declare_sums() -> None:
    """A count over rows that belong to units ought to be the sum of its units."""
    for version in IndicatorVersion.objects.filter(valid_to=None).select_related("indicator"):
        formula = shapes.read(version.parts, version.expression)
        pieces = list(formula.pieces.values())
        if formula.others or len(pieces) != 1 or not (pieces[0].is_additive and pieces[0].has_units):
            continue
        if version.expression.strip() not in formula.pieces:
            continue
        indicator = version.indicator
        SameFigure.objects.get_or_create(
            left=f"indicator:{indicator.code}", right=f"units:{indicator.code}",
            defaults={"name": f"{indicator.name}：各单位之和应等于全校", "owner": indicator.owner, "is_declared": True},
        )  # fmt: skip


def _declare_cells() -> None:
    for name, code, cell in CELLS:
        owner = Indicator.objects.filter(code=code).values_list("owner", flat=True).first() or ""
        SameFigure.objects.get_or_create(
            left=f"indicator:{code}",
            right=f"cell:{cell}",
            defaults={"name": name, "owner": owner, "is_declared": True},
        )


def _version(
    indicator: Indicator,
    number: int,
    parts: Mapping[str, Any],
    expression: str,
    on: date,
    reason: str,
    by: str,
) -> IndicatorVersion:
    return IndicatorVersion.objects.create(
        indicator=indicator,
        number=number,
        parts=parts,
        expression=expression,
        valid_from=on,
        reason=reason,
        made_by=by,
    )


def _follow(
    indicator: Indicator, current: IndicatorVersion, parts: Mapping[str, Any], expression: str, *, on: date, reason: str,
    by: str,
) -> IndicatorVersion:  # fmt: skip
    """The version in force ends on the day on which the next begins."""
    current.valid_to = on
    current.save(update_fields=["valid_to", "updated_at"])
    return _version(indicator, current.number + 1, parts, expression, on, reason, by)


def formula_of(text: str, *, dimensions: list[str], on: date) -> tuple[dict[str, Any], str]:
    """The formula as a person or a programme wrote it, checked; refuses in words."""
    try:
        document = json.loads(text)
        parts, expression = dict(document["parts"]), str(document["expression"])
        formula = shapes.read(parts, expression)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"公式读不懂，应为 {FORMULA_HELP}", field="formula") from error
    known = Indicator.objects.filter(is_open=True).values_list("code", flat=True)
    shapes.check(formula, dimensions=dimensions, known=known, on=on)
    return parts, expression


def _is_owner(actor: Actor, owner: str) -> bool:
    """The owning department defines its figures; the engineers keep the dictionary."""
    if actor.is_system or actor.has_role("engineer"):
        return True
    return any(owner and owner in _names(grant.unit_name) for grant in actor.grants)


def _names(unit_name: str) -> frozenset[str]:
    from yanta.kernel.organisation.models import OrgUnit

    unit = OrgUnit.objects.filter(name=unit_name).first()
    return unit.names if unit else frozenset({unit_name})


def require_owner(actor: Actor, owner: str) -> None:
    """Refuses whoever does not answer for the figure."""
    if not _is_owner(actor, owner):
        raise Refused(f"这个指标由“{owner}”主管，只有主管部门和数据工程师可以改口径", rule="指标归主管部门")


@operation("定义指标", model=Indicator, icon="plus")
def define(
    *, actor: Actor, code: Annotated[str, Label("指标代码", "小写英文与点，如 student.honours")],
    name: Annotated[str, Label("指标名称")], owner: Annotated[str, Label("主管部门", "如 教务处")],
    formula: Annotated[str, Label("公式", FORMULA_HELP), Long(8)], unit_label: Annotated[str, Label("计量单位")] = "",
    decimals: Annotated[int, Label("小数位数")] = 0, better: Annotated[Better, Label("方向")] = Better.NEITHER,
    basis: Annotated[str, Label("依据"), Long(2)] = "", dimensions: Annotated[str, Label("可分维度", "字段名，用空格分开")] = "",
) -> Indicator:  # fmt: skip
    """A figure of one's own department, in force from today."""
    require_owner(actor, owner)
    if not re.match(CODE.regex, code):
        raise Refused(str(CODE.message), field="code")
    if Indicator.objects.filter(code=code).exists():
        raise Refused(f"已有代码为“{code}”的指标", field="code")
    if not 0 <= decimals <= 6:
        raise Refused("小数位数应在 0 到 6 之间", field="decimals")
    on, wanted = timezone.localdate(), dimensions.split()
    parts, expression = formula_of(formula, dimensions=wanted, on=on)
    made = Indicator.objects.create(
        code=code, name=name, owner=owner, unit_label=unit_label, decimals=decimals, better=better, basis=basis,
        dimensions=wanted, group="自定义",
    )  # fmt: skip
    _version(made, 1, parts, expression, on, "新定义", actor.signature)
    return made


@operation("修改口径", icon="math-function", when=lambda one: one.is_open)
def change_formula(
    indicator: Indicator,
    *,
    actor: Actor,
    formula: Annotated[str, Label("公式", FORMULA_HELP), Long(8)],
    reason: str,
) -> None:
    """The old formula keeps its days; the new one holds from today."""
    require_owner(actor, indicator.owner)
    on = timezone.localdate()
    parts, expression = formula_of(formula, dimensions=indicator.dimensions, on=on)
    current = indicator.versions.select_for_update(no_key=True).filter(valid_to=None).first()
    if current is None:
        _version(indicator, 1, parts, expression, on, reason, actor.signature)
        return
    if (current.parts, current.expression) == (parts, expression):
        raise Refused("公式没有变化")
    _refuse_ring(indicator.code, parts)
    _follow(indicator, current, parts, expression, on=on, reason=reason, by=actor.signature)


def _refuse_ring(code: str, parts: Mapping[str, Any]) -> None:
    made_of = {
        one.indicator.code: [part["indicator"] for part in one.parts.values() if "indicator" in part]
        for one in IndicatorVersion.objects.filter(valid_to=None).select_related("indicator")
    }
    open_ = [part["indicator"] for part in parts.values() if "indicator" in part]
    seen: set[str] = set()
    while open_:
        step = open_.pop()
        if step == code:
            raise Refused("指标不能直接或间接引用自己")
        if step not in seen:
            seen.add(step)
            open_ += made_of.get(step, [])


@operation("停用", icon="circle-off", danger=True, when=lambda one: one.is_open)
def close(indicator: Indicator, *, actor: Actor, reason: str) -> None:
    """No more values from tomorrow; those that are there stay."""
    require_owner(actor, indicator.owner)
    users = [
        one.indicator.name
        for one in IndicatorVersion.objects.filter(valid_to=None, indicator__is_open=True).select_related(
            "indicator"
        )
        if any(part.get("indicator") == indicator.code for part in one.parts.values())
    ]
    if users:
        raise Refused(f"“{'、'.join(users)}”要用到它，请先改那边的公式")
    indicator.is_open = False
    indicator.save(update_fields=["is_open", "updated_at"])


@operation("启用", icon="circle-check", when=lambda one: not one.is_open)
def reopen(indicator: Indicator, *, actor: Actor) -> None:
    """Computed again from the next passage on."""
    require_owner(actor, indicator.owner)
    indicator.is_open = True
    indicator.save(update_fields=["is_open", "updated_at"])
