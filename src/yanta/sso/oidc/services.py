"""What OpenID Connect brings to the registry, and the verbs of clients."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity import visiting
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.sso.applications import public as sso
from yanta.sso.applications.testkit import TEST_SERVICE, test_application
from yanta.sso.applications.views.doors import visited
from yanta.sso.oidc import issuing
from yanta.sso.oidc.models import Client, RegistrationToken

LONGEST_REGISTRATION = 90


Owner = Annotated[OrgUnit, Label("主管部门")]


@operation(
    "生成新密钥",
    icon="key",
    bulk=False,
    danger=True,
    confirm="旧密钥立即失效",
    roles=("head",),
    when=lambda client: not client.is_public,
)
def new_secret(client: Client, *, actor: Actor) -> str:
    """Shown this once; the old one stops working."""
    if client.is_public:
        raise Refused("没有服务器端的客户端不使用密钥")
    refusal = sso.refusal_to_change(client.application, actor)
    if refusal:
        raise Refused(refusal)
    secret = secrets.token_urlsafe(36)
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated_at"])
    return f"客户端标识 {client.client_id} 的新密钥（只显示这一次）：{secret}"


@operation("签发注册令牌", model=RegistrationToken, icon="key")
def issue_registration_token(
    *,
    actor: Actor,
    name: Annotated[str, Label("用途")],
    owner: Owner,
    uses: Annotated[int, Label("可登记几个")] = 1,
    days: Annotated[int, Label("有效天数", "最长 90 天")] = 7,
    activates: Annotated[bool, Label("登记即启用")] = False,
) -> str:
    """A key for a program that registers clients by itself; shown this once."""
    if not 0 < days <= LONGEST_REGISTRATION:
        raise Refused("注册令牌最长 90 天", field="days")
    if not 0 < uses <= 100:
        raise Refused("一个令牌最多登记 100 个客户端", field="uses")
    secret = secrets.token_urlsafe(36)
    RegistrationToken.objects.create(
        name=name, owner=owner, digest=issuing.digest_of(secret), uses_left=uses, activates=activates,
        expires_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    return f"注册令牌（只显示这一次）：{secret}"


@operation("作废", icon="key-off", danger=True, when=lambda token: token.uses_left > 0)
def end_registration_token(token: RegistrationToken, *, actor: Actor, reason: str) -> None:
    """Nobody registers with it any more."""
    if token.uses_left == 0:
        raise Refused("这个令牌已经用完或作废")
    token.uses_left = 0
    token.save(update_fields=["uses_left", "updated_at"])


# Signing out


def _client_of(entry: sso.Entry) -> Client | None:
    rows = Client.objects.select_related("application")
    found: Client | None = rows.filter(client_id=entry.service, application=entry.application_id).first()
    return found


@sso.channel("oidc")
def logout_letter(entry: sso.Entry) -> sso.Letter | None:
    client = _client_of(entry)
    if client is None or not client.backchannel_logout_uri:
        return None
    return sso.Letter(client.backchannel_logout_uri, {"logout_token": issuing.logout_token(client, entry)})


@sso.front_page("oidc")
def front_page(entry: sso.Entry) -> str | None:
    """The client's own page, which ends its session in the browser that opens it."""
    client = _client_of(entry)
    if client is None or not client.frontchannel_logout_uri:
        return None
    uri = client.frontchannel_logout_uri
    told = urlencode({"iss": settings.SITE_ADDRESS, "sid": issuing.sid_of(entry)})
    return f"{uri}{'&' if '?' in uri else '?'}{told}"


@sso.on_ending("oidc")
def end_tokens(entry: sso.Entry) -> None:
    issuing.end_entry(entry)


@visiting.visitor("/oidc/authorize")
def _application_of(parameters: dict[str, str]) -> visiting.Visited | None:
    """Only what is registered is shown, and only there may the form lead."""
    name, uri = parameters.get("client_id", ""), parameters.get("redirect_uri", "")
    client = (
        Client.objects.select_related("application").filter(client_id=name[:100].replace("\0", "")).first()
    )
    if client is None or not client.application.is_active:
        return None
    uri = uri or (client.redirect_uris.split() or [""])[0]
    return visited(client.application, uri) if client.redirect_uri_allowed(uri) else None


# The registry's pages


def _settings(app: sso.Application) -> list[sso.Setting]:
    return [
        sso.Setting(
            "oidc", "OpenID Connect", f"/oidc/client/{one.pk}/",
            (
                ("客户端标识", one.client_id), ("类型", one.get_client_type_display()),
                ("回调地址", "、".join(one.redirect_uris.split()) or "—"), ("范围", one.scopes),
            ),
        )
        for one in app.oidc_clients.all()
    ]  # fmt: skip


