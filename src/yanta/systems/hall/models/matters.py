"""What was handed in: one line per matter, whichever system keeps its noun."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.systems.hall.models.designs import Version

PERSON = "people.Person"


class Affair(Record):
    """一件事: one application that opened matters in several departments."""

    org_path = None
    org_path_reason = "一件事跨多个部门，只有本人查看，各部门看自己的办件"
    person_path = "applicant"
    title_needs = ("applicant",)

    key = models.CharField("一件事", max_length=40)
    title = models.CharField("名称", max_length=60)
    applicant = models.ForeignKey(PERSON, models.PROTECT, verbose_name="申请人", related_name="+")
    token = models.UUIDField("提交标识", default=uuid.uuid4, unique=True, editable=False)
    handed_in_at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = "一件事办件"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.title} {self.applicant.name}"


class Matter(Record):
    """One hand-in of a service. A designed service keeps its answers here; others point at the row of their own noun."""

    org_path = "department"
    person_path = "applicant"
    title_needs = ("applicant",)

    class State(models.TextChoices):
        OPEN = "open", "办理中"
        RETURNED = "returned", "待补正"
        DONE = "done", "已办结"
        REFUSED = "refused", "不予办理"
        WITHDRAWN = "withdrawn", "已撤回"
        CLOSED = "closed", "已终止"

    UNDER_WAY = (State.OPEN, State.RETURNED)

    number = models.CharField("办件号", max_length=20, unique=True, editable=False)
    service = models.CharField("事项标识", max_length=80)
    title = models.CharField("事项", max_length=60)
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="主管部门", related_name="+"
    )
    applicant = models.ForeignKey(PERSON, models.PROTECT, verbose_name="申请人", related_name="+")
    handed_in_by = models.ForeignKey(
        PERSON, models.PROTECT, verbose_name="代办人", null=True, blank=True, related_name="+"
    )
    affair = models.ForeignKey(
        Affair, models.PROTECT, verbose_name="一件事", null=True, blank=True, related_name="matters"
    )
    version = models.ForeignKey(
        Version, models.PROTECT, verbose_name="表单版本", null=True, blank=True, related_name="+"
    )
    answers = models.JSONField("填写内容", default=dict, blank=True, editable=False)
    subject_type = models.CharField("对象类型", max_length=80, blank=True, editable=False)
    subject_id = models.BigIntegerField("对象", null=True, blank=True, editable=False)
    instance = models.ForeignKey(
        "workflow.Instance", models.PROTECT, verbose_name="流程", null=True, blank=True, related_name="+"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    opinion = models.CharField("办理意见", max_length=300, blank=True)
    asked = models.PositiveSmallIntegerField("填写项", default=0)
    saved = models.PositiveSmallIntegerField("少填项", default=0)
    token = models.UUIDField("提交标识", default=uuid.uuid4, unique=True, editable=False)
    handed_in_at = models.DateTimeField("提交时间")
    due_on = models.DateField("承诺办结日", null=True, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True, blank=True)

    class Meta:
        verbose_name = "办件"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], condition=~Q(subject_id=None), name="hall_matter_once"
            ),
        ]
        indexes = [
            models.Index(fields=["applicant", "-id"], name="hall_matter_applicant"),
            models.Index(fields=["service", "-handed_in_at"], name="hall_matter_service"),
            models.Index(fields=["due_on"], condition=Q(ended_at=None), name="hall_matter_due"),
        ]

    class Standard:
        source = "校内"
        subject = "matter"
        owner = "信息中心"
        fields: ClassVar[dict[str, str]] = {}
        levels: ClassVar = {"opinion": 3}

    def __str__(self) -> str:
        return f"{self.applicant.name} {self.title}"

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY


class Attachment(Record):
    """A file that answers a question of a designed form; the name of the question says which."""

    org_path = "matter__department"
    person_path = "matter__applicant"
    history = False  # written once with the matter

    matter = models.ForeignKey(Matter, models.CASCADE, verbose_name="办件", related_name="attachments")
    question = models.CharField("问题", max_length=40)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, verbose_name="文件", related_name="+")

    class Meta:
        verbose_name = "附件"
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.file)
