"""Grants: role × organisation scope × reason × until."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from yanta.kernel.access import roles
from yanta.kernel.base.models import Record


class RoleGrant(Record):
    """One role of one account, in one unit or the whole school, for a reason that can be read out."""

    org_path = "org_unit"
    person_path = "account__person"

    class Source(models.TextChoices):
        ENROLMENT = "enrolment", "学籍"
        APPOINTMENT = "appointment", "任职"
        DELEGATION = "delegation", "委派"
        EMERGENCY = "emergency", "应急"

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="grants"
    )
    role = models.CharField("角色", max_length=16, choices=[(r.code, r.title) for r in roles.ROLES.values()])
    org_unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="管理范围", null=True, blank=True, related_name="+"
    )
    reason = models.CharField("依据", max_length=200)
    source = models.CharField("来源", max_length=12, choices=Source, default=Source.DELEGATION)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        verbose_name = "授权"
        triggers = [
            pgtrigger.Trigger(
                name="rights_changed",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                func="""
                    UPDATE identity_account SET rights_version = rights_version + 1
                    WHERE id = COALESCE(NEW.account_id, OLD.account_id);
                    RETURN NULL;
                """,
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="role_grant_has_reason"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="role_grant_forward"
            ),
            models.UniqueConstraint(
                fields=["account", "role", "org_unit", "reason"], name="role_grant_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}（{self.org_unit or '全校'}）"
