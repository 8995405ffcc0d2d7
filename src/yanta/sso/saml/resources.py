"""Service providers on screen."""

from __future__ import annotations

from typing import Any

from yanta.kernel.base import Refused
from yanta.kernel.resource import Section, register
from yanta.sso.applications.resources import SUB_NOUNS, OfApplication
from yanta.sso.saml import services
from yanta.sso.saml.models import ServiceProvider
from yanta.sso.saml.rules import faults_of_provider

_LEAVING = ["logout_redirect_url", "logout_post_url", "logout_answer_url", "logout_soap_url"]


@register
class ServiceProviderResource(OfApplication):
    model = ServiceProvider
    icon = "certificate"
    columns = ["application", "entity_id", "name_format", "profile", "requires_signature", "signing"]
    filters = ["application", "profile", "name_format"]
    search = ["entity_id", "application__name", "acs_urls"]
    hint = "还没有应用用 SAML 接入。在应用的“接入与测试”页导入对方的元数据。"
    form = [
        Section(
            "对方", ["application", "entity_id", "acs_urls"], note="有元数据时请用“导入元数据”，不必手填"
        ),
        Section("标识和属性", ["name_format", "profile"]),
        Section("签名和加密", ["certificates", "requires_signature", "signing", "encryption_certificate"]),
        Section("退出", _LEAVING),
        Section("其他", ["allows_start_here"], note="多数应用不需要"),
    ]
    actions = [services.import_metadata]
    access = SUB_NOUNS

    def check(self, row: Any) -> None:
        faults = faults_of_provider(
            acs=row.acs_urls, others={name: getattr(row, name) for name in _LEAVING}, entity_id=row.entity_id,
            certificates={name: getattr(row, name) for name in ("certificates", "encryption_certificate")},
        )  # fmt: skip
        for field, words in faults.items():
            raise Refused(words, field=field)

    def initial(self, actor: Any) -> dict[str, Any]:
        return {"signing": "both", "name_format": "persistent", "profile": "plain"}
