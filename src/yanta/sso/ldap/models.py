"""What an application registers to use the directory."""

from __future__ import annotations

from django.db import models

from yanta.kernel.base.models import Record
from yanta.sso.applications.models import Application


class Door(Record):
    """An application's branch of the directory; its own password is kept as a digest only."""

    org_path = "application__owner"
    title_needs = ("application",)
    history_exclude = ("secret_digest", "updated_at")

    application = models.OneToOneField(
        Application, models.CASCADE, verbose_name="应用", related_name="ldap_door"
    )
    secret_digest = models.CharField("密码摘要", max_length=64, blank=True, editable=False)
    may_search = models.BooleanField("可查询", default=True, help_text="不勾选则只能用来验证用户的密码")
    most_results = models.PositiveIntegerField("一次最多返回", default=1000)
    rows_an_hour = models.PositiveIntegerField("每小时最多读取", default=50_000)

    class Meta:
        verbose_name = "LDAP 接口"

    def __str__(self) -> str:
        return f"{self.application}"
