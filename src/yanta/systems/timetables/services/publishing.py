"""A version becomes the term's timetable, and everybody it concerns hears of it."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone

from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish as tell
from yanta.kernel.operation import Label, operation
from yanta.systems.timetables import events
from yanta.systems.timetables.models import Placement, Version
from yanta.systems.timetables.queries import concerned, differences, slots
from yanta.systems.timetables.rules import checking

Status = Version.Status


def may_publish(version: Version) -> bool:
    return version.is_open and bool(version.receipt or version.published_at)


@operation("发布课表", icon="send", bulk=False, roles=("owner",), when=lambda version: version.is_open,
           confirm="发布后师生立即看到，并收到通知；以前发布的版本作废。")  # fmt: skip
def publish(
    version: Version, *, actor: Actor,
    reason: Annotated[str, Label("有课没排上也发布的原因", "全部排上时不用填")] = "",
) -> None:  # fmt: skip
    """Refused while anything collides; what is not placed yet needs a reason."""
    if not version.is_open:
        raise Refused(f"这个版本{version.get_status_display()}")
    found = slots.slots_of(version)
    placed = [slot for slot in found if slot.weekday is not None]
    if not placed:
        raise Refused("还没有排课")
    wrong = checking.Meetings(placed, slots.school(version.term_id)).collisions()
    if wrong:
        raise Refused(f"还有 {len(wrong)} 处硬冲突，先在冲突里处理：{wrong[0][1].text}")
    missing = len(found) - len(placed)
    if missing and not reason.strip():
        raise Refused(f"还有 {missing} 次课没排上；要现在发布，请写明原因", field="reason")
    before = Version.objects.filter(term=version.term_id, status=Status.PUBLISHED).first()
    moved = None if before is None else differences.sections_moved(before, version)
    Version.objects.filter(term=version.term_id, status=Status.PUBLISHED).update(status=Status.VOID)
    version.status, version.published_by = Status.PUBLISHED, actor.signature
    version.published_at = timezone.now()
    version.save(update_fields=["status", "published_by", "published_at", "updated_at"])
    tell(
        events.TimetablePublished(
            version_id=version.pk, term_id=version.term_id, moved=None if moved is None else sorted(moved)
        )
    )


def tell_published(version_id: int, moved: list[int] | None) -> int:
    """One message to everybody the timetable concerns; after the first time only to those whose courses moved."""
    version = Version.objects.select_related("term").get(pk=version_id)
    rows = Placement.objects.filter(version=version, weekday__isnull=False)
    if moved is not None:
        rows = rows.filter(section_id__in=moved)
    return notify.send(
        "timetables.published" if moved is None else "timetables.moved", to=concerned.people_of(rows),
        link="/timetables/mine/", once=f"published:{version_id}", context={"term": version.term.name},
    )  # fmt: skip


@operation("另存为新版本", icon="copy", bulk=False, roles=("owner",))
def copy(version: Version, *, actor: Actor, name: str) -> Version:
    """To try something else, or to change a published timetable."""
    if Version.objects.filter(term=version.term_id, name=name.strip()).exists():
        raise Refused("这个学期已有同名的版本", field="name")
    status = Status.DRAFT if version.placements.filter(weekday=None).exists() else Status.READY
    made = Version.objects.create(
        term_id=version.term_id, name=name.strip(), status=status, receipt=version.receipt, based_on=version
    )
    rows = list(version.placements.all())
    for row in rows:
        row.pk, row.version, row.why = None, made, ""
    Placement.objects.bulk_create(rows, batch_size=1000)
    return made


@operation(
    "作废", icon="ban", danger=True, bulk=False, roles=("owner",), when=lambda version: version.is_open
)
def retire(version: Version, *, actor: Actor, reason: str) -> None:
    """Kept to be compared with, never published again."""
    if not version.is_open:
        raise Refused(f"这个版本{version.get_status_display()}")
    version.status = Status.VOID
    version.save(update_fields=["status", "updated_at"])
