"""Whose enrolment, employment or class changed: noted by the database itself, whoever writes."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.db import models

from yanta.kernel.base.models import RecordQuerySet


class FactChange(models.Model):
    """A person whose facts changed; taken away once rights and account have followed."""

    org_path: ClassVar[None] = None
    org_path_reason = "平台内部的待办队列，处理完即删除"
    person_path: ClassVar[None] = None

    # No foreign key: the note may outlive the person within one transaction.
    person_id = models.BigIntegerField("人员")

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "待跟进的身份变化"

    def __str__(self) -> str:
        return str(self.person_id)


def facts_changed(select: str) -> list[pgtrigger.Trigger]:
    """Triggers, once per statement, that note whom a change touches; `select` finds person ids in `{rows}`."""
    note = f"INSERT INTO masterdata_factchange (person_id) {select};"
    old, new = note.format(rows="before"), note.format(rows="after")
    made: dict[str, tuple[pgtrigger.Operation, dict[str, Any], str]] = {
        "insert": (pgtrigger.Insert, {"new": "after"}, new),
        "update": (pgtrigger.Update, {"old": "before", "new": "after"}, old + new),
        "delete": (pgtrigger.Delete, {"old": "before"}, old),
    }
    return [
        pgtrigger.Trigger(
            name=f"facts_changed_by_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=event,
            referencing=pgtrigger.Referencing(**rows),
            func=f"{body} RETURN NULL;",
        )
        for name, (event, rows, body) in made.items()
    ]
