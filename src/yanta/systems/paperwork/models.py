"""Forms, their editions, batches, and what was produced for whom."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record
from yanta.kernel.documents.model import Binding, Slot
from yanta.systems.paperwork import rules


class Form(Record):
    """An official form as a department hands it round, whatever its edition."""

    org_path = "owner"

    class Audience(models.TextChoices):
        STUDENT = "student", "学生"
        STAFF = "staff", "教职工"

    code = models.CharField("编号", max_length=30, unique=True)
    title = models.CharField("名称", max_length=60)
    owner = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="归口部门", related_name="+"
    )
    audience = models.CharField("填表人", max_length=10, choices=Audience)
    basis = models.CharField("依据", max_length=200, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    is_self_service = models.BooleanField("本人可自助生成", default=True)
    service = models.CharField(
        "对应事项",
        max_length=80,
        blank=True,
        editable=False,
        help_text="这一事项办结时，意见、签名和日期自动填进本表",
    )

    class Meta:
        verbose_name = "制式表格"
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Edition(Record):
    """The file of one edition, the slots found in it, and what each is filled with."""

    org_path = "form__owner"
    title_needs = ("form",)
    secret_fields = ("slots", "bindings")

    class Status(models.TextChoices):
        DRAFT = "draft", "待确认对应"
        IN_FORCE = "in_force", "使用中"
        RETIRED = "retired", "已停用"

    form = models.ForeignKey(Form, models.PROTECT, verbose_name="制式表格", related_name="editions")
    name = models.CharField("版本", max_length=30)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, verbose_name="原件", related_name="+")
    kind = models.CharField("格式", max_length=4, choices=[("docx", "Word"), ("xlsx", "Excel")])
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)
    slots = models.JSONField("空格", default=list, editable=False)
    bindings = models.JSONField("对应", default=list, editable=False)

    class Meta:
        verbose_name = "表格版本"
        ordering = ("form", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["form", "name"], name="paperwork_edition_once"),
            models.UniqueConstraint(
                fields=["form"], condition=Q(status="in_force"), name="paperwork_one_edition_in_force"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="paperwork_edition_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form.title}（{self.name}）"

    @property
    def found(self) -> list[Slot]:
        return [rules.slot_of(one) for one in self.slots]

    @property
    def bound(self) -> dict[str, Binding]:
        return {one["slot"]: rules.binding_of(one) for one in self.bindings}

    @property
    def unconfirmed(self) -> int:
        """Slots nobody has decided about yet: merely suggested, or with no suggestion at all."""
        decided = {one["slot"] for one in self.bindings if one.get("confirmed")}
        return sum(1 for one in self.slots if one["key"] not in decided)


class Batch(Record):
    """One run for many people; the numbers add up: read = filled + with gaps + refused."""

    org_path = "unit"
    title_needs = ("edition__form",)
    secret_fields = ("asked", "strangers")

    class Output(models.TextChoices):
        ORIGINAL = "original", "Word 或 Excel"
        PDF = "pdf", "PDF/A"

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="表格", related_name="batches")
    unit = models.ForeignKey("organisation.OrgUnit", models.PROTECT, verbose_name="单位", related_name="+")
    title = models.CharField("名单", max_length=120)
    purpose = models.CharField("用途", max_length=200)
    output = models.CharField("输出", max_length=10, choices=Output, default=Output.ORIGINAL)
    asked = models.JSONField("人员", default=list, editable=False)
    strangers = models.JSONField("不予生成", default=list, editable=False)
    read = models.PositiveIntegerField("名单人数", default=0)
    filled = models.PositiveIntegerField("填写完整", default=0)
    with_gaps = models.PositiveIntegerField("有缺项", default=0)
    refused = models.PositiveIntegerField("未生成", default=0)
    archive = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="压缩包", null=True, blank=True, related_name="+"
    )
    report = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="缺项清单", null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    account_id = models.BigIntegerField("发起账号", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "批量生成"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(read=F("filled") + F("with_gaps") + F("refused")),
                name="paperwork_batch_adds_up",
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition.form.title} {self.title}"


class Issued(Record):
    """A document that was produced for a person, with where every value in it came from."""

    org_path = "person__home_unit"
    person_path = "person"
    title_needs = ("edition__form", "person")
    history = False  # written once

    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="表格", related_name="issued")
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="人员", related_name="+")
    batch = models.ForeignKey(
        Batch, models.PROTECT, verbose_name="批次", null=True, blank=True, related_name="issued"
    )
    instance = models.ForeignKey(
        "workflow.Instance", models.PROTECT, verbose_name="办件", null=True, blank=True, related_name="+"
    )
    file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="文件", null=True, blank=True, related_name="+"
    )
    printed = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="PDF", null=True, blank=True, related_name="+"
    )
    digest = models.CharField("文件摘要（SM3）", max_length=64, db_index=True)
    is_complete = models.BooleanField("填写完整")
    written = models.JSONField("各格来源", default=list, editable=False)
    problems = models.JSONField("缺项", default=list, editable=False)
    made_by = models.CharField("生成人", max_length=60)
    made_on = models.DateField("生成日期")

    class Meta:
        verbose_name = "生成记录"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "edition"], condition=~Q(instance=None), name="paperwork_once_per_matter"
            ),
            models.CheckConstraint(
                condition=Q(instance=None) | Q(file__isnull=False), name="paperwork_of_a_matter_is_kept"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition.form.title} {self.person.name}"
