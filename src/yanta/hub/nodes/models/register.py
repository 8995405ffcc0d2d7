"""Who is there: upper, lower and peer nodes, their keys, and whom we refused."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.hub.nodes import levels
from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record, RecordQuerySet

REASON = "节点是学校或教育部门，不属于校内某个单位"


class Node(Record):
    """Another installation. A lower node of a lower node is known by the way its packages come: `via`."""

    org_path = None
    org_path_reason = REASON

    class Relation(models.TextChoices):
        UPPER = "upper", "上级"
        LOWER = "lower", "下级"
        PEER = "peer", "同级"

    class State(models.TextChoices):
        INVITED = "invited", "已发入网码"
        PENDING = "pending", "待审"
        ACTIVE = "active", "启用"
        SUSPENDED = "suspended", "停用"

    code = models.CharField("节点代码", max_length=20, unique=True, help_text="学校标识码或行政区划代码")
    name = models.CharField("名称", max_length=100)
    level = models.CharField("级别", max_length=10, choices=levels.CHOICES, default="school")
    relation = models.CharField("关系", max_length=6, choices=Relation, default=Relation.LOWER)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    via = models.ForeignKey(
        "self", models.PROTECT, verbose_name="经由", null=True, blank=True, related_name="below"
    )
    address = models.CharField("地址", max_length=200, blank=True, help_text="如 https://data.example.edu.cn")
    contact = models.CharField("联系人", max_length=60, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    enrol_code = SealedField("入网码", null=True, blank=True, editable=False)
    enrol_until = models.DateTimeField("入网码有效至", null=True, blank=True, editable=False)
    enrol_failures = models.PositiveSmallIntegerField("入网码错误次数", default=0, editable=False)
    announced_key = models.CharField("对方所知的本节点密钥", max_length=16, blank=True, editable=False)
    seen_at = models.DateTimeField("最近通信", null=True, blank=True, editable=False)
    pulled_at = models.DateTimeField("最近取回反馈", null=True, blank=True, editable=False)
    last_note = models.BigIntegerField("已取反馈号", default=0, editable=False)
    note = models.CharField("说明", max_length=200, blank=True)

    history_exclude = ("seen_at", "pulled_at", "last_note", "enrol_code", "enrol_failures")

    class Meta:
        verbose_name = "节点"
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=Q(via=None) | Q(relation="lower"), name="node_only_lower_ones_come_through_others"
            )
        ]

    def __str__(self) -> str:
        return self.name


class NodeKey(Record):
    """A pinned public key. A former one still proves what was signed while it was the present one."""

    org_path = None
    org_path_reason = REASON

    class How(models.TextChoices):
        ENROLMENT = "enrolment", "入网时交换"
        ROLLOVER = "rollover", "由旧密钥担保更换"
        INTRODUCED = "introduced", "由下级节点转介"
        VOUCHED = "vouched", "由上级节点引见"

    node = models.ForeignKey(Node, models.CASCADE, verbose_name="节点", related_name="keys")
    algorithm = models.CharField("算法", max_length=10)
    key_id = models.CharField("密钥号", max_length=16)
    pem = models.TextField("公钥")
    how = models.CharField("来历", max_length=10, choices=How, default=How.ENROLMENT)
    pinned_at = models.DateTimeField("确认时间")
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "节点公钥"
        ordering = ("node", "-pinned_at")
        constraints = [
            models.UniqueConstraint(fields=["node", "key_id"], name="node_key_once"),
            models.UniqueConstraint(
                fields=["node"], condition=Q(retired_at=None), name="node_one_present_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.key_id}"


class SpentNonce(models.Model):
    """A request that was answered once and will not be again."""

    org_path: ClassVar[None] = None
    org_path_reason = "防重放的登记，十分钟后清除"
    person_path: ClassVar[None] = None

    node = models.ForeignKey(Node, models.CASCADE, verbose_name="节点", related_name="+")
    nonce = models.CharField("随机数", max_length=40)
    at = models.DateTimeField("时间", db_index=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "已用随机数"
        constraints = [models.UniqueConstraint(fields=["node", "nonce"], name="nonce_once")]

    def __str__(self) -> str:
        return self.nonce


class Refusal(Record):
    """What was turned away at the door and why, in words."""

    org_path = None
    org_path_reason = REASON
    history = False

    at = models.DateTimeField("时间", db_index=True)
    claimed = models.CharField("自称节点", max_length=40, blank=True)
    kind = models.CharField("类别", max_length=20)
    words = models.CharField("原因", max_length=300)
    address = models.CharField("来自", max_length=64, blank=True)
    about = models.CharField("关于", max_length=120, blank=True)

    class Meta:
        verbose_name = "拒收记录"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.words
