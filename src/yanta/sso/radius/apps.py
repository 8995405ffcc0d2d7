from yanta.kernel.base import System


class RadiusConfig(System):
    name = "yanta.sso.radius"
    title = "无线与有线认证（RADIUS）"
    area = "平台"
    owner = "信息中心"
    icon = "wifi"
    summary = "校园网用统一身份认证登录：谁能上网、分到哪个 VLAN，由身份和规则决定"
    depends_on = ("applications",)
