"""Grants: role × organisation scope × reason × until."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from yanta.kernel.access import roles
from yanta.kernel.base.models import Record


def _rights_changed(name: str, event: pgtrigger.Operation, **rows: str) -> pgtrigger.Trigger:
    """Once per statement, so that loading a whole school's grants costs one update."""
    return pgtrigger.Trigger(
        name=f"rights_changed_by_{name}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=event,
        referencing=pgtrigger.Referencing(**rows),
        func="""
            UPDATE identity_account SET rights_version = rights_version + 1
            WHERE id IN (SELECT account_id FROM changed);
            RETURN NULL;
        """,
    )


class RoleGrant(Record):
    """One role of one account, in one unit or the whole school, for a reason that can be read out."""

    org_path = "org_unit"
    person_path = "account__person"
    title_needs = ("org_unit",)

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
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="管理范围",
        null=True,
        blank=True,
        related_name="+",
    )
    reason = models.CharField("依据", max_length=200)
    source = models.CharField("来源", max_length=12, choices=Source, default=Source.DELEGATION)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        verbose_name = "授权"
        triggers = [
            _rights_changed("insert", pgtrigger.Insert, new="changed"),
            _rights_changed("update", pgtrigger.Update, new="changed"),
            _rights_changed("delete", pgtrigger.Delete, old="changed"),
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
