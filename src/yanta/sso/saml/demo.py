"""The demo school's applications that speak SAML: a publisher in a federation, and one on campus."""

from __future__ import annotations

from datetime import date, timedelta

from yanta.sso.applications.models import AccessRule, Application, AttributeRelease
from yanta.sso.saml.models import ServiceProvider

CODE, ENTITY = "cnjournals", "https://sp.cnjournals.example/shibboleth"
TOLD = {
    "scoped_affiliation": "只认在校师生",
    "entitlement": "按协议开放全文",
    "home_organization": "统计各校使用量",
}


def fill(today: date) -> None:
    """Registered the way the library would have done it: pairwise names, nothing that names a person."""
    owner = Application.objects.get(code="library").owner
    app = Application.objects.create(
        code=CODE, name="学术期刊全文库（CARSI）", summary="校外也能用学校订购的全文，不提供姓名和学号",
        home_url="https://www.cnjournals.example/", owner=owner, contact_words=f"{owner.name}办公室",
        state=Application.State.ACTIVE, opinion="同意接入", audience=Application.Audience.RULED,
        asking=Application.Asking.ONCE, naming=Application.Naming.PAIRWISE, review_on=today + timedelta(days=300),
    )  # fmt: skip
    AccessRule.objects.bulk_create(
        AccessRule(application=app, effect="allow", affiliation=one) for one in ("undergraduate", "postgraduate", "staff")
    )  # fmt: skip
    AttributeRelease.objects.bulk_create(
        AttributeRelease(application=app, attribute=code, purpose=purpose) for code, purpose in TOLD.items()
    )
    ServiceProvider.objects.create(
        application=app, entity_id=ENTITY, acs_urls="1 https://sp.cnjournals.example/Shibboleth.sso/SAML2/POST",
        profile=ServiceProvider.Profile.EDU, logout_redirect_url="https://sp.cnjournals.example/Shibboleth.sso/SLO/Redirect",
    )  # fmt: skip
