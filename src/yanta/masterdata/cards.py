"""Pages of the master data that no noun leads to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from yanta.kernel.base import Actor
from yanta.kernel.calendar import Entry, calendar
from yanta.kernel.notify.audiences import PERMISSION, audience
from yanta.kernel.portal.cards import Place, places
from yanta.masterdata import activating, rules
from yanta.masterdata.models import CalendarEvent, Student


@places
def activation() -> list[Place]:
    """How far the first activation is."""
    return [
        Place(
            "激活进度", "/activation/", "平台", icon="user-check", summary="新生账号激活到哪一步，按学院、班级、辅导员看谁还没有",
            permission=activating.VIEW, app="identity",
        )
    ]  # fmt: skip


@calendar("校历", key="school", icon="school", colour="violet", order=20)
def school_events(person_ids: Collection[int], start: date, end: date) -> Iterator[Entry]:
    """Holidays, moved days, examination weeks and events of the whole school."""
    rows = list(CalendarEvent.objects.filter(starts_on__lte=end, ends_on__gte=start))
    for person in person_ids:
        for one in rows:
            note = f"按 {one.follows_on:%m-%d} 的课表上课" if one.follows_on else one.get_kind_display()
            yield Entry(person, str(one.pk), one.name, one.starts_on, one.ends_on, note=note)


@audience(rules.CLASS, "班级")
def classes(actor: Actor) -> Iterable[tuple[int, str]]:
    """The classes whose students the actor reaches."""
    rows = Student.objects.visible_to(actor, PERMISSION).filter(admin_class__isnull=False, status="01")
    return rows.order_by("admin_class__name").values_list("admin_class_id", "admin_class__name").distinct()
