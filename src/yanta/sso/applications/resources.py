"""The registry on screen: departments ask, the information centre decides, security and audit look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Column, Related, Resource, Section, register
from yanta.kernel.resource.records import may_do
from yanta.sso.applications import services
from yanta.sso.applications.catalogue import is_attribute_name
from yanta.sso.applications.models import AccessRule, Application, AttributeRelease, Decision, Entry

DEPARTMENTS = {
    "head": "view add edit", "engineer": "*", "security": "view export disable", "auditor": "view export",
}  # fmt: skip
SUB_NOUNS = {"head": "view add edit delete", "engineer": "*", "security": "view", "auditor": "view export"}


class OfApplication(Resource):
    """Something that belongs to an application; who may not change what was approved may not change this."""

    in_menu = False
    in_search = False
    owner = "信息中心"

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        refusal = services.refusal_to_change(row.application, actor)
        if refusal:
            raise Refused(refusal)
        self.check(row)
        row.save()

    def check(self, row: Any) -> None:
        """Refuses what the model cannot judge; nothing here."""

    def refusal_to_delete(self, row: Any) -> str | None:
        if row.application.state == Application.State.DRAFT:
            return None
        return "应用已提交或启用，请先停用或由信息中心修改，不能直接删除"


@register
class ApplicationResource(Resource):
    model = Application
    title = "接入应用"
    icon = "apps"
    hint = "还没有应用接入统一登录。点“新增”填写申请，登记协议后提交给信息中心。"
    columns = [
        "name", "code", "owner", "state",
        "audience", "review_on",
        Column("overdue", "复核", lambda app: _("已过期") if app.is_overdue(on=timezone.localdate()) else ""),
    ]  # fmt: skip
    filters = ["state", "owner", "audience", "review_on"]
    search = ["name", "code", "home_url", "owner__name"]
    form = [
        Section("应用", ["name", "code", "summary", "home_url"]),
        Section("谁负责", ["owner", "contact", "contact_words"]),
        Section("谁能进、给什么", ["audience", "asking", "naming", "grace_days"]),
    ]
    facts = [
        Section("应用", ["name", "code", "summary", "home_url", "state", "opinion"]),
        Section("谁负责", ["owner", "contact", "contact_words", "review_on"]),
        Section("谁能进、给什么", ["audience", "asking", "naming", "grace_days"]),
    ]
    related = [
        Related("准入规则", AccessRule, "application", ["effect", "role", "unit", "affiliation", "person"]),
        Related(
            "属性发布", AttributeRelease, "application", ["attribute", "purpose", "alias", "approved_at"]
        ),
        Related(
            "认证日志", Decision, "application", ["at", "protocol", "step", "outcome", "reason", "account"]
        ),
        Related("登录中与登录过", Entry, "application", ["session", "protocol", "entered_at", "notice"]),
    ]
    actions = [
        services.submit, services.approve, services.send_back, services.disable, services.enable, services.confirm_use,
    ]  # fmt: skip
    order = ["name"]
    access = DEPARTMENTS

    def pages_for(self, row: Any, actor: Actor) -> Sequence[tuple[str, str]]:
        base = f"/applications/application/{row.pk}/"
        logo = [("更换标志", f"{base}logo/")] if may_do(self, row, actor, "edit") else []
        return [("接入与测试", f"{base}kit/"), *logo]

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        stored = None if adding else Application.objects.get(pk=row.pk)
        refusal = services.refusal_to_change(stored, actor) if stored else None
        if refusal:
            raise Refused(refusal)
        if stored and stored.code != row.code:
            raise Refused("应用标识登记后不再修改", field="code")
        row.save()

    def refusal_to_delete(self, row: Any) -> str | None:
        return (
            None if row.state == Application.State.DRAFT and not row.opinion else "登记过的应用不删除，请停用"
        )


@register
class AccessRuleResource(OfApplication):
    model = AccessRule
    icon = "door-enter"
    columns = ["application", "effect", "role", "unit", "affiliation", "person"]
    filters = ["application", "effect", "role"]
    form = [
        Section("规则", ["application", "effect"]),
        Section(
            "对谁",
            ["role", "unit", "affiliation", "person"],
            note="填了几项就须同时符合；“不允许”比“允许”优先",
        ),
    ]
    access = SUB_NOUNS


@register
class AttributeReleaseResource(OfApplication):
    model = AttributeRelease
    icon = "id"
    columns = ["application", "attribute", "purpose", "alias", "approved_at", "approved_by"]
    filters = ["application", "attribute"]
    form = [
        Section(
            "发布",
            ["application", "attribute", "purpose", "alias"],
            note="手机号等敏感信息须信息中心批准后才发布",
        )
    ]
    actions = [services.approve_release, services.withdraw_release]
    access = SUB_NOUNS

    def check(self, row: Any) -> None:
        if row.alias and not is_attribute_name(row.alias):
            raise Refused("对方叫法以字母开头，只含字母、数字、点、横线和下划线", field="alias")


@register
class DecisionResource(Resource):
    model = Decision
    title = "认证日志"
    icon = "list-search"
    columns = ["at", "protocol", "step", "outcome", "reason", "application", "account", "service", "address"]
    filters = ["outcome", "application", "at"]
    search = ["account__username", "account__name", "service", "reason", "address"]
    in_search = False
    order = ["-at"]
    access = {"head": "view", "engineer": "view export", "security": "view export", "auditor": "view export"}


@register
class EntryResource(Resource):
    model = Entry
    title = "应用登录会话"
    icon = "login"
    columns = [
        "application",
        "session__account",
        "protocol",
        "entered_at",
        "used_at",
        "ended_at",
        "notice",
        "result",
    ]
    filters = ["notice", "application", "entered_at"]
    search = ["session__account__username", "session__account__name"]
    in_search = False
    access = {"engineer": "view export", "security": "view export", "auditor": "view export"}
