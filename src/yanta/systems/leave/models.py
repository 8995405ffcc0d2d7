"""Leave of absence."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from yanta.kernel.base.models import Record


class Leave(Record):
    """One student's absence, from the application to the return."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person",)

    class Kind(models.TextChoices):
        ILLNESS = "illness", "病假"
        PRIVATE = "private", "事假"
        OFFICIAL = "official", "公假"

    class Status(models.TextChoices):
        SUBMITTED = "submitted", "待辅导员审批"
        ENDORSED = "endorsed", "待学院审批"
        CLEARED = "cleared", "待学工部审批"
        GRANTED = "granted", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"
        RETURNED = "returned", "已销假"

    # States in which the days are taken, so that no second leave may cover them.
    LIVE = (Status.SUBMITTED, Status.ENDORSED, Status.CLEARED, Status.GRANTED)
    PENDING = (Status.SUBMITTED, Status.ENDORSED, Status.CLEARED)

    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", help_text="含当天")
    destination = models.CharField("去向", max_length=100, help_text="离校外出须写到区县；在校休息填“在校”")
    reason = models.TextField("事由", max_length=500)
    contact = models.CharField("紧急联系人及电话", max_length=60)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.SUBMITTED, editable=False)
    opinion = models.CharField("审批意见", max_length=200, blank=True, editable=False)
    decided_by = models.CharField("审批人", max_length=60, blank=True, editable=False)
    returned_on = models.DateField("销假日期", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "请假"
        ordering = ("-starts_on",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="leave_forward",
                violation_error_message="结束日期不能早于开始日期",
            ),
            ExclusionConstraint(
                name="leave_no_overlap",
                expressions=[
                    ("student", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"), F("ends_on"), RangeBoundary(inclusive_upper=True),
                            function="DATERANGE", output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(status__in=["submitted", "endorsed", "cleared", "granted"]),
                violation_error_message="这几天已经有一次请假",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "leave"
        owner = "学工部"
        fields: ClassVar[dict[str, str]] = {}
        levels: ClassVar = {"reason": 3, "contact": 3, "destination": 3}

    def __str__(self) -> str:
        return f"{self.student.person.name} {self.get_kind_display()} {self.starts_on:%m-%d}"

    @property
    def days(self) -> int:
        """Calendar days, both ends counted."""
        return (self.ends_on - self.starts_on).days + 1
