"""Grants: role × organisation scope × reason × until, who gave them and on what they rest."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from yanta.kernel.access import roles
from yanta.kernel.base import circles
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


# What rests on a right ends no later than the right itself, whatever ended it; the triggers then reach further down.
_END_WITH_GIVER = """
IF EXISTS (
    SELECT 1 FROM access_rolegrant g JOIN changed c ON g.rests_on_id = c.id
    WHERE c.valid_to IS NOT NULL AND (g.valid_to IS NULL OR g.valid_to > c.valid_to)
) THEN
    UPDATE access_rolegrant g
    SET valid_to = c.valid_to, valid_from = least(g.valid_from, c.valid_to)
    FROM changed c
    WHERE g.rests_on_id = c.id AND c.valid_to IS NOT NULL AND (g.valid_to IS NULL OR g.valid_to > c.valid_to);
END IF;
RETURN NULL;
"""


class RoleGrant(Record):
    """One role of one account, in one unit, circle or the whole school, for a reason that can be read out.

    `gives` are the roles that an administrator of a part may hand on there. A right handed on names its giver,
    rests on the giver's own right, and ends with it: the database sees to it.
    """

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
    circle = models.CharField("管理人群", max_length=40, blank=True, db_default="", editable=False)
    gives = models.JSONField("可授予的角色", default=list, blank=True, db_default=[], editable=False)
    reason = models.CharField("依据", max_length=200)
    source = models.CharField("来源", max_length=12, choices=Source, default=Source.DELEGATION)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="授予人",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="批准人",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    rests_on = models.ForeignKey(
        "self",
        models.CASCADE,
        verbose_name="依托的授权",
        null=True,
        blank=True,
        editable=False,
        related_name="handed_on",
    )

    class Meta:
        verbose_name = "授权"
        triggers = [
            pgtrigger.Trigger(
                name="ends_with_giver",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=pgtrigger.Referencing(new="changed"),
                func=_END_WITH_GIVER,
            ),
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
                fields=["account", "role", "org_unit", "circle", "reason"], name="role_grant_once", nulls_distinct=False
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_role_display()}（{self.part}）"

    @property
    def part(self) -> str:
        """Where the right holds, in words."""
        return circles.title_of(self.circle) if self.circle else str(self.org_unit or "全校")
