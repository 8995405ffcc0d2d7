"""What people keep of the lists, and imports on their way."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from yanta.kernel.base.models import Record


class SavedView(Record):
    """A list's address under a name, shown as a tab."""

    org_path = None
    org_path_reason = "个人的视图只属于本人，或公开给用同一列表的人"
    person_path = "account__person"
    history = False  # a bookmark is nobody's evidence

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="+"
    )
    resource = models.CharField("列表", max_length=80)
    title = models.CharField("名称", max_length=20)
    query = models.CharField("条件", max_length=1000, blank=True)
    shared = models.BooleanField("公开", default=False)

    class Meta:
        verbose_name = "视图"
        constraints = [
            models.UniqueConstraint(fields=["account", "resource", "title"], name="saved_view_title_once")
        ]

    def __str__(self) -> str:
        return self.title


class SheetImport(Record):
    """An uploaded sheet between preview and receipt."""

    org_path = None
    org_path_reason = "只有上传的人能看到自己的导入"
    person_path = "account__person"
    history = False  # the receipt itself is the evidence; rows are removed after thirty days

    class State(models.TextChoices):
        PREVIEWED = "previewed", "待确认"
        DONE = "done", "已导入"
        CANCELLED = "cancelled", "已取消"

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="+"
    )
    resource = models.CharField("列表", max_length=80)
    file_name = models.CharField("文件", max_length=200)
    digest = models.CharField("文件摘要", max_length=64)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PREVIEWED)
    content = models.BinaryField("文件内容")
    counts = models.JSONField("对账", default=dict)
    problems = models.JSONField("问题行", default=list)

    class Meta:
        verbose_name = "表格导入"

    def __str__(self) -> str:
        return self.file_name
