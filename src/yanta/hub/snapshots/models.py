"""Snapshots of the whole school's data, and their parts."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record

ORG_REASON = "冻结的是全校的数据"


class Snapshot(Record):
    """Everything the school knew on one day, frozen; what was frozen can be destroyed in time but never altered."""

    org_path = None
    org_path_reason = ORG_REASON

    class Clock(models.TextChoices):
        POINT = "9-30", "时点（9 月 30 日）"
        SCHOOL_YEAR = "school_year", "学年（8 月 31 日）"
        CALENDAR_YEAR = "calendar_year", "自然年（12 月 31 日）"
        MANUAL = "manual", "手动"

    class State(models.TextChoices):
        FREEZING = "freezing", "冻结中"
        FROZEN = "frozen", "已冻结"
        REMOVED = "removed", "已销毁"

    class Basis(models.TextChoices):
        LIVE = "live", "当日数据"
        HISTORY = "history", "变更历史追溯"
        DEMO = "demo", "演示数据"

    clock = models.CharField("时钟", max_length=13, choices=Clock)
    on = models.DateField("数据日期")
    title = models.CharField("名称", max_length=80)
    state = models.CharField(
        "状态", max_length=8, choices=State, default=State.FREEZING, editable=False, db_index=True
    )
    basis = models.CharField("依据", max_length=7, choices=Basis, default=Basis.LIVE, editable=False)
    rows = models.BigIntegerField("行数", default=0, editable=False)
    taken_by = models.CharField("冻结人", max_length=60, blank=True, editable=False)
    frozen_at = models.DateTimeField("冻结时间", null=True, blank=True, editable=False)
    keep_until = models.DateField("保存至", null=True, blank=True, help_text="不填为永久保存")
    document = models.JSONField("凭证", default=dict, editable=False)
    previous = models.CharField("上一份凭证摘要", max_length=64, blank=True, editable=False)
    digest = models.CharField("凭证摘要", max_length=64, blank=True, editable=False)
    signature = models.TextField("签名", blank=True, editable=False)

    class Meta:
        verbose_name = "数据快照"
        ordering = ("-on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "on"], condition=~Q(clock="manual") & ~Q(state="removed"), name="snapshot_once_per_day",
                violation_error_message="这一天的快照已经有了",
            )
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(
                name="frozen_stays", operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__frozen_at__isnull=False) & (
                    pgtrigger.Q(new__digest__df=pgtrigger.F("old__digest"))
                    | pgtrigger.Q(new__signature__df=pgtrigger.F("old__signature"))
                    | pgtrigger.Q(new__document__df=pgtrigger.F("old__document"))
                    | pgtrigger.Q(new__previous__df=pgtrigger.F("old__previous"))
                    | pgtrigger.Q(new__rows__df=pgtrigger.F("old__rows"))
                    | pgtrigger.Q(new__on__df=pgtrigger.F("old__on"))
                    | pgtrigger.Q(new__clock__df=pgtrigger.F("old__clock"))
                    | pgtrigger.Q(new__frozen_at__df=pgtrigger.F("old__frozen_at"))
                ),
            ),
            pgtrigger.Protect(
                name="frozen_not_deleted", operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__frozen_at__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def is_frozen(self) -> bool:
        return self.state == self.State.FROZEN


class Part(Record):
    """One subject of a snapshot: a Parquet file, with what was in it."""

    org_path = None
    org_path_reason = ORG_REASON

    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, verbose_name="快照", related_name="parts", editable=False
    )
    subject = models.CharField("主题代号", max_length=40, editable=False)
    title = models.CharField("主题", max_length=60, editable=False)
    rows = models.BigIntegerField("行数", editable=False)
    size = models.BigIntegerField("大小（字节）", editable=False)
    digest = models.CharField("SM3 摘要", max_length=64, editable=False)
    fields = models.JSONField("字段", editable=False)
    gaps = models.CharField("缺口", max_length=300, blank=True, editable=False)
    file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="文件", null=True, blank=True, related_name="+", editable=False
    )  # fmt: skip

    class Meta:
        verbose_name = "快照主题"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["snapshot", "subject"], name="snapshot_subject_once")]
        triggers = [
            pgtrigger.ReadOnly(
                name="part_stays", fields=["snapshot", "subject", "rows", "size", "digest", "fields", "gaps"]
            ),
            # A file may go when its time is over; another may never take its place.
            pgtrigger.Protect(
                name="part_file_stays", operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__file__isnull=False) & pgtrigger.Q(new__file__df=pgtrigger.F("old__file")),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.snapshot} · {self.title}"
