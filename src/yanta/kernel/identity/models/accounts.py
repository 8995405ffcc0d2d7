"""Accounts, the passwords they had, the names that are spent."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from yanta.kernel.base.models import Record, RecordQuerySet

# Every name an account ever had stays its own: a later bearer would inherit what was done and sent under it.
_SPEND = """
INSERT INTO identity_spentname AS known (name, account_id, created_at, updated_at)
SELECT lower(username), id, now(), now() FROM changed
ON CONFLICT (name) DO UPDATE SET updated_at = now() WHERE known.account_id = EXCLUDED.account_id;
GET DIAGNOSTICS kept = ROW_COUNT;
IF kept < (SELECT count(*) FROM changed) THEN
    RAISE EXCEPTION 'a login name is never given to a second account' USING ERRCODE = 'unique_violation';
END IF;
RETURN NULL;
"""


def _spends_name(name: str, operation: Any) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"spends_name_by_{name}", level=pgtrigger.Statement, when=pgtrigger.After, operation=operation,
        referencing=pgtrigger.Referencing(new="changed"), declare=[("kept", "INTEGER")], func=_SPEND,
    )  # fmt: skip


class AccountQuerySet(RecordQuerySet):
    """Accounts by the name they sign in with."""

    def get_by_natural_key(self, username: str) -> Account:
        account: Account = self.get(username=username)
        return account


class Account(AbstractBaseUser, Record):  # type: ignore[django-manager-missing]  # of the doors, which it does not know
    """What a person or a program signs in with. Never deleted, so that its id and name are never reused."""

    org_path = "person__home_unit"
    person_path = "person"
    # Signing in is told by the sign-in log; a copy of a password hash must exist nowhere.
    history_exclude = ("password", "updated_at", "rights_version")
    secret_fields = ("password",)

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
    # Set while no fact entitles the person any more; the account closes on this day and opens when facts return.
    ends_on = models.DateField("宽限至", null=True, blank=True, editable=False)
    ended_by_facts = models.BooleanField("因身份结束停用", default=False, editable=False)
    must_change_password = models.BooleanField("须修改密码", default=False)
    # Somebody who answers for accounts has asked for a second factor; gone once there is one.
    must_enrol_factor = models.BooleanField("须启用二次验证", default=False, db_default=False, editable=False)
    # Counted up by a trigger whenever a grant of the account changes, so that every process sees it at once.
    rights_version = models.PositiveIntegerField("权限版本", default=0, editable=False)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True, editable=False)
    # When a sign-in showed that the password stands in a public collection of leaked ones.
    password_leaked_at = models.DateTimeField("密码泄露发现时间", null=True, blank=True, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[Any] = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = "账号"
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            _spends_name("insert", pgtrigger.Insert),
            _spends_name("update", pgtrigger.Update),
        ]

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


class SpentName(Record):
    """A login name that was once an account's; the database keeps this table true and gives no name twice."""

    org_path_reason = "只供数据库防止登录名重复使用，不在任何页面列出"
    history = False  # rows are only ever added

    name = models.CharField("登录名", max_length=64, unique=True)
    account = models.ForeignKey(Account, models.PROTECT, verbose_name="账号", related_name="+")

    class Meta:
        verbose_name = "用过的登录名"
        triggers = [pgtrigger.Protect(name="name_stays_spent", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name