def _kit(app: sso.Application) -> sso.Kit:
    issuer, client = settings.SITE_ADDRESS, app.oidc_clients.first()
    known = {
        "issuer": issuer,
        "id": client.client_id if client else "客户端标识",
        "scope": client.scopes if client else "openid",
    }
    return sso.Kit(
        "OpenID Connect / OAuth 2.1",
        (
            ("签发者 issuer", issuer), ("自动发现", f"{issuer}/.well-known/openid-configuration"),
            ("授权", f"{issuer}/oidc/authorize"), ("令牌", f"{issuer}/oidc/token"), ("用户信息", f"{issuer}/oidc/userinfo"),
            ("公钥", f"{issuer}/oidc/jwks"), ("设备", f"{issuer}/oidc/device_authorization"), ("吊销", f"{issuer}/oidc/revoke"),
            ("查验", f"{issuer}/oidc/introspect"), ("退出", f"{issuer}/oidc/logout"),
        ),
        (
            sso.Sample("Apache mod_auth_openidc", _APACHE.format(**known)),
            sso.Sample("Spring Security", _SPRING.format(**known)),
            sso.Sample("Python（Authlib）", _AUTHLIB.format(**known)),
        ),
        ("授权码一分钟内有效，只能兑换一次；必须使用 PKCE（S256）。", "刷新令牌每次使用都会更换；旧的再出现，整个家族立即作废。"),
    )  # fmt: skip


_APACHE = """OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {id}
OIDCClientSecret 生成的密钥
OIDCRedirectURI https://您的应用/oidc/callback
OIDCCryptoPassphrase 任意长随机串
OIDCScope "{scope}"
OIDCPKCEMethod S256"""
_SPRING = """spring.security.oauth2.client.registration.yanta.client-id={id}
spring.security.oauth2.client.registration.yanta.client-secret=生成的密钥
spring.security.oauth2.client.registration.yanta.scope={scope}
spring.security.oauth2.client.provider.yanta.issuer-uri={issuer}"""
_AUTHLIB = """oauth.register(
    "yanta", client_id="{id}", client_secret="生成的密钥",
    server_metadata_url="{issuer}/.well-known/openid-configuration",
    client_kwargs={{"scope": "{scope}", "code_challenge_method": "S256"}},
)"""


def _test_client() -> dict[str, Any]:
    """A confidential and a public client; the confidential one's secret is made anew each time, for nobody keeps it."""
    app = test_application("testkit-oidc", "测试应用（OIDC）")
    common = {
        "redirect_uris": f"{TEST_SERVICE}callback\n{TEST_SERVICE}oidc/callback", "post_logout_redirect_uris": TEST_SERVICE,
        "scopes": "openid profile roles email offline_access", "uses_device": True,
    }  # fmt: skip
    secret = secrets.token_urlsafe(36)
    private, _new = Client.objects.update_or_create(
        client_id="testkit-confidential",
        defaults={
            **common, "application": app, "client_secret": secret, "uses_client_credentials": True, "may_introspect": True,
            "backchannel_logout_uri": f"{TEST_SERVICE}backchannel", "frontchannel_logout_uri": f"{TEST_SERVICE}frontchannel",
        },
    )  # fmt: skip
    public, _new = Client.objects.update_or_create(
        client_id="testkit-public", defaults={**common, "application": app, "client_type": Client.Kind.PUBLIC}
    )
    issuer = settings.SITE_ADDRESS
    return {
        "issuer": issuer, "discovery": f"{issuer}/.well-known/openid-configuration",
        "confidential": {"client_id": private.client_id, "client_secret": secret, **_told(private)},
        "public": {"client_id": public.client_id, **_told(public)},
    }  # fmt: skip


def _told(client: Client) -> dict[str, Any]:
    return {
        "redirect_uris": client.redirect_uris.split(), "post_logout_redirect_uris": client.post_logout_redirect_uris.split(),
        "backchannel_logout_uri": client.backchannel_logout_uri, "frontchannel_logout_uri": client.frontchannel_logout_uri,
        "scopes": client.scopes.split(), "pkce": "S256", "id_token_signed_response_alg": client.algorithm,
    }  # fmt: skip


sso.register(
    sso.Protocol(
        "oidc", "OpenID Connect", _settings, _kit, _test_client, add_url="/oidc/client/new/", order=20
    )
)
