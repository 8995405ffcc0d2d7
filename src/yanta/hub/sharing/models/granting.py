"""Who uses data, what they ask for, what each department decided, what they may do until when."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from yanta.hub.sharing.models.catalogue import LEVELS, Dataset
from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record


class Way(models.TextChoices):
    """How rows reach a consumer."""

    REST = "rest", "接口"
    FILE = "file", "文件"
    SCHEMA = "schema", "只读库"
    WEBHOOK = "webhook", "变更推送"


class FileKind(models.TextChoices):
    CSV = "csv", "CSV"
    EXCEL = "xlsx", "Excel"
    PARQUET = "parquet", "Parquet"


class FileSchedule(models.TextChoices):
    """How often a grant's file is made by itself."""

    DAILY = "daily", "每日"
    WEEKLY = "weekly", "每周一"
    MONTHLY = "monthly", "每月 1 日"


class Consumer(Record):
    """A department, a system or another node that uses data, and the person who answers for it."""

    org_path = "unit"
    person_path = "responsible"
    title_needs = ("unit",)

    class Kind(models.TextChoices):
        DEPARTMENT = "department", "部门"
        SYSTEM = "system", "业务系统"
        NODE = "node", "外部节点"

    code = models.SlugField("编码", max_length=30, unique=True)
    title = models.CharField("名称", max_length=60)
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.SYSTEM)
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="使用单位", related_name="+"
    )
    responsible = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="责任人", related_name="+",
        help_text="须是在岗教职工；离岗后这里的全部授权立即暂停",
    )  # fmt: skip
    address = models.CharField("系统地址", max_length=200, blank=True)
    networks = models.TextField(
        "IP 白名单", blank=True, help_text="每行一个地址或网段，如 10.8.0.0/16；留空不限制"
    )
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "使用方"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title


class Application(Record):
    """What a consumer wants, for what, until when."""

    org_path = "consumer__unit"
    person_path = "consumer__responsible"
    title_needs = ("dataset", "consumer")

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待来源部门审批"
        SECOND = "second", "待第二次审批"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    OPEN = (State.SUBMITTED, State.SECOND)

    dataset = models.ForeignKey(Dataset, models.PROTECT, verbose_name="数据集", related_name="applications")
    consumer = models.ForeignKey(Consumer, models.PROTECT, verbose_name="使用方", related_name="applications")
    renews = models.ForeignKey(
        "Grant", models.PROTECT, verbose_name="续期的授权", null=True, blank=True, related_name="renewals"
    )
    purpose = models.TextField("用途", max_length=500)
    names = models.JSONField("申请字段", default=list)
    condition = models.JSONField("行范围", default=dict, blank=True)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至")
    per_minute = models.PositiveIntegerField("每分钟次数", default=60)
    rows_per_day = models.PositiveIntegerField("每日行数", default=100_000)
    ways = models.JSONField("交付方式", default=list)
    state = models.CharField("状态", max_length=10, choices=State, default=State.SUBMITTED, editable=False)
    applicant = models.ForeignKey(
        "people.Person",
        models.PROTECT,
        verbose_name="申请人",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = "使用申请"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="application_forward",
                violation_error_message="截止日期不能早于开始日期",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.consumer} 申请 {self.dataset}"


class Decision(Record):
    """One source department's part of an application: its own fields, and whether the rows may go."""

    org_path = "unit"
    title_needs = ("application__dataset", "application__consumer")

    class State(models.TextChoices):
        WAITING = "waiting", "待审批"
        APPROVED = "approved", "同意"
        REDUCED = "reduced", "部分同意"
        REFUSED = "refused", "不同意"
        VOID = "void", "不再需要"

    class Round(models.IntegerChoices):
        FIRST = 1, "第一次"
        SECOND = 2, "第二次（高度敏感）"

    application = models.ForeignKey(
        Application, models.CASCADE, verbose_name="申请", related_name="decisions"
    )
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="来源部门", related_name="+"
    )
    round = models.PositiveSmallIntegerField("次序", choices=Round, default=Round.FIRST)
    names = models.JSONField("本部门字段", default=list)
    allowed = models.JSONField("同意的字段", default=list, blank=True, editable=False)
    condition = models.JSONField("行范围收窄", default=dict, blank=True, editable=False)
    valid_to = models.DateField("缩短至", null=True, blank=True, editable=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING, editable=False)
    opinion = models.CharField("意见", max_length=200, blank=True, editable=False)
    decider = models.ForeignKey(
        "people.Person",
        models.PROTECT,
        verbose_name="审批人",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    decided_by = models.CharField("审批人姓名", max_length=60, blank=True, editable=False)
    decided_at = models.DateTimeField("审批时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "来源部门审批"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["application", "unit", "round"], name="decision_once_per_round")
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.get_round_display()}"


class Grant(Record):
    """What a consumer may read, how, until when; its key is shown once and kept only as a sealed digest."""

    org_path = None
    org_path_reason = "谁在用什么数据对全体教职工公开；密钥不显示，办理权限另行检查"
    title_needs = ("dataset", "consumer")
    history_exclude = ("signing_key", "last_read_at", "updated_at")

    class State(models.TextChoices):
        ACTIVE = "active", "有效"
        SUSPENDED = "suspended", "已暂停"
        ENDED = "ended", "已到期"
        REVOKED = "revoked", "已收回"

    dataset = models.ForeignKey(Dataset, models.PROTECT, verbose_name="数据集", related_name="grants")
    consumer = models.ForeignKey(Consumer, models.PROTECT, verbose_name="使用方", related_name="grants")
    application = models.ForeignKey(
        Application, models.PROTECT, verbose_name="依据的申请", related_name="grants"
    )
    names = models.JSONField("字段", default=list)
    condition = models.JSONField("行范围", default=dict, blank=True)
    level = models.PositiveSmallIntegerField("最高级别", choices=LEVELS, default=1)
    ways = models.JSONField("交付方式", default=list)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至")
    per_minute = models.PositiveIntegerField("每分钟次数")
    rows_per_day = models.PositiveIntegerField("每日行数")
    state = models.CharField("状态", max_length=10, choices=State, default=State.ACTIVE, editable=False)
    reason = models.CharField("暂停或收回的原因", max_length=200, blank=True, editable=False)
    key_id = models.CharField("密钥编号", max_length=24, unique=True, null=True, blank=True, editable=False)
    signing_key = SealedField("签名密钥", max_length=100, null=True, blank=True, editable=False)
    salt = models.CharField("标记", max_length=32, editable=False)
    file_every = models.CharField("定期文件", max_length=8, choices=FileSchedule, blank=True, editable=False)
    file_kind = models.CharField(
        "文件格式", max_length=8, choices=FileKind, default=FileKind.CSV, editable=False
    )
    last_read_at = models.DateTimeField("最近读取", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "共享授权"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="grant_forward"),
            models.UniqueConstraint(
                fields=["dataset", "consumer"], condition=Q(state__in=["active", "suspended"]), name="grant_one_in_force",
                violation_error_message="这个使用方对这个数据集已有一份授权，请申请续期",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.consumer} · {self.dataset}"

    def runs_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.state == self.State.ACTIVE and self.valid_from <= day <= self.valid_to
