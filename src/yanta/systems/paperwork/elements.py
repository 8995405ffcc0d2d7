"""Decided forms belong into personal files."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from yanta.kernel.base.archives import Piece, Range, archived
from yanta.systems.paperwork.models import Form, Issued

STUDENT = Range("decided_forms", "审批表", "conduct", "办理部门", years=10)
STAFF = Range("staff_decided_forms", "审批表", "affairs", "办理部门", "staff", years=10)


@archived(STUDENT, STAFF)
def records_of(person_ids: Collection[int]) -> Iterator[Piece]:
    """The form of every application that was granted, as paper where it could be printed."""
    rows = Issued.objects.filter(person__in=person_ids, instance__isnull=False)
    for one in rows.select_related("edition__form", "instance").order_by("pk"):
        kept = STUDENT if one.edition.form.audience == Form.Audience.STUDENT else STAFF
        facts = (("办件", str(one.instance)), ("表格版本", one.edition.name), ("文件摘要", one.digest[:16]))
        origin = f"paperwork.issued:{one.pk}"
        yield Piece(
            kept.key,
            one.person_id,
            one.edition.form.title,
            one.made_on,
            origin,
            facts,
            one.printed_id or one.file_id,
        )
