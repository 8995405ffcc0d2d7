"""The school's own wording of what its systems say."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class Wording(Record):
    """One version of a message's text in one language; none in force means the declared one."""

    org_path = None
    org_path_reason = "消息的措辞全校一份"
    history = False  # every change is a row of its own

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "中文"
        ENGLISH = "en", "English"

    template = models.CharField("消息", max_length=80)
    language = models.CharField("语言", max_length=10, choices=Language)
    number = models.PositiveIntegerField("版本", default=1)
    title = models.CharField("标题", max_length=300)
    body = models.TextField("内容", blank=True)
    short = models.CharField("短文本", max_length=300, blank=True)
    author = models.CharField("修改人", max_length=60)
    reason = models.CharField("原因", max_length=200, blank=True)
    is_current = models.BooleanField("使用中", default=True)

    class Meta:
        verbose_name = "消息措辞"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["template", "language"], condition=Q(is_current=True), name="wording_current_once"
            ),
            models.UniqueConstraint(fields=["template", "language", "number"], name="wording_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.get_language_display()} 第 {self.number} 版"
