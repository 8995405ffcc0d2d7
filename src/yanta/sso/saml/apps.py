from yanta.kernel.base import System


class SamlConfig(System):
    name = "yanta.sso.saml"
    title = "SAML 登录"
    area = "平台"
    owner = "信息中心"
    icon = "certificate"
    summary = "SAML 2.0 身份提供者：元数据、签名断言、eduPerson 属性、单点退出"
    depends_on = ("applications",)
