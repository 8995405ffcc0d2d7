"""Accounts and what proves them: passwords, sessions, tokens, one-time codes, the sign-in log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record, RecordQuerySet

AGENT_LENGTH = 300


class AccountQuerySet(RecordQuerySet):
    """Accounts by the name they sign in with."""

    def get_by_natural_key(self, username: str) -> Account:
        account: Account = self.get(username=username)
        return account


class Account(AbstractBaseUser, Record):
    """What a person or a program signs in with. Never deleted, so that its id and name are never reused."""

    org_path = "person__home_unit"
    person_path = "person"
    # Signing in is told by the sign-in log; a copy of a password hash must exist nowhere.
    history_exclude = ("password", "updated_at", "rights_version")

    class State(models.TextChoices):
        PENDING = "pending", "待激活"
        ACTIVE = "active", "正常"
        LOCKED = "locked", "锁定"
        CLOSED = "closed", "停用"

    # When somebody last signed in is told by the sign-in log, and only there.
    last_login = None

    username = models.CharField("登录名", max_length=64, unique=True)
    person = models.OneToOneField(
        "people.Person", models.PROTECT, verbose_name="人员", null=True, blank=True, related_name="account"
    )
    name = models.CharField("显示名", max_length=60)
    state = models.CharField("状态", max_length=8, choices=State, default=State.PENDING)
    state_reason = models.CharField("状态原因", max_length=200, blank=True, editable=False)
    must_change_password = models.BooleanField("须修改密码", default=False)
    # Counted up by a trigger whenever a grant of the account changes, so that every process sees it at once.
    rights_version = models.PositiveIntegerField("权限版本", default=0, editable=False)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[Any] = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = "账号"
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.name}（{self.username}）"

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django asks by this name
        return self.state == self.State.ACTIVE

    @property
    def is_service(self) -> bool:
        """Whether it belongs to a program, not to a person."""
        return self.person_id is None


class FormerPassword(Record):
    """The hash of a password once used, so that it is not used again."""

    org_path_reason = "只供口令策略比对，任何人都看不到"
    history = False  # it is history itself

    account = models.ForeignKey(Account, models.CASCADE, related_name="former_passwords")
    encoded = models.CharField(max_length=128)

    class Meta:
        verbose_name = "曾用密码"


class Session(Record):
    """One browser that is signed in, or about to be. Kept here is the cookie's digest, never the cookie."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    history = False  # who signed in and out is in the sign-in log

    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    account = models.ForeignKey(
        Account, models.CASCADE, verbose_name="账号", null=True, related_name="sessions"
    )
    data = models.JSONField(default=dict, editable=False)
    address = models.GenericIPAddressField("地址", null=True)
    agent = models.CharField("设备", max_length=AGENT_LENGTH, blank=True)
    seen_at = models.DateTimeField("最近活动")
    expires_at = models.DateTimeField("到期时间", db_index=True)
    ends_at = models.DateTimeField("最迟到期时间")

    class Meta:
        verbose_name = "会话"
        constraints = [models.CheckConstraint(condition=Q(expires_at__lte=F("ends_at")), name="session_ends")]

    def __str__(self) -> str:
        return f"{self.address} {self.agent}"


class SignIn(Record):
    """One attempt to sign in and how it ended; kept for more than six months, never changed."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    history = False  # rows are only ever added

    class Outcome(models.TextChoices):
        SUCCESS = "success", "成功"
        FACTOR_ASKED = "factor_asked", "等待二次验证"
        WRONG_PASSWORD = "wrong_password", "密码错误"
        WRONG_FACTOR = "wrong_factor", "二次验证失败"
        UNKNOWN = "unknown", "账号不存在"
        LOCKED_OUT = "locked_out", "尝试过多"
        REFUSED = "refused", "账号不可用"
        SIGNED_OUT = "signed_out", "退出"

    account = models.ForeignKey(
        Account, models.PROTECT, verbose_name="账号", null=True, related_name="sign_ins"
    )
    login = models.CharField("所填登录名", max_length=64, blank=True)
    method = models.CharField("方式", max_length=16)
    outcome = models.CharField("结果", max_length=16, choices=Outcome)
    address = models.GenericIPAddressField("地址", null=True)
    agent = models.CharField("设备", max_length=AGENT_LENGTH, blank=True)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = "登录记录"
        ordering = ("-at",)
        indexes = [models.Index(fields=["account", "-at"], name="sign_in_by_account")]

    def __str__(self) -> str:
        return f"{self.login} {self.get_outcome_display()}"


class Lockout(Record):
    """How often one name or one address failed of late, and until when it has to wait."""

    org_path_reason = "按登录名或地址计数，不属于任何单位"
    history = False  # a counter; each failure is in the sign-in log

    key = models.CharField("对象", max_length=100, unique=True)
    failures = models.PositiveIntegerField("失败次数", default=0)
    counted_from = models.DateTimeField("计数起点")
    until = models.DateTimeField("停止登录至", null=True)

    class Meta:
        verbose_name = "登录限制"

    def __str__(self) -> str:
        return self.key


class ApiToken(Record):
    """A key for a program that acts as an account; only its digest is kept."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    history_exclude = ("digest", "last_used_at", "last_address", "updated_at")

    class Scope(models.TextChoices):
        READ = "read", "只读"
        WRITE = "write", "读写"

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
    """A link that sets a password once, handed over by whoever may reset it; only its digest is kept."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    history_exclude = ("digest", "updated_at")

    account = models.ForeignKey(Account, models.CASCADE, verbose_name="账号", related_name="one_time_codes")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField("到期时间")
    used_at = models.DateTimeField("使用时间", null=True, editable=False)

    class Meta:
        verbose_name = "一次性重置码"

    def __str__(self) -> str:
        return f"{self.account}"
