"""Clients and registration tokens on screen."""

from __future__ import annotations

from yanta.kernel.resource import Resource, Section, register
from yanta.sso.applications.resources import SUB_NOUNS, OfApplication
from yanta.sso.oidc import services
from yanta.sso.oidc.models import Client, RegistrationToken


@register
class ClientResource(OfApplication):
    model = Client
    icon = "id-badge-2"
    columns = ["application", "client_id", "client_type", "scopes", "uses_code", "uses_client_credentials"]
    filters = ["application", "client_type"]
    search = ["client_id", "application__name", "redirect_uris"]
    form = [
        Section(
            "客户端",
            ["application", "client_type", "scopes", "algorithm"],
            note="保存后在记录页点“生成新密钥”",
        ),
        Section("用户登录", ["uses_code", "requires_pkce", "redirect_uris", "allowed_origins"]),
        Section("退出", ["post_logout_redirect_uris", "backchannel_logout_uri", "frontchannel_logout_uri"]),
        Section(
            "其他方式", ["uses_device", "uses_client_credentials", "may_introspect"], note="多数应用不需要"
        ),
    ]
    facts = [
        Section("客户端", ["application", "client_id", "client_type", "scopes", "algorithm"]),
        Section("用户登录", ["uses_code", "requires_pkce", "redirect_uris", "allowed_origins"]),
        Section("退出", ["post_logout_redirect_uris", "backchannel_logout_uri", "frontchannel_logout_uri"]),
        Section("其他方式", ["uses_device", "uses_client_credentials", "may_introspect"]),
    ]
    actions = [services.new_secret]
    access = SUB_NOUNS


@register
class RegistrationTokenResource(Resource):
    model = RegistrationToken
    icon = "key"
    in_menu = False
    in_search = False
    hint = "没有注册令牌时，任何程序都不能自己登记客户端。"
    columns = ["name", "owner", "uses_left", "activates", "expires_at"]
    filters = ["owner"]
    search = ["name"]
    actions = [services.issue_registration_token, services.end_registration_token]
    access = {"engineer": "*", "security": "view", "auditor": "view"}
