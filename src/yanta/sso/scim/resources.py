"""Both directions on screen: who may read here, and what is still to be told elsewhere."""

from __future__ import annotations

from yanta.kernel.resource import Related, Resource, Section, register
from yanta.sso.applications.resources import SUB_NOUNS, OfApplication
from yanta.sso.scim import services
from yanta.sso.scim.models import Copy, Door, Link, OwnGroup, Reconciliation, Target

WATCHED = {"head": "view", "engineer": "view export", "security": "view export", "auditor": "view export"}


@register
class DoorResource(OfApplication):
    model = Door
    icon = "users-group"
    columns = ["application", "may_write", "sponsor", "unit", "days", "rows_an_hour"]
    filters = ["application", "may_write"]
    form = [
        Section("接口", ["application", "rows_an_hour"], note="给哪些人、哪些信息，由应用的准入规则和属性发布决定"),
        Section("开通访客账号", ["may_write", "sponsor", "unit", "days"], note="账号归担保人负责，到期自动停用"),
    ]  # fmt: skip
    access = SUB_NOUNS


@register
class LinkResource(Resource):
    model = Link
    icon = "link"
    in_menu = False
    in_search = False
    hint = "应用给账号起的标识，和由应用开通的访客账号"
    columns = ["application", "account", "external_id", "is_sponsored", "ended_at"]
    filters = ["application", "is_sponsored"]
    search = ["external_id", "account__username"]
    access = WATCHED


@register
class OwnGroupResource(Resource):
    model = OwnGroup
    icon = "users"
    in_menu = False
    in_search = False
    hint = "应用通过 SCIM 建立的分组，只有它自己看得到"
    columns = ["application", "name", "external_id", "updated_at"]
    filters = ["application"]
    search = ["name"]
    access = WATCHED


@register
class TargetResource(OfApplication):
    model = Target
    icon = "send"
    in_menu = True
    hint = "登记后，准入规则放行的人员和分组几秒内送去，之后每次变化都会送去"
    columns = ["application", "wire", "url", "leaving", "with_groups", "is_on"]
    filters = ["wire", "is_on"]
    search = ["application__name", "url"]
    form = [
        Section("目标", ["application", "wire", "url", "secret"]),
        Section("OpenLDAP", ["login", "base"]),
        Section("规则", ["leaving", "with_groups", "is_on"]),
    ]
    facts = [
        Section("目标", ["application", "wire", "url", "login", "base", "leaving", "with_groups", "is_on"])
    ]
    related = [
        Related("对账单", Reconciliation, "target", ["began_at", "read", "new", "changed", "unchanged", "ended", "failed", "foreign"]),
        Related("同步队列", Copy, "target", ["noun", "title", "state", "attempts", "due_at", "said"]),
    ]  # fmt: skip
    actions = [services.reconcile_now, services.retry_failed]
    access = SUB_NOUNS


@register
class CopyResource(Resource):
    model = Copy
    title = "同步队列"
    icon = "stack-2"
    in_menu = False
    in_search = False
    hint = "谁还没送到、哪一次失败了、为什么"
    columns = ["target", "noun", "title", "state", "attempts", "due_at", "said", "told_at"]
    filters = ["target", "noun", "state"]
    search = ["title", "key", "said"]
    access = WATCHED


@register
class ReconciliationResource(Resource):
    model = Reconciliation
    icon = "receipt-2"
    in_menu = False
    in_search = False
    hint = "应核对 = 新增 + 修正 + 一致 + 停用 + 失败"
    columns = ["target", "began_at", "read", "new", "changed", "unchanged", "ended", "failed", "foreign"]
    filters = ["target"]
    access = WATCHED
