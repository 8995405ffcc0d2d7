"""Services on screen."""

from __future__ import annotations

from typing import Any

from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Section, register
from yanta.sso.applications.resources import SUB_NOUNS, OfApplication
from yanta.sso.applications.rules import place_of
from yanta.sso.cas.models import CasService


@register
class CasServiceResource(OfApplication):
    model = CasService
    icon = "ticket"
    columns = ["application", "url", "matching", "single_logout", "may_proxy"]
    filters = ["application", "single_logout", "may_proxy"]
    search = ["url", "application__name"]
    form = [
        Section("服务", ["application", "url", "matching"]),
        Section("退出", ["single_logout", "logout_url"]),
        Section("代理", ["may_proxy", "proxy_callback"], note="多数应用不需要"),
    ]
    access = SUB_NOUNS

    def check(self, row: Any) -> None:
        for name in ("url", "logout_url", "proxy_callback"):
            value = getattr(row, name)
            if value and place_of(value) is None:
                raise Refused("请填写完整的 http 或 https 地址，不含用户名、空格和“..”", field=name)
        if row.matching == CasService.Matching.UNDER and "?" in row.url:
            raise Refused("含下级路径的登记不能带“?”后的参数；需要带参数请选“完全一致”", field="url")

    def initial(self, actor: Actor) -> dict[str, Any]:
        return {"single_logout": True}
