"""What applications can be told about people: every attribute with its names on the wire and its class."""

from __future__ import annotations

import re
from dataclasses import dataclass

SENSITIVE = 3
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,59}")


@dataclass(frozen=True, slots=True)
class Attribute:
    """`level` is its class (分级): 1 公开, 2 内部, 3 敏感, 4 高度敏感; `oid` and `friendly` its names in SAML."""

    code: str
    title: str
    level: int
    scope: str
    claim: str
    cas: str
    oid: str = ""
    many: bool = False
    friendly: str = ""

    @property
    def is_sensitive(self) -> bool:
        return self.level >= SENSITIVE


_ALL = (
    Attribute("username", "登录名", 2, "profile", "preferred_username", "username", "urn:oid:0.9.2342.19200300.100.1.1", friendly="uid"),
    Attribute("name", "姓名", 2, "profile", "name", "name", "urn:oid:2.16.840.1.113730.3.1.241", friendly="displayName"),
    Attribute("latin_name", "英文姓名", 2, "profile", "latin_name", "latinName"),
    Attribute("number", "人员号", 2, "profile", "person_number", "personNumber"),
    Attribute("student_number", "学号", 2, "profile", "student_number", "studentNumber", many=True),
    Attribute("staff_number", "工号", 2, "profile", "staff_number", "staffNumber", "urn:oid:2.16.840.1.113730.3.1.3", many=True, friendly="employeeNumber"),
    Attribute("unit_code", "单位号", 2, "profile", "unit_code", "unitCode"),
    Attribute("unit_name", "单位名称", 2, "profile", "unit_name", "unitName", "urn:oid:2.5.4.11", friendly="ou"),
    Attribute(
        "affiliation", "身份类别", 2, "profile", "affiliation", "eduPersonAffiliation",
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.1", many=True,
    ),
    Attribute(
        "scoped_affiliation", "带学校域的身份类别", 2, "profile", "eduperson_scoped_affiliation", "eduPersonScopedAffiliation",
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.9", many=True,
    ),
    Attribute(
        "principal_name", "带学校域的登录名", 2, "profile", "eduperson_principal_name", "eduPersonPrincipalName",
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
    ),
    Attribute(
        "entitlement", "资源使用资格", 2, "profile", "eduperson_entitlement", "eduPersonEntitlement",
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.7", many=True,
    ),
    Attribute(
        "home_organization", "学校域名", 1, "profile", "schac_home_organization", "schacHomeOrganization",
        "urn:oid:1.3.6.1.4.1.25178.1.2.9",
    ),
    Attribute("roles", "角色", 2, "roles", "roles", "roles", many=True),
    Attribute("email", "电子邮箱", 2, "email", "email", "mail", "urn:oid:0.9.2342.19200300.100.1.3"),
    Attribute("phone", "手机号", 3, "phone", "phone_number", "mobile", "urn:oid:0.9.2342.19200300.100.1.41"),
)  # fmt: skip

ATTRIBUTES = {one.code: one for one in _ALL}
CHOICES = [(one.code, one.title) for one in _ALL]
SCOPES = {
    "openid": "确认您的身份", "profile": "姓名、号码、单位和身份类别", "roles": "您在学校的角色",
    "email": "电子邮箱", "phone": "手机号", "offline_access": "您离开后继续使用，直到您退出应用",
}  # fmt: skip


def in_scopes(scopes: set[str]) -> frozenset[str]:
    """The attributes that these scopes ask for."""
    return frozenset(one.code for one in _ALL if one.scope in scopes)


def is_attribute_name(name: str) -> bool:
    """Whether a name can stand in every protocol's documents, XML among them."""
    return bool(_NAME.fullmatch(name)) and not name.lower().startswith("xml")
