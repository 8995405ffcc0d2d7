"""What CAS brings to the registry: settings, test kit, test client, and how a service is told that somebody left."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from yanta.kernel.identity import visiting
from yanta.sso.applications import public as sso
from yanta.sso.applications.testkit import TEST_SERVICE, test_application
from yanta.sso.applications.views.doors import visited
from yanta.sso.cas import rules, tickets
from yanta.sso.cas.models import CasService, Ticket


@visiting.visitor("/cas/login")
def _application_of(parameters: dict[str, str]) -> visiting.Visited | None:
    url = parameters.get("service") or parameters.get("TARGET") or ""
    service = tickets.service_at(url)
    return visited(service.application, url) if service else None


@sso.channel("cas")
def logout_letter(entry: sso.Entry) -> sso.Letter | None:
    """The request that a CAS client takes to find its session by the ticket and end it."""
    service = tickets.service_at(entry.service)
    if service is None or not service.single_logout:
        return None
    user = sso.subject_for(entry.application, entry.session.account)
    text = rules.logout_request(
        number=f"LR-{uuid4().hex}", user=user, ticket=entry.handle or "", at=timezone.now()
    )
    return sso.Letter(service.logout_url or entry.service, {"logoutRequest": text})


@sso.on_ending("cas")
def stop_tickets(entry: sso.Entry) -> None:
    """No proxy goes on acting for somebody who has left."""
    Ticket.objects.filter(entry=entry).update(expires_at=timezone.now())


def base() -> str:
    return f"{settings.SITE_ADDRESS}/cas"


def _settings(app: sso.Application) -> list[sso.Setting]:
    return [
        sso.Setting(
            "cas", "CAS", f"/cas/casservice/{one.pk}/",
            (("服务地址", f"{one.url}（{one.get_matching_display()}）"), ("退出时通知", "是" if one.single_logout else "否")),
        )
        for one in app.cas_services.all()
    ]  # fmt: skip


def _kit(app: sso.Application) -> sso.Kit:
    service = app.cas_services.first()
    url = service.url if service else f"{app.home_url}"
    return sso.Kit(
        "CAS 协议",
        (
            ("服务器地址", base()), ("登录", f"{base()}/login"), ("校验（3.0，带属性）", f"{base()}/p3/serviceValidate"),
            ("校验（2.0）", f"{base()}/serviceValidate"), ("校验（1.0）", f"{base()}/validate"),
            ("校验（SAML 1.1）", f"{base()}/samlValidate"), ("退出", f"{base()}/logout"),
            ("试一次登录", f"{base()}/login?service={url}"),
        ),
        (
            sso.Sample("Apache mod_auth_cas", _APACHE.format(base=base())),
            sso.Sample("Java / Spring（cas-client-core）", _SPRING.format(base=base(), url=url)),
            sso.Sample("Python（django-cas-ng）", f'CAS_SERVER_URL = "{base()}/"\nCAS_VERSION = "3"\nCAS_APPLY_ATTRIBUTES_TO_USER = True'),
            sso.Sample("PHP（phpCAS）", _PHP.format(base=base(), host=settings.SITE_ADDRESS.partition("://")[2], url=app.home_url)),
        ),
        ("票据一分钟内有效，只能校验一次；校验时的 service 要与登录时一字不差。",),
    )  # fmt: skip


_APACHE = """CASLoginURL {base}/login
CASValidateURL {base}/p3/serviceValidate
CASSSOEnabled On
CASScrubRequestHeaders On

<Location "/">
  AuthType CAS
  CASAuthNHeader CAS-User
  Require valid-user
</Location>"""
_SPRING = """cas.server-url-prefix={base}
cas.server-login-url={base}/login
cas.client-host-url={url}
cas.validation-type=CAS3"""
_PHP = """phpCAS::client(CAS_VERSION_3_0, '{host}', 443, '/cas', '{url}');
phpCAS::handleLogoutRequests(true);
phpCAS::forceAuthentication();"""


def _test_client() -> dict[str, Any]:
    """One service for whatever listens on this machine; the same however often it is asked for."""
    app = test_application("testkit-cas", "测试应用（CAS）")
    service, _new = CasService.objects.get_or_create(
        url=TEST_SERVICE,
        defaults={"application": app, "may_proxy": True, "proxy_callback": TEST_SERVICE},
    )
    return {
        "server": f"{base()}/", "login": f"{base()}/login", "logout": f"{base()}/logout",
        "validate": f"{base()}/validate", "serviceValidate": f"{base()}/serviceValidate",
        "p3_serviceValidate": f"{base()}/p3/serviceValidate", "proxyValidate": f"{base()}/proxyValidate",
        "proxy": f"{base()}/proxy", "samlValidate": f"{base()}/samlValidate",
        "service": service.url, "service_matching": service.matching,
    }  # fmt: skip


sso.register(
    sso.Protocol("cas", "CAS", _settings, _kit, _test_client, add_url="/cas/casservice/new/", order=10)
)
