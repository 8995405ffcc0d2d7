"""The nouns of the warehouse on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils import timezone

from yanta.hub.warehouse import api as api
from yanta.hub.warehouse import services
from yanta.hub.warehouse.models import (
    Computation,
    Disagreement,
    Export,
    Indicator,
    IndicatorValue,
    IndicatorVersion,
    PublishedFigure,
    SameFigure,
)
from yanta.hub.warehouse.services import comparing
from yanta.kernel.base import Actor
from yanta.kernel.resource import Column, Related, Resource, Section, register

READERS = {"clerk": "view", "head": "view", "engineer": "*", "auditor": "view", "leader": "view"}
WRITERS = {**READERS, "clerk": "*", "head": "*"}


@register
class IndicatorResource(Resource):
    model = Indicator
    icon = "math-function"
    hint = "指标字典：每个数字的口径、主管部门、目标与依据。公式的修改留下版本，旧口径的数值不变。"
    columns = ["name", "code", "group", "owner", "unit_label", "better", "target", "warn", "is_open"]
    filters = ["group", "owner", "better", "is_declared", "is_open"]
    search = ["name", "code", "basis"]
    form = [
        Section("指标", ["code", "name", "group", "owner", "unit_label", "decimals"]),
        Section("评价", ["better", "target", "warn"]),
        Section("口径", ["clock", "basis", "coverage"]),
    ]
    facts = [
        Section("指标", ["code", "group", "owner", "unit_label", "decimals", "is_declared", "is_open"]),
        Section("评价", ["better", "target", "warn"]),
        Section("口径", ["clock", "basis", "coverage"]),
    ]
    related = [
        Related(
            "口径版本",
            IndicatorVersion,
            "indicator",
            ["number", "expression", "valid_from", "valid_to", "reason", "made_by"],
        )
    ]
    actions = [services.define, services.change_formula, services.close, services.reopen]
    order = ["order", "code"]
    access: ClassVar = {
        **READERS, "clerk": "view edit export define change_formula close reopen",
        "head": "view edit export define change_formula close reopen", "leader": "view export",
        "engineer": "view edit export define change_formula close reopen",
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("数值、来源与历史", f"/warehouse/figures/{row.code}/")]

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.dictionary.require_owner(actor, row.owner)
        row.save()


@register
class IndicatorVersionResource(Resource):
    model = IndicatorVersion
    title = "口径版本"
    icon = "versions"
    in_menu = False
    columns = ["indicator", "number", "expression", "valid_from", "valid_to", "reason", "made_by"]
    filters = ["indicator"]
    facts = [
        Section(
            "版本",
            ["indicator", "number", "expression", "parts", "valid_from", "valid_to", "reason", "made_by"],
        )
    ]
    access: ClassVar = dict.fromkeys(READERS, "view")


@register
class IndicatorValueResource(Resource):
    model = IndicatorValue
    title = "指标数值"
    icon = "chart-line"
    in_menu = False
    columns = [
        "indicator", "unit", "on", "clock",
        Column("shown", "数值", lambda row: shown(row), "text", ("indicator",)), "value",
    ]  # fmt: skip
    filters = ["indicator", "unit", "clock", "on"]
    facts = [
        Section("数值", ["indicator", "unit", "on", "clock", "value", "parts", "version", "computation"])
    ]
    order = ["-on", "indicator", "unit"]
    access: ClassVar = {
        **READERS,
        "engineer": "view export",
        "head": "view export",
        "leader": "view export",
        "clerk": "view export",
    }


def shown(row: IndicatorValue) -> str:
    """The value with the places and the unit of its indicator."""
    if row.value is None:
        return "—"
    return f"{row.value:,.{row.indicator.decimals}f} {row.indicator.unit_label}".strip()


@register
class ComputationResource(Resource):
    model = Computation
    title = "指标计算"
    icon = "calculator"
    hint = "每次计算都有对账：算出 = 新增 + 变更 + 未变。"
    columns = [
        "on", "clock", "started_at", "indicators", "values_read", "values_new", "values_changed", "values_unchanged",
        "values_gone", Column("failed", "未算出", lambda row: len(row.failures), "number"),
    ]  # fmt: skip
    filters = ["clock", "on"]
    facts = [
        Section("计算", ["on", "clock", "started_at", "ended_at", "indicators", "asked_by", "note"]),
        Section(
            "对账",
            ["values_read", "values_new", "values_changed", "values_unchanged", "values_gone", "failures"],
        ),
    ]
    actions = [services.recompute]
    access: ClassVar = {"engineer": "*", "auditor": "view", "leader": "view"}


@register
class PublishedFigureResource(Resource):
    model = PublishedFigure
    title = "已公布的数字"
    icon = "speakerphone"
    hint = "学校在别处说过的数字登记在这里，每天与指标核对；对不上的进入“数字不一致”。"
    columns = ["place", "indicator", "unit", "value", "tolerance", "published_on", "is_open"]
    filters = ["indicator", "unit", "is_open", "published_on"]
    search = ["place"]
    form = [
        Section("数字", ["indicator", "unit", "value", "tolerance"]),
        Section("出处", ["place", "link", "published_on", "is_open"]),
    ]
    access: ClassVar = WRITERS

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        row.save()
        comparing.compare(on=timezone.localdate(), only=[comparing.same_as_published(row)])

    def refusal_to_delete(self, row: Any) -> str | None:
        return "登记过的数字留作证据，请改为不再公布"


@register
class SameFigureResource(Resource):
    model = SameFigure
    title = "同一数字"
    icon = "equal"
    hint = "声明两个地方说的应是同一个数字：指标、各单位之和、报表单元格、已公布的数字。每天核对。"
    columns = ["name", "left", "right", "tolerance", "owner", "checked_on", "verdict", "is_open"]
    filters = ["owner", "is_open", "is_declared"]
    search = ["name", "left", "right"]
    form = [
        Section(
            "同一数字",
            ["name", "left", "right"],
            "indicator:代码 或 indicator:代码@单位号；units:代码；published:编号；cell:报表/表/单元格",
        ),
        Section("核对", ["tolerance", "owner", "is_open"]),
    ]
    access: ClassVar = {**READERS, "engineer": "*", "clerk": "view", "head": "view"}

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        on = timezone.localdate()
        for key in (row.left, row.right):
            comparing.likeness.told(key, on)
        row.save()
        comparing.compare(on=on, only=[row])

    def refusal_to_delete(self, row: Any) -> str | None:
        return "有核对记录，请改为不再核对" if row.disagreements.exists() else None


@register
class DisagreementResource(Resource):
    model = Disagreement
    title = "数字不一致"
    icon = "arrows-diff"
    hint = "同一数字在两处不同：先核对，再说明原因或改正；一致以后自动归档。"
    columns = [
        "same", "left_value", "right_value",
        Column("difference", "相差", lambda row: row.left_value - row.right_value, "decimal"),
        "owner", "found_on", "seen_on", "state",
    ]  # fmt: skip
    filters = ["state", "owner", "found_on"]
    search = ["same__name"]
    actions = [services.explain, services.correct]
    order = ["-state", "-found_on"]
    access: ClassVar = {**READERS, "clerk": "*", "head": "*", "engineer": "*"}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("并排看由来", f"/warehouse/disagreements/{row.pk}/")]


@register
class ExportResource(Resource):
    model = Export
    title = "数据导出"
    icon = "file-export"
    hint = "导出在后台进行，完成后可在七天内下载；每次导出都记入审计：谁、何时、哪些字段、多少行、用途。"
    columns = ["number", "name", "format", "rows", "state", "reason", "person", "ended_at"]
    filters = ["format", "state", "unit"]
    search = ["number", "name", "reason"]
    facts = [
        Section(
            "导出",
            ["number", "name", "format", "rows", "state", "reason", "fields", "person", "unit", "ended_at"],
        )
    ]
    access: ClassVar = {
        "engineer": "view",
        "auditor": "view",
        "head": "view",
        "clerk": "view",
        "leader": "view",
    }

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("进度与下载", f"/warehouse/exports/{row.pk}/")]
