"""Accounts, tokens and the sign-in log on screen."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from django.db.models import OuterRef, QuerySet, Subquery

from yanta.kernel.access import roles
from yanta.kernel.identity import devices, handing_out, services
from yanta.kernel.identity.findings import services as findings
from yanta.kernel.identity.models import (
    Account,
    AccountCheck,
    AccountFinding,
    ApiToken,
    OneTimeCode,
    Session,
    SignIn,
)
from yanta.kernel.resource import Column, Related, Resource, Section, register

OWNER = "信息中心"


@register
class AccountResource(Resource):
    model = Account
    title = "账号"
    owner = OWNER
    icon = "user-shield"
    columns = [
        "name",
        "username",
        "state",
        "person__home_unit",
        Column("last_sign_in", "最近登录", lambda row: row.last_sign_in, "datetime"),
    ]
    filters = ["state", "grants__role", "person__home_unit"]
    search = ["username", "name", "person__number"]
    facts = [
        Section("账号", ["username", "name", "person", "state", "state_reason", "ends_on"]),
        Section(
            "密码", ["must_change_password", "password_changed_at", "password_leaked_at", "must_enrol_factor"]
        ),
    ]
    related = [
        Related("登录记录", SignIn, "account", ["at", "outcome", "method", "address", "agent"]),
        Related("登录中的设备", Session, "account", ["address", "agent", "seen_at", "expires_at"]),
        Related(
            "令牌",
            ApiToken,
            "account",
            ["name", "prefix", "scope", "expires_at", "revoked_at", "last_used_at"],
        ),
    ]
    actions = [
        services.lock, services.unlock, services.close, services.reset_password, services.reset_second_factor,
        services.end_sessions, services.issue_token, services.open_service_account, services.reset_by_document,
        services.resend_activation, services.ask_factor, services.ask_password,
    ]  # fmt: skip
    access = {
        "engineer": "*", "security": "*", "auditor": "view export",
        "local_admin": "view export unlock reset_by_document resend_activation end_sessions ask_password",
    }  # fmt: skip

    def pages(self, row: Account) -> Sequence[tuple[str, str]]:
        return [("账号问题", f"/identity/accountfinding/?q={quote(row.username)}")]

    def rows(self) -> QuerySet[Account]:
        successes = SignIn.objects.filter(account=OuterRef("pk"), outcome=SignIn.Outcome.SUCCESS).order_by(
            "-at"
        )
        return super().rows().annotate(last_sign_in=Subquery(successes.values("at")[:1]))


@register
class SignInResource(Resource):
    model = SignIn
    title = "登录记录"
    owner = OWNER
    icon = "login-2"
    columns = ["at", "account", "login", "outcome", "method", "address", "agent"]
    filters = ["outcome", "at", "account__person__home_unit"]
    search = ["login", "account__username", "account__name", "address"]
    in_search = False
    order = ["-at"]
    access = {
        "local_admin": "view",
        "engineer": "view export",
        "security": "view export",
        "auditor": "view export",
    }


@register
class SessionResource(Resource):
    model = Session
    title = "登录会话"
    owner = OWNER
    icon = "devices"
    columns = [
        "account", Column("device", "设备", lambda row: devices.described(row.agent)), "address", "seen_at",
        "expires_at",
    ]  # fmt: skip
    filters = ["seen_at", "account__person__home_unit"]
    search = ["account__username", "account__name", "address"]
    in_search = False
    order = ["-seen_at"]
    actions = [services.end_session]
    access = {"engineer": "*", "security": "*", "local_admin": "view end_session", "auditor": "view"}


@register
class ApiTokenResource(Resource):
    model = ApiToken
    title = "接口令牌"
    owner = OWNER
    icon = "key"
    columns = [
        "name",
        "account",
        "prefix",
        "scope",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "last_address",
    ]
    filters = ["scope", "account"]
    search = ["name", "account__username", "prefix"]
    actions = [services.revoke_token]
    access = {"engineer": "*", "security": "*", "auditor": "view export"}


@register
class AccountFindingResource(Resource):
    model = AccountFinding
    title = "账号问题"
    owner = OWNER
    icon = "user-search"
    hint = "每夜核查全部账号：孤儿、僵尸、共用、弱密码、无依据的权限；处理后立即复查，原因消失即自动消除"
    columns = [
        "account", "kind", "detail", "account__person__home_unit", "state", "opened_at",
    ]  # fmt: skip
    filters = ["state", "kind", "account__person__home_unit", "opened_at"]
    search = ["account__username", "account__name", "detail"]
    in_search = False
    order = ["-opened_at", "-pk"]
    facts = [
        Section("问题", ["account", "kind", "detail", "state", "opened_at", "settled_at", "reminded_at"]),
        Section("说明", ["explanation", "explained_by", "explained_until"]),
    ]
    actions = [
        findings.explain, findings.remind, findings.send_activation, findings.ask_password, findings.ask_factor,
        findings.end_sessions, findings.end_rights, findings.lock_account, findings.close_account,
    ]  # fmt: skip
    access = {
        "engineer": "*", "security": "*", "auditor": "view export",
        "local_admin": "view export explain remind send_activation ask_password end_sessions",
    }  # fmt: skip


@register
class AccountCheckResource(Resource):
    model = AccountCheck
    title = "账号核查对账单"
    owner = OWNER
    icon = "receipt"
    hint = "发现 = 新发现 + 再次出现 + 仍待处理 + 已说明"
    columns = [
        "started_at", "accounts", "found", "new", "reopened", "unchanged", "explained", "settled", "seconds", "started_by",
    ]  # fmt: skip
    filters = ["started_at"]
    facts = [
        Section("核查", ["started_at", "started_by", "seconds", "accounts"]),
        Section("结果", ["found", "new", "reopened", "unchanged", "explained", "settled"]),
    ]
    in_search = False
    actions = [findings.check_now]
    access = {"engineer": "*", "security": "*", "auditor": "view export"}

    def pages(self, row: AccountCheck) -> Sequence[tuple[str, str]]:
        return [("对账单与趋势", f"/account-checks/{row.pk}/")]


@register
class ActivationCodeResource(Resource):
    model = OneTimeCode
    title = "激活码"
    owner = OWNER
    icon = "ticket"
    hint = "按班级发放，一码一人只用一次；发放、打印、重发都有记录。发放和进度在“激活进度”"
    columns = [
        "account", "account__person__home_unit", "issued_by", "created_at", "expires_at", "used_at", "voided_at",
    ]  # fmt: skip
    filters = ["account__state", "account__person__home_unit", "used_at", "expires_at"]
    search = ["account__username", "account__name"]
    in_search = False
    actions = [
        handing_out.reissue,
        handing_out.void,
        handing_out.hand_out,
        handing_out.read_codes,
        handing_out.remind,
    ]
    access = {
        "engineer": "*", "security": "view export void", "auditor": "view export", "local_admin": "*",
    }  # fmt: skip

    def rows(self) -> QuerySet[OneTimeCode]:
        return super().rows().filter(purpose=OneTimeCode.Purpose.ACTIVATION)


# Done on the pages of a class, not on the list of codes.
for _role in ("engineer", "local_admin"):
    roles.allow(
        _role, [one.permission for one in (handing_out.hand_out, handing_out.read_codes, handing_out.remind)]
    )
