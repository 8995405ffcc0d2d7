"""When places meet: as the published timetable says, which is where times come from once there is one."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from yanta.masterdata import weeks
from yanta.systems.course_selection.models import Place, SectionTime
from yanta.systems.timetables import public as timetables


@transaction.atomic
def follow_timetable(term_id: int, section_ids: Iterable[int] | None = None) -> int:
    """Take over what is published for these sections, all of the term without any; answers for how many places.

    Meetings in groups are left out: which group a student comes to is not known while choosing.
    """
    rows = Place.objects.filter(term=term_id)
    if section_ids is not None:
        rows = rows.filter(section_id__in=set(section_ids))
    places = dict(rows.values_list("section_id", "pk"))
    published = timetables.times_of(term_id, places)
    SectionTime.objects.filter(place__section_id__in=published).delete()
    SectionTime.objects.bulk_create(
        SectionTime(
            place_id=places[section], weekday=one.weekday, first_period=one.first_period,
            last_period=one.first_period + one.periods - 1, weeks=weeks.text_of(one.weeks), week_bits=one.weeks, room=one.room,
        )
        for section, times in published.items()
        for one in times
        if one.groups == 1
    )  # fmt: skip
    return len(published)
