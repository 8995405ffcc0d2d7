"""Kinds, certificates, batches and what departments deliver, on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.kernel.access import roles
from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Related, Resource, Section, Sheet, register
from yanta.systems.certificates import services
from yanta.systems.certificates.models import (
    Batch,
    Certificate,
    Income,
    Kind,
    Kiosk,
    Mark,
    OfficialName,
    Share,
    ShareView,
)

READERS = {"auditor": "view export", "engineer": "view", "leader": "view"}
# Verbs with pages of their own.
for verb in (services.ask, services.share, services.issue_many):
    for role in verb.roles:
        roles.allow(role, [verb.permission])
roles.own(services.issue_many.permission, "教务处")
HOLDERS = {"student": "view", "teacher": "view", "alumnus": "view", "retiree": "view"}


@register
class CertificateResource(Resource):
    model = Certificate
    title = "开具的证明"
    icon = "certificate"
    hint = "还没有开具过证明。在“我的证明”里自己开。"
    columns = ["person", "kind", "number", "purpose", "state", "issued_at", "valid_to", "checks"]
    filters = ["state", "kind", "unit", "issued_at"]
    search = ["number", "person__name", "person__number", "purpose"]
    facts = [
        Section("证明", ["kind", "number", "person", "unit", "purpose", "created_at"]),
        Section("现状", ["state", "issued_at", "valid_to", "ended_at", "opinion", "decided_by"]),
        Section("使用", ["document", "checks", "checked_at", "copies", "batch"]),
    ]
    related = [
        Related(
            "分享", Share, "certificate", ["recipient", "expires_at", "views", "most_views", "revoked_at"]
        )
    ]
    actions = [services.approve, services.refuse, services.withdraw, services.revoke]
    access = {
        **HOLDERS, "counsellor": "view export", "clerk": "view export", "head": "view export", "owner": "view export",
        **READERS,
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        if not row.is_sealed:
            return ()
        return (("证明页面", f"/certificates/{row.pk}/"), ("公开验证页", f"/verify/{row.document}/"))


@register
class KindResource(Resource):
    model = Kind
    title = "证明种类"
    icon = "list-details"
    hint = "还没有证明种类。新增一种，写好正文，填上用印授权，就可以开了。"
    columns = [
        "name",
        "code",
        "language",
        "unit",
        "audience",
        "needs_approval",
        "most",
        "valid_days",
        "is_open",
    ]
    filters = ["language", "audience", "unit", "is_open", "needs_approval"]
    search = ["name", "code"]
    form = [
        Section("种类", ["name", "code", "language", "unit", "summary", "order"]),
        Section("谁能开、开多少", ["audience", "needs_approval", "most", "period_days", "valid_days", "fee"]),
        Section("文字", ["title", "body", "closing"]),
        Section("用印与失效", ["authority", "ending", "replaces", "is_open", "closed_for"]),
    ]
    actions = [services.add_starters, services.write, services.close, services.reopen]
    order = ["order", "code"]
    access = {
        "clerk": "view export", "head": "view export", "owner": "view add edit export",
        **READERS,
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return (("文字与预览", f"/certificates/kinds/{row.pk}/text/"),)

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        from yanta.systems.certificates.services.editing import problems_of

        problems = problems_of(row.body)
        if problems:
            raise Refused("；".join(problems[:5]), field="body")
        row.save()


@register
class OfficialNameResource(Resource):
    model = OfficialName
    icon = "language"
    hint = "专业、学位、状态等的官方英文。课程和院系的英文在课程库、组织机构里维护。"
    columns = ["chinese", "english", "unit"]
    filters = ["unit"]
    search = ["chinese", "english"]
    form = [Section("译名", ["chinese", "english", "unit"])]
    sheet = Sheet(key=["chinese"])
    order = ["chinese"]
    access = {
        "clerk": "view export",
        "head": "view export",
        "owner": "view add edit delete import export",
        **READERS,
    }


@register
class BatchResource(Resource):
    model = Batch
    icon = "stack-2"
    hint = "还没有批量开具。给一个班统一开证明时用。"
    columns = ["title", "kind", "unit", "asked", "issued", "state", "by", "created_at"]
    filters = ["state", "kind", "unit", "created_at"]
    search = ["title", "purpose"]
    facts = [
        Section("批次", ["title", "kind", "unit", "purpose", "by", "created_at"]),
        Section("结果", ["state", "asked", "issued"]),
    ]
    related = [Related("证明", Certificate, "batch", ["person", "number", "state", "issued_at"])]
    actions = [services.restart]
    access = {
        "counsellor": "view",
        "clerk": "view export",
        "head": "view export",
        "owner": "view export",
        **READERS,
    }

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return (("对账单", f"/certificates/batches/{row.pk}/"),)


@register
class ShareResource(Resource):
    model = Share
    icon = "share"
    in_menu = in_search = False
    columns = ["certificate", "recipient", "expires_at", "views", "most_views", "revoked_at"]
    filters = ["expires_at"]
    search = ["recipient"]
    actions = [services.take_back]
    related = [Related("查看记录", ShareView, "share", ["at", "address", "device"])]
    access = {**HOLDERS, "counsellor": "view", "clerk": "view", "head": "view", "owner": "view", **READERS}


@register
class ShareViewResource(Resource):
    model = ShareView
    icon = "eye"
    in_menu = in_search = False
    columns = ["share", "at", "address", "device"]
    filters = ["at", "share"]
    search = ["address"]
    access = {**HOLDERS, "owner": "view", **READERS}


@register
class KioskResource(Resource):
    model = Kiosk
    icon = "device-desktop"
    hint = "还没有自助终端。登记一台，生成设备地址，在机器上打开一次。"
    columns = ["name", "place", "unit", "is_open", "seen_at", "printed"]
    filters = ["is_open", "unit"]
    search = ["name", "place"]
    form = [Section("终端", ["name", "place", "unit", "is_open"])]
    facts = [Section("终端", ["name", "place", "unit", "is_open", "seen_at", "printed"])]
    actions = [services.new_key]
    access = {"owner": "view add edit export", "engineer": "view"}


@register
class MarkResource(Resource):
    model = Mark
    owner = "教务处"
    icon = "chart-bar"
    hint = "教务处按学期用 Excel 导入，成绩单和排名由此生成。"
    columns = ["student", "course", "term", "credits", "score"]
    filters = ["term", "student__department", "student__grade"]
    search = ["student__number", "student__person__name", "course__name", "course__code"]
    form = [Section("成绩", ["student", "course", "term", "credits", "score"])]
    sheet = Sheet(key=["student", "course", "term"])
    in_search = False
    access = {
        "student": "view", "alumnus": "view", "counsellor": "view export", "clerk": "view export", "head": "view export",
        "owner": "view add edit delete import export", **READERS,
    }  # fmt: skip


@register
class IncomeResource(Resource):
    model = Income
    owner = "财务处"
    icon = "coin"
    hint = "财务处按月用 Excel 导入，收入证明由此生成。"
    columns = ["member", "month", "gross", "net"]
    filters = ["month", "member__department"]
    search = ["member__number", "member__person__name"]
    form = [Section("月收入", ["member", "month", "gross", "net"])]
    sheet = Sheet(key=["member", "month"])
    in_search = False
    # Nobody but the person and the treasury: not the colleagues' clerks, not their heads.
    access = {
        "teacher": "view",
        "retiree": "view",
        "owner": "view add edit delete import export",
        "auditor": "view",
    }
