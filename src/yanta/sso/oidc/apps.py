from yanta.kernel.base import System


class OidcConfig(System):
    name = "yanta.sso.oidc"
    title = "OpenID Connect 登录"
    area = "平台"
    owner = "信息中心"
    icon = "id-badge-2"
    summary = "OpenID Connect 和 OAuth 2.1：授权码、设备、客户端凭据，令牌轮换，退出通知"
    depends_on = ("applications",)
