from yanta.kernel.base import System


class CasConfig(System):
    name = "yanta.sso.cas"
    title = "CAS 登录"
    area = "平台"
    owner = "信息中心"
    icon = "ticket"
    summary = "CAS 1.0、2.0、3.0 协议：登录、票据校验、代理票据、单点退出"
    depends_on = ("applications",)
