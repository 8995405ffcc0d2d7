from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.sso.oidc.views import authorize, discovery, pages, registration, tokens

urlpatterns = [
    path(
        ".well-known/openid-configuration",
        public_page(discovery.openid_configuration),
        name="openid-configuration",
    ),
    path(
        ".well-known/oauth-authorization-server",
        public_page(discovery.authorization_server),
        name="oauth-server",
    ),
    path("oidc/jwks", public_page(discovery.jwks), name="oidc-jwks"),
    path("oidc/authorize", public_page(authorize.authorize), name="oidc-authorize"),
    path("oidc/token", public_page(tokens.token), name="oidc-token"),
    path(
        "oidc/device_authorization",
        public_page(tokens.device_authorization),
        name="oidc-device-authorization",
    ),
    path("oidc/device", pages.DeviceView.as_view(), name="oidc-device"),
    path("oidc/revoke", public_page(tokens.revoke), name="oidc-revoke"),
    path("oidc/introspect", public_page(tokens.introspect), name="oidc-introspect"),
    path("oidc/userinfo", public_page(tokens.userinfo), name="oidc-userinfo"),
    path("oidc/logout", public_page(pages.LogoutView.as_view()), name="oidc-logout"),
    path("oidc/register", public_page(registration.register), name="oidc-register"),
]
