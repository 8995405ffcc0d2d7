"""Seals and who may have them pressed."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record


class Seal(Record):
    """One electronic seal: what it looks like, whose it is, who keeps it, on what terms it is used."""

    org_path = "org_unit"
    person_path = "keeper"

    class Kind(models.TextChoices):
        OFFICIAL = "official", "公章"
        COLLEGE = "college", "院系部门章"
        CONTRACT = "contract", "合同专用章"
        FINANCE = "finance", "财务专用章"
        SPECIAL = "special", "业务专用章"
        PERSONAL = "personal", "个人签名章"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "待启用"
        IN_USE = "in_use", "使用中"
        SUSPENDED = "suspended", "已停用"
        DESTROYED = "destroyed", "已销毁"

    class Audience(models.TextChoices):
        UNIT = "unit", "本单位人员"
        SCHOOL = "school", "全校教职工"

    name = models.CharField("印章名称", max_length=60, help_text="印面环形文字，如“雁塔大学计算机学院”")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    foot = models.CharField("下方文字", max_length=14, blank=True, help_text="如“教务专用章”，没有就留空")
    org_unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="所属单位", related_name="+"
    )
    keeper = models.ForeignKey("people.Person", models.PROTECT, verbose_name="保管人", related_name="+")
    image = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="印模图片", null=True, blank=True, editable=False, related_name="+"
    )  # fmt: skip
    audience = models.CharField("谁可以申请", max_length=6, choices=Audience, default=Audience.UNIT)
    needs_head = models.BooleanField("须单位负责人审批", default=True, help_text="不勾选时由保管人一人审批")
    most_uses = models.PositiveIntegerField("最多用印次数", null=True, blank=True, help_text="留空为不限")
    uses = models.PositiveIntegerField("已用印次数", default=0, editable=False)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True, blank=True, help_text="含当天；留空为长期")
    reason = models.CharField("刻制理由", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED, editable=False)
    opinion = models.CharField("审批意见", max_length=200, blank=True, editable=False)
    certificate = models.ForeignKey(
        "seals.Certificate", models.PROTECT, verbose_name="签名证书", null=True, blank=True, editable=False,
        related_name="seals",
    )  # fmt: skip
    national = models.ForeignKey(
        "seals.Certificate", models.PROTECT, verbose_name="国密证书", null=True, blank=True, editable=False,
        related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = "印章"
        ordering = ("org_unit", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "foot", "kind"], condition=~Q(state="destroyed"), name="seal_one_of_a_kind",
                violation_error_message="已经有一枚名称和种类相同的印章",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="seal_forward",
                violation_error_message="停用日期不能早于启用日期",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name}{self.foot or self.get_kind_display()}"

    def refusal_to_press(self, *, on: date, times: int = 1) -> str | None:
        """Why nothing can be sealed with it on this day, or None."""
        if self.state != self.State.IN_USE:
            return f"印章“{self}”{self.get_state_display()}，不能用印"
        if on < self.valid_from or (self.valid_to is not None and on > self.valid_to):
            return f"印章“{self}”不在有效期内"
        if self.most_uses is not None and self.uses + times > self.most_uses:
            return f"印章“{self}”只剩 {self.most_uses - self.uses} 次，不够 {times} 次"
        return None
