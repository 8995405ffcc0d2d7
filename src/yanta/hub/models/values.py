"""The merged record, value by value, each with where it comes from; and what people say is wrong."""

from __future__ import annotations

from django.db import models

from yanta.kernel.base.models import Record


class ElementValue(Record):
    """One element of one person: the value that counts and its provenance. Sensitive values are sealed."""

    org_path = "person__home_unit"
    person_path = "person"
    history = False  # ElementChange is the history, with run or operation

    class Basis(models.TextChoices):
        AUTHORITY = "authority", "权威来源"
        FALLBACK = "fallback", "次序来源"
        DERIVED = "derived", "推算"
        CORRECTION = "correction", "本人更正经归口部门核准"

    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="人员", related_name="+")
    element = models.CharField("数据元", max_length=30)
    value = models.CharField("值", max_length=200, blank=True)
    sealed = models.BinaryField("值（加密）", null=True, blank=True)
    digest = models.BinaryField("值指纹", max_length=16)
    basis = models.CharField("依据", max_length=12, choices=Basis, default=Basis.AUTHORITY)
    source = models.ForeignKey(
        "hub.Source", models.PROTECT, verbose_name="来源", null=True, blank=True, related_name="+"
    )
    row = models.ForeignKey(
        "hub.SourceRow", models.SET_NULL, verbose_name="来源行", null=True, blank=True, related_name="+"
    )
    run = models.ForeignKey(
        "hub.Run", models.PROTECT, verbose_name="运行", null=True, blank=True, related_name="+"
    )
    correction = models.ForeignKey(
        "hub.Correction", models.PROTECT, verbose_name="更正", null=True, blank=True, related_name="+"
    )
    refuted_digest = models.BinaryField("被更正的值指纹", max_length=16, null=True, blank=True)
    confirmed_at = models.DateTimeField("确认时间")

    class Meta:
        verbose_name = "数据值"
        constraints = [models.UniqueConstraint(fields=["person", "element"], name="element_value_once")]

    def __str__(self) -> str:
        return f"{self.person_id}.{self.element}"


class ElementChange(Record):
    """A value before and after, with the run or the correction that changed it."""

    org_path = "person__home_unit"
    person_path = "person"
    history = False  # written once

    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="人员", related_name="+")
    element = models.CharField("数据元", max_length=30)
    before = models.CharField("原值", max_length=200, blank=True)
    before_sealed = models.BinaryField("原值（加密）", null=True, blank=True)
    after = models.CharField("新值", max_length=200, blank=True)
    after_sealed = models.BinaryField("新值（加密）", null=True, blank=True)
    source = models.ForeignKey(
        "hub.Source", models.PROTECT, verbose_name="来源", null=True, blank=True, related_name="+"
    )
    run = models.ForeignKey(
        "hub.Run", models.PROTECT, verbose_name="运行", null=True, blank=True, related_name="+"
    )
    correction = models.ForeignKey(
        "hub.Correction", models.PROTECT, verbose_name="更正", null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField("变更时间")

    class Meta:
        verbose_name = "数据变更"
        ordering = ("-changed_at", "-pk")
        indexes = [models.Index(fields=["person", "element"], name="element_change_person")]

    def __str__(self) -> str:
        return f"{self.person_id}.{self.element} {self.changed_at:%Y-%m-%d}"


class Correction(Record):
    """“This is wrong”: what the person says is right, decided by the department that owns the value."""

    org_path = "owner"
    person_path = "person"

    class State(models.TextChoices):
        OPEN = "open", "待核准"
        ACCEPTED = "accepted", "已核准"
        REFUSED = "refused", "未核准"
        WITHDRAWN = "withdrawn", "已撤回"

    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="人员", related_name="+")
    element = models.CharField("数据元", max_length=30)
    current = models.BinaryField("现值（加密）", null=True, blank=True, editable=False)
    proposed = models.BinaryField("应为（加密）", editable=False)
    reason = models.CharField("说明", max_length=300)
    evidence = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="佐证材料", null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="归口部门",
        null=True,
        blank=True,
        related_name="+",
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    raised_by = models.CharField("提出人", max_length=100)
    decided_by = models.CharField("核准人", max_length=100, blank=True)
    decided_at = models.DateTimeField("核准时间", null=True, blank=True)
    note = models.CharField("核准意见", max_length=300, blank=True)

    class Meta:
        verbose_name = "数据更正"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["person", "element"],
                condition=models.Q(state="open"),
                name="correction_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}：{self.element}"
