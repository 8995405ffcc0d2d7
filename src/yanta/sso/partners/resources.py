"""Partners, links and strangers on screen."""

from __future__ import annotations

from typing import Any

from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Related, Resource, Section, register
from yanta.kernel.resource.declare import further_pages
from yanta.sso.applications.rules import place_of
from yanta.sso.partners import services
from yanta.sso.partners.models import Link, Partner, Stay, Stranger
from yanta.sso.saml.documents import Fault
from yanta.sso.saml.rules import certificates_of


@register
class PartnerResource(Resource):
    model = Partner
    title = "合作登录方"
    icon = "building-bridge"
    owner = "信息中心"
    hint = "登记上级平台或合作单位后，登录页会多一个按钮；他们的账号关联到人，才进得来。"
    columns = ["name", "kind", "issuer", "linking", "unknown", "is_open"]
    filters = ["kind", "linking", "is_open"]
    search = ["name", "code", "issuer"]
    form = [
        Section("合作方", ["name", "code", "owner", "kind", "issuer"]),
        Section("OpenID Connect", ["client_id", "scopes"], note="保存后在记录页点“保存客户端密钥”"),
        Section("SAML", ["sign_on_url", "sign_off_url", "certificates"], note="保存后在记录页点“导入对方元数据”，不必手填"),
        Section(
            "怎样认出是谁", ["linking", "number_claim", "identity_claim", "unknown"],
            note="只按核验过的号码或本人操作关联，从不按邮箱、姓名",
        ),
    ]  # fmt: skip
    facts = [
        Section("合作方", ["name", "code", "owner", "kind", "issuer", "is_open"]),
        Section("协议", ["client_id", "scopes", "sign_on_url", "sign_off_url"]),
        Section("怎样认出是谁", ["linking", "number_claim", "identity_claim", "unknown"]),
    ]
    related = [
        Related("账号关联", Link, "partner", ["person", "subject", "proof", "used_at"]),
        Related("待核实", Stranger, "partner", ["told_name", "told_number", "came_at", "state"]),
        Related("进来的会话", Stay, "partner", ["account", "subject", "began_at"]),
    ]
    actions = [
        services.open_partner, services.close_partner, services.set_secret, services.import_partner_metadata,
    ]  # fmt: skip
    access = {"engineer": "*", "security": "view export close_partner", "auditor": "view export"}

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        if row.kind != Partner.Kind.SAML and place_of(row.issuer) is None:
            raise Refused("请填写完整的 https 地址", field="issuer")
        for name in ("sign_on_url", "sign_off_url"):
            if getattr(row, name) and place_of(getattr(row, name)) is None:
                raise Refused("请填写完整的 https 地址", field=name)
        try:
            certificates_of(row.certificates)
        except Fault as fault:
            raise Refused(fault.words, field="certificates") from fault
        if not adding and Partner.objects.get(pk=row.pk).code != row.code:
            raise Refused("标识登记后不再修改", field="code")
        row.save()

    def refusal_to_delete(self, row: Any) -> str | None:
        return "已有人用它登录过，请停用" if row.links.exists() else None


@register
class LinkResource(Resource):
    model = Link
    title = "合作方账号关联"
    icon = "link"
    in_menu = False
    in_search = False
    owner = "信息中心"
    columns = ["partner", "person", "subject", "proof", "used_at"]
    filters = ["partner", "proof"]
    search = ["person__name", "person__number", "subject"]
    form = [Section("关联", ["partner", "person", "subject", "proof"])]
    actions = [services.unlink]
    access = {"engineer": "view export unlink", "security": "view export unlink", "auditor": "view export"}


@register
class StayResource(Resource):
    model = Stay
    title = "从合作方进来的会话"
    icon = "login"
    in_menu = False
    in_search = False
    owner = "信息中心"
    hint = "对方通知退出时，由它开始的会话立即结束；半天后自动清除"
    columns = ["partner", "account", "subject", "began_at"]
    filters = ["partner", "began_at"]
    search = ["account__username", "account__name", "subject"]
    access = {"engineer": "view export", "security": "view export", "auditor": "view export"}


@register
class StrangerResource(Resource):
    model = Stranger
    title = "待核实的来访账号"
    icon = "user-question"
    in_menu = False
    in_search = False
    owner = "信息中心"
    columns = ["partner", "told_name", "told_number", "came_at", "state"]
    filters = ["partner", "state"]
    search = ["told_name", "subject"]
    actions = [services.identify, services.dismiss]
    access = {"engineer": "view export identify dismiss", "security": "view", "auditor": "view export"}


@further_pages
def addresses_page(row: Any, actor: Actor) -> list[tuple[str, str]]:
    return [("告诉对方的地址", f"/partners/partner/{row.pk}/addresses/")] if isinstance(row, Partner) else []
