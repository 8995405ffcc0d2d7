"""The hub's nouns on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.hub import queries, services
from yanta.hub.elements import ELEMENTS
from yanta.hub.models import (
    Authority,
    Correction,
    DoubtfulPair,
    Mapping,
    MatchDecision,
    QuarantinedRow,
    Run,
    Source,
)
from yanta.kernel.access import roles
from yanta.kernel.base import Actor
from yanta.kernel.resource import Column, Related, Resource, Section, register

KEEPERS = {"engineer": "*", "auditor": "view", "leader": "view"}


@register
class RunResource(Resource):
    model = Run
    title = "数据运行"
    icon = "player-play"
    hint = "每次运行都以对账单收尾：读入 = 新增 + 变更 + 未变 + 隔离。"
    columns = ["title", "state", "started_by", "started_at", "ended_at"]
    filters = ["state", "started_at"]
    search = ["title", "folder"]
    access = {**KEEPERS, "engineer": "view export"}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("对账单", f"/hub/runs/{row.pk}/receipt/")]


@register
class QuarantinedRowResource(Resource):
    model = QuarantinedRow
    title = "隔离清单"
    icon = "alert-triangle"
    hint = "被拦下的行都保留原样和原因：更正后重放，或注明理由不予采用。"
    columns = ["row__name", "sentence", "row__source", "row__file", "row__row", "state", "decided_by"]
    filters = ["state", "reason", "row__source"]
    search = ["row__name", "row__file", "sentence"]
    facts = [
        Section("原因", ["sentence", "reason", "state"]),
        Section("出处", ["row__source", "row__file", "row__sheet", "row__row"]),
        Section("处理", ["decided_by", "decided_at", "note"]),
    ]
    actions = [services.correct, services.dismiss, services.reopen]
    order = ["state", "-pk"]
    access = {"engineer": "*", "clerk": "*", "head": "view", "auditor": "view"}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("查看原行并更正", f"/hub/quarantine/{row.pk}/")]


@register
class DoubtfulPairResource(Resource):
    model = DoubtfulPair
    title = "存疑对"
    icon = "users-group"
    hint = "归并引擎拿不准的两行，由人判断；判断会约束以后的每次运行。"
    columns = ["left__name", "left__source", "right__name", "right__source", "score", "state"]
    filters = ["state", "left__source", "right__source"]
    search = ["left__name", "right__name"]
    facts = [Section("左行", ["left", "left__source"]), Section("右行", ["right", "right__source"]),
             Section("判断", ["score", "state"])]  # fmt: skip
    actions = [services.decide_same, services.decide_different, services.put_off]
    access = {"engineer": "*", "auditor": "view"}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("并排比对", f"/hub/doubts/{row.pk}/")]


@register
class MatchDecisionResource(Resource):
    model = MatchDecision
    title = "归并决定"
    icon = "gavel"
    columns = ["left", "right", "is_same", "decided_by", "decided_at", "reason", "is_revoked"]
    filters = ["is_same", "is_revoked", "decided_at"]
    search = ["reason", "decided_by"]
    actions = [services.revoke]
    access = {"engineer": "*", "auditor": "view"}


@register
class CorrectionResource(Resource):
    model = Correction
    title = "数据更正"
    icon = "flag"
    hint = "师生指出的错误，由归口部门核准；核准后即时写回源头，处处生效。"
    columns = [
        "person", Column("what", "数据项", lambda row: ELEMENTS[row.element].label),
        Column("before", "现值", lambda row: queries.ends_of(row, row.current)), Column("after", "应为", lambda row: queries.ends_of(row, row.proposed)),
        "reason", "owner", "state", "raised_by", "created_at",
    ]  # fmt: skip
    filters = ["state", "owner", "element"]
    search = ["person__name", "person__number", "reason"]
    facts = [
        Section("更正", ["person", "what", "before", "after", "reason", "evidence", "state", "owner"]),
        Section("处理", ["raised_by", "decided_by", "decided_at", "note"]),
    ]
    actions = [services.accept, services.refuse, services.withdraw]
    access = {
        "clerk": "view accept refuse", "head": "view accept refuse", "engineer": "view", "auditor": "view",
        "student": "view withdraw", "teacher": "view withdraw", "counsellor": "view withdraw",
    }  # fmt: skip

    def in_full(self, row: Any, *, actor: Actor) -> dict[str, str]:
        return dict(zip(("before", "after"), services.read_in_full(row, actor=actor), strict=True))

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("核对原值与应为", f"/hub/corrections/{row.pk}/")]


@register
class MappingResource(Resource):
    model = Mapping
    title = "列映射"
    icon = "arrows-right-left"
    hint = "一种版式确认一次，以后自动沿用；列有变动时重新提请确认。"
    columns = ["source", "version", "file_name", "status", "confirmed_by", "confirmed_at"]
    filters = ["source", "status"]
    search = ["file_name"]
    actions = [services.confirm]
    access = {"engineer": "*", "clerk": "view", "auditor": "view"}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("映射工作台", f"/hub/mappings/{row.pk}/")]


@register
class SourceResource(Resource):
    model = Source
    title = "数据来源"
    icon = "database-import"
    columns = ["title", "code", "department", "owner", "kind"]
    filters = ["kind", "owner"]
    search = ["title", "department"]
    form = [Section("来源", ["code", "title", "department", "owner", "kind"])]
    related = [Related("列映射", Mapping, "source", ["version", "file_name", "status"])]
    access = {"engineer": "view export edit", "clerk": "view", "auditor": "view", "leader": "view"}
    order = ["code"]


@register
class AuthorityResource(Resource):
    model = Authority
    title = "权威源"
    icon = "certificate"
    hint = "一数一源：每个数据项在每类人群中，先信谁，再信谁。"
    columns = ["label", "population", "rank", "source", "form"]
    filters = ["population", "source"]
    search = ["label", "element"]
    access = {"engineer": "view export", "clerk": "view", "head": "view", "auditor": "view", "leader": "view"}
    order = ["element", "population", "rank"]


# Verbs on persons that have no button of their own on a list: everybody on their own record, staff in their scope.
for _verb in (services.report_wrong, services.reveal):
    for _role in _verb.roles:
        roles.allow(_role, [_verb.permission])
roles.allow("engineer", [services.split_off.permission, "hub.elementvalue.view"])
roles.allow("clerk", ["hub.elementvalue.view"])
