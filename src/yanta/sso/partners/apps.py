from yanta.kernel.base import System


class PartnersConfig(System):
    name = "yanta.sso.partners"
    title = "合作方登录"
    area = "平台"
    owner = "信息中心"
    icon = "building-bridge"
    summary = "用上级平台或合作单位的账号登录：OpenID Connect、SAML、CAS；按人关联，不按邮箱"
    depends_on = ("applications", "cas", "saml")
