from yanta.kernel.base import System


class LdapConfig(System):
    name = "yanta.sso.ldap"
    title = "LDAP 目录"
    area = "平台"
    owner = "信息中心"
    icon = "address-book"
    summary = "只懂 LDAP 的系统用它验证密码、查人和分组；每个应用看到自己的一棵树，只读"
    depends_on = ("applications", "scim")
