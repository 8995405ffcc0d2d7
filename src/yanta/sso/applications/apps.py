from yanta.kernel.base import System


class ApplicationsConfig(System):
    name = "yanta.sso.applications"
    title = "统一身份认证"
    area = "平台"
    owner = "信息中心"
    icon = "fingerprint"
    summary = "哪些应用接入了统一登录、谁能进、给它们哪些信息；谁在哪里登录着，一处退出处处退出"
