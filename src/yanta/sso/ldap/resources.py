"""Branches of the directory on screen."""

from __future__ import annotations

from yanta.kernel.resource import Section, register
from yanta.sso.applications.resources import SUB_NOUNS, OfApplication
from yanta.sso.ldap import services
from yanta.sso.ldap.models import Door


@register
class DoorResource(OfApplication):
    model = Door
    icon = "address-book"
    columns = ["application", "may_search", "most_results", "rows_an_hour", "updated_at"]
    filters = ["application", "may_search"]
    form = [
        Section(
            "目录",
            ["application", "may_search", "most_results", "rows_an_hour"],
            note="保存后在记录页点“生成新密码”；给哪些人、哪些信息由准入规则和属性发布决定",
        )
    ]
    facts = [Section("目录", ["application", "may_search", "most_results", "rows_an_hour"])]
    actions = [services.new_secret]
    access = SUB_NOUNS
