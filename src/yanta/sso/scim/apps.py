from yanta.kernel.base import System

# Read while few modules are: for the texts beside its fields, each class of it has pydantic look through all there are.
from yanta.sso.scim import schema as schema


class ScimConfig(System):
    name = "yanta.sso.scim"
    title = "账号同步（SCIM）"
    area = "平台"
    owner = "信息中心"
    icon = "users-group"
    summary = "应用按授权读取人员和分组、开通有期限的访客账号；身份变化几秒内送到已登记的目标系统，有对账单"
    depends_on = ("applications", "oidc")
