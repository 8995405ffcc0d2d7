"""What two nodes agreed on one dataset; each keeps its own copy, signed by both."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from yanta.hub.sharing.models.catalogue import LEVELS
from yanta.hub.sharing.models.granting import Application, Grant
from yanta.kernel.base.models import Record


class Agreement(Record):
    """One dataset, one purpose, two nodes: proposed by who uses it, judged and signed by whose it is, signed back."""

    org_path = "unit"
    history_exclude = ("heard_at", "read_at", "rows_read", "updated_at")

    class Side(models.TextChoices):
        GIVES = "gives", "本校提供"
        TAKES = "takes", "本校使用"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待来源部门审批"
        JUDGED = "judged", "待提供方签署"
        OFFERED = "offered", "待使用方签署"
        ACTIVE = "active", "生效"
        REFUSED = "refused", "未同意"
        ENDED = "ended", "已到期"
        REVOKED = "revoked", "已终止"

    class Owed(models.TextChoices):
        """What this side has yet to tell the other."""

        NOTHING = "", "没有"
        PROPOSAL = "proposal", "协议文本"
        SIGNATURE = "signature", "签名"
        END = "end", "终止"

    OPEN = (State.PROPOSED, State.JUDGED, State.OFFERED, State.ACTIVE)

    number = models.CharField("协议编号", max_length=60, unique=True)
    side = models.CharField("方向", max_length=5, choices=Side)
    state = models.CharField("状态", max_length=8, choices=State, default=State.PROPOSED)
    node = models.CharField("对方节点", max_length=20)
    partner = models.CharField("对方单位", max_length=100)
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="经办部门", related_name="+",
        help_text="提供方是数据集的归口部门，使用方是用数据的部门",
    )  # fmt: skip
    dataset = models.CharField("数据集", max_length=40)
    title = models.CharField("数据集名称", max_length=60)
    subject = models.CharField("数据主题", max_length=40)
    names = models.JSONField("字段", default=list)
    condition = models.JSONField("行范围", default=dict, blank=True)
    purpose = models.TextField("用途", max_length=1000)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至")
    per_minute = models.PositiveIntegerField("每分钟次数", default=60)
    rows_per_day = models.PositiveIntegerField("每日行数", default=100_000)
    level = models.PositiveSmallIntegerField("最高级别", choices=LEVELS, default=1)
    version = models.PositiveIntegerField("数据集版本", default=1)
    terms = models.TextField("协议文本", blank=True, help_text="两校的签名都是对这段文字的")
    own_signature = models.TextField("本校签名", blank=True)
    own_signer = models.CharField("本校签署人", max_length=60, blank=True)
    partner_signature = models.TextField("对方签名", blank=True)
    partner_signer = models.CharField("对方签署人", max_length=60, blank=True)
    signed_at = models.DateTimeField("生效时间", null=True, blank=True)
    reason = models.CharField("原因", max_length=300, blank=True)
    notice = models.CharField("提供方的预告", max_length=300, blank=True)
    owed = models.CharField("待告知对方", max_length=10, choices=Owed, blank=True, default=Owed.NOTHING)
    heard_at = models.DateTimeField("最近联系", null=True, blank=True)
    trouble = models.CharField("联系不上的原因", max_length=200, blank=True)
    read_at = models.DateTimeField("最近取数", null=True, blank=True)
    rows_read = models.BigIntegerField("最近取到的行", default=0)
    application = models.OneToOneField(
        Application, models.PROTECT, verbose_name="审批", null=True, blank=True, related_name="agreement"
    )
    grant = models.OneToOneField(
        Grant, models.PROTECT, verbose_name="授权", null=True, blank=True, related_name="agreement"
    )

    class Meta:
        verbose_name = "校际协议"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="agreement_forward"),
            models.CheckConstraint(
                condition=~Q(state="active") | ~(Q(own_signature="") | Q(partner_signature="")),
                name="agreement_in_force_is_signed_twice",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.partner} · {self.title}"

    @property
    def gives(self) -> bool:
        return self.side == self.Side.GIVES

    def runs_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.state == self.State.ACTIVE and self.valid_from <= day <= self.valid_to
