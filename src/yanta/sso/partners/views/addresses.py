"""What a partner has to register of us, to be copied."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.portal.pages import PortalPage
from yanta.sso.partners.models import Partner
from yanta.sso.partners.resources import PartnerResource

Kind = Partner.Kind


class AddressesView(PortalPage):
    """By the words that the partner's own form uses."""

    template = "partners/addresses.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        partner = PartnerResource().visible_to(self.actor, "view").filter(pk=pk).first()
        if partner is None:
            raise OutOfScope("没有这个合作登录方，或它不在您的管理范围内")
        return self.page(partner=partner, addresses=addresses_of(partner))


def addresses_of(partner: Partner) -> list[tuple[str, str]]:
    """What for, and where."""
    if partner.kind == Kind.SAML:
        return [
            ("元数据（含以下各项，多数只需这一个）", partner.our_entity_id), ("实体标识 entityID", partner.our_entity_id),
            ("断言接收地址 AssertionConsumerService（HTTP-POST）", partner.acs),
            ("单点退出地址 SingleLogoutService（HTTP-Redirect、HTTP-POST）", partner.single_logout),
        ]  # fmt: skip
    if partner.kind == Kind.CAS:
        return [
            ("服务地址（允许其后带参数；退出通知也发到这里）", partner.callback),
            ("退出后回到", partner.left_there),
        ]
    return [
        ("回调地址 redirect_uri", partner.callback), ("退出后回到 post_logout_redirect_uri", partner.left_there),
        ("后台退出通知 backchannel_logout_uri", partner.back_channel),
        ("前台退出通知 frontchannel_logout_uri（须带 iss、sid）", partner.front_channel),
        ("首页", settings.SITE_ADDRESS),
    ]  # fmt: skip
