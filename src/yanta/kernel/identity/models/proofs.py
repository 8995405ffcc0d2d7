"""What proves somebody besides a password: tokens of programs, links, codes by text message."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record
from yanta.kernel.identity.models.accounts import Account


class ApiToken(Record):
    """A key for a program that acts as an account; only its digest is kept."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    history_exclude = ("digest", "last_used_at", "last_address", "updated_at")
    secret_fields = ("digest",)

    class Scope(models.TextChoices):
        READ = "read", "只读"
        WRITE = "write", "读写"
        GATE = "gate", "身份码核验"

    account = models.ForeignKey(Account, models.CASCADE, verbose_name="账号", related_name="tokens")
    name = models.CharField("用途", max_length=60)
    prefix = models.CharField("开头", max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField("权限", max_length=5, choices=Scope, default=Scope.READ)
    expires_at = models.DateTimeField("到期时间")
    revoked_at = models.DateTimeField("吊销时间", null=True, editable=False)
    last_used_at = models.DateTimeField("最近使用", null=True, editable=False)
    last_address = models.GenericIPAddressField("最近地址", null=True, editable=False)

    class Meta:
        verbose_name = "接口令牌"

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}…）"

    def is_valid(self, *, at: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > at


class OneTimeCode(Record):
    """What sets a password once: a link of whoever may reset it, or the code by which an account is first activated.

    Only a digest is kept of a link. A code for first activation stays readable, sealed, until it is used or over,
    because lists of a class are printed from it.
    """

    org_path = "account__person__home_unit"
    person_path = "account__person"
    title_needs = ("account",)
    history_exclude = ("digest", "code", "updated_at")
    secret_fields = ("digest", "code")

    class Purpose(models.TextChoices):
        RESET = "reset", "重置链接"
        ACTIVATION = "activation", "激活码"

    account = models.ForeignKey(Account, models.CASCADE, verbose_name="账号", related_name="one_time_codes")
    purpose = models.CharField(
        "用途", max_length=10, choices=Purpose, default=Purpose.RESET, db_default="reset"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    code = SealedField("激活码", null=True, editable=False)
    issued_by = models.CharField("发放人", max_length=100, blank=True, db_default="", editable=False)
    expires_at = models.DateTimeField("到期时间")
    used_at = models.DateTimeField("使用时间", null=True, editable=False)
    # Another code took its place, or somebody took it back.
    voided_at = models.DateTimeField("作废时间", null=True, editable=False)

    class Meta:
        verbose_name = "一次性重置码"
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(purpose="activation", used_at=None, voided_at=None),
                name="one_activation_code_alive",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}"


class ProofCode(Record):
    """Six digits sent to the telephone that the school knows; only their digest is kept."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    history = False  # sent, tried and used are in the row and in the sign-in log
    secret_fields = ("digest",)

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", "登录"
        FACTOR = "factor", "二次验证"
        RECOVERY = "recovery", "找回密码"

    account = models.ForeignKey(Account, models.CASCADE, verbose_name="账号", related_name="proof_codes")
    purpose = models.CharField("用途", max_length=10, choices=Purpose)
    digest = models.CharField(max_length=64, editable=False)
    sent_at = models.DateTimeField("发送时间")
    tries = models.PositiveSmallIntegerField("已试次数", default=0)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "短信验证码"
        indexes = [models.Index(fields=["account", "-sent_at"], name="proof_code_by_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.get_purpose_display()}"
