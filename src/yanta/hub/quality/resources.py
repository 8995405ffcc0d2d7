"""Quality's nouns on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.hub.quality import services
from yanta.hub.quality.models import Exemption, FailingRow, Inspection, Order, Result, Rule, Score
from yanta.kernel.access import roles
from yanta.kernel.base import Actor
from yanta.kernel.resource import Column, Related, Resource, Section, register
from yanta.kernel.resource.records import may_do

READERS = {"auditor": "view", "leader": "view"}


@register
class RuleResource(Resource):
    model = Rule
    title = "质量规则"
    icon = "ruler-measure"
    hint = "从数据字典的建议开始：必填、长度、代码、写法，一次采纳；再加本校自己的规则。"
    columns = [
        "title", "subject_title", "dimension", "severity", "owner",
        Column("failed", "现不合格", lambda row: _standing(row), "number", ("standing",)), "is_enabled",
    ]  # fmt: skip
    filters = ["subject_title", "dimension", "severity", "owner", "is_enabled"]
    search = ["title", "sentence"]
    facts = [
        Section("规则", ["sentence", "title", "template", "dimension", "subject_title"]),
        Section(
            "执行",
            ["severity", "on_load", "owner", "handling", "tolerance", "is_enabled", "valid_from", "origin"],
        ),
    ]
    related = [
        Related("检查结果", Result, "rule", ["at", "checked", "failed", "new", "persisting", "repaired"]),
        Related("不合格行（抽样）", FailingRow, "rule", ["key", "unit", "is_new", "found_at"]),
        Related("整改工单", Order, "rule", ["unit", "state", "due_on", "is_overdue"]),
    ]
    actions = [services.define, services.accept, services.revise, services.disable, services.enable]
    order = ["subject", "dimension", "pk"]
    access = {
        **READERS, "engineer": "view export define accept revise disable enable",
        "clerk": "view define accept revise disable enable", "head": "view",
    }  # fmt: skip

    def pages_for(self, row: Any, actor: Actor) -> Sequence[tuple[str, str]]:
        told = [("趋势与样例", f"/quality/rules/{row.pk}/")]
        return (
            [*told, ("在工作台修改", f"/quality/rules/{row.pk}/edit/")]
            if may_do(self, row, actor, "revise")
            else told
        )


def _standing(rule: Any) -> int | None:
    standing = getattr(rule, "standing", None)
    return len(standing.rows) if standing is not None else None


@register
class InspectionResource(Resource):
    model = Inspection
    title = "质量检查"
    icon = "clipboard-list"
    hint = "每夜全量检查，入库后只查变动的行；也可以现在就查。"
    columns = ["started_at", "cause", "mode", "rules", "checked", "failed", "broken", "started_by"]
    filters = ["cause", "mode", "started_at"]
    actions = [services.check_now]
    access = {**READERS, "engineer": "view export check_now", "head": "view", "clerk": "view"}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("逐条结果", f"/quality/inspections/{row.pk}/")]


@register
class ResultResource(Resource):
    model = Result
    title = "检查结果"
    icon = "list-check"
    in_menu = False
    in_search = False
    columns = ["rule", "at", "checked", "failed", "new", "persisting", "repaired", "exempted", "seconds"]
    filters = ["rule", "at"]
    access = {**READERS, "engineer": "view export", "head": "view", "clerk": "view"}


@register
class FailingRowResource(Resource):
    model = FailingRow
    title = "不合格行"
    icon = "row-remove"
    in_search = False
    hint = "每条规则留一份样例，敏感值已遮盖；全部行数见检查结果。"
    columns = [
        "key", "rule", Column("values", "值", lambda row: "；".join(f"{k}：{v}" for k, v in row.values.items())), "unit",
        "is_new", "found_at",
    ]  # fmt: skip
    filters = ["rule", "unit", "is_new"]
    search = ["key"]
    facts = [
        Section("不合格行", ["key", "unit", "is_new", "found_at"]),
        Section("规则", ["rule", "rule__sentence", "rule__severity"]),
    ]
    actions = [services.ask_exemption]
    order = ["-is_new", "unit", "key"]
    access = {
        **READERS,
        "engineer": "view export ask_exemption",
        "clerk": "view export ask_exemption",
        "head": "view ask_exemption",
    }

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("打开这条记录", f"/quality/rows/{row.pk}/")]


@register
class OrderResource(Resource):
    model = Order
    title = "整改工单"
    icon = "clipboard-check"
    hint = "某单位某条规则超出容忍比例时自动派发；改好后申请复核，系统重新检查这些行。"
    columns = [
        "rule", "unit", "handler", "state", "is_overdue", "due_on", Column("total", "派发行数", lambda row: row.total, "number"),
        Column("left", "还剩", lambda row: row.left, "number"), "taken_by",
    ]  # fmt: skip
    filters = ["state", "is_overdue", "unit", "handler", "due_on"]
    search = ["rule__title", "unit__name"]
    facts = [
        Section("工单", ["rule", "rule__sentence", "unit", "handler", "state", "is_overdue"]),
        Section("期限", ["opened_on", "opened_by", "due_on", "extended", "closed_on", "ending"]),
        Section("经办", ["taken_by", "rounds", "note"]),
    ]
    actions = [
        services.open_order, services.take, services.hand_in, services.extend, services.pass_on, services.withdraw,
    ]  # fmt: skip
    order = ["due_on", "pk"]
    access = {
        **READERS, "engineer": "view export open_order pass_on withdraw extend", "head": "view export take hand_in extend pass_on",
        "clerk": "view export open_order take hand_in extend",
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("要改的行", f"/quality/orders/{row.pk}/rows/")]


@register
class ExemptionResource(Resource):
    model = Exemption
    title = "质量豁免"
    icon = "shield-check"
    hint = "个别行有正当理由不合规则时，在“不合格行”里申请豁免；有期限，由信息中心批准。"
    columns = ["rule", "key", "unit", "reason", "until", "state", "asked_by", "decided_by"]
    filters = ["state", "unit", "until"]
    search = ["key", "reason", "rule__title"]
    facts = [
        Section("豁免", ["rule", "rule__sentence", "key", "unit", "reason", "until", "state"]),
        Section("审批", ["asked_by", "decided_by", "opinion"]),
    ]
    actions = [services.grant_exemption, services.refuse_exemption, services.end_exemption]
    access = {
        **READERS, "engineer": "view export grant_exemption refuse_exemption end_exemption", "clerk": "view", "head": "view",
    }  # fmt: skip


@register
class ScoreResource(Resource):
    model = Score
    title = "质量得分"
    icon = "gauge"
    in_menu = False
    in_search = False
    columns = ["on", "unit", "subject", "value", "rules", "checked", "failed"]
    filters = ["on", "unit"]
    order = ["-on", "unit", "subject"]
    access = {**READERS, "engineer": "view export", "head": "view export", "clerk": "view"}


# The board names every department with its mark: a league is read by all who keep data.
BOARD = "quality.score.board"
for _role in ("engineer", "leader", "auditor", "head", "clerk"):
    roles.allow(_role, [BOARD])
