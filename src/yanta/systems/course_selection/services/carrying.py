"""What the offerings say of a section stands at its place too. Whom a change shuts out keeps the seat and is listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from yanta.kernel import notify
from yanta.kernel.access.models import RoleGrant
from yanta.masterdata.models import StaffMember, Student
from yanta.systems.course_selection.models import Place
from yanta.systems.course_selection.rules import seating as rules
from yanta.systems.course_selection.services import fitting, seating
from yanta.systems.course_selection.services.seating import EVERYBODY, Key, Seats
from yanta.systems.offerings import public as offerings

Terms = dict[str, Any]
LABELS = {"language": "授课语言", "campus_id": "校区", "teachers": "教师"}


def carry(section_ids: Iterable[int]) -> int:
    """Language, campus and teachers, whatever round is open; answers how many places changed."""
    said = offerings.terms_of(section_ids)
    taught = {teacher for one in said.values() for teacher in one.teachers}
    names = dict(StaffMember.objects.filter(pk__in=taught).values_list("pk", "person__name"))
    wanted = {
        section: {
            "language": one.language,
            "campus_id": one.campus_id,
            "teachers": joined(one.teachers, names),
        }
        for section, one in said.items()
    }
    places = Place.objects.filter(section_id__in=said).order_by("pk")
    differing = [one for one in places if _changed(one, wanted[one.section_id])]
    return sum(_carried(one.pk, wanted[one.section_id]) for one in differing)


def joined(teachers: Iterable[int], names: Mapping[int, str]) -> str:
    """As a place shows them."""
    return "、".join(names[key] for key in teachers)[:120]


def _changed(place: Place, wanted: Terms) -> Terms:
    return {name: value for name, value in wanted.items() if getattr(place, name) != value}


@transaction.atomic
def _carried(key: int, wanted: Terms) -> bool:
    place = _held(key)
    changed = _changed(place, wanted)
    if not changed:
        return False
    was = {name: _shown(place, name) for name in changed}
    for name, value in changed.items():
        setattr(place, name, value)
    place.save(update_fields=[*changed, "updated_at"])
    what = "；".join(f"{LABELS[name]}由{was[name]}改为{_shown(place, name)}" for name in changed)
    _tell(place, what)
    return True


def _shown(place: Place, name: str) -> str:
    return str(getattr(place, name.removesuffix("_id")) or "未定")


def carry_seats(section_id: int) -> bool:
    """Seats kept for some: as many seats as before in all, and nobody who has one loses it. Answers whether anything changed."""
    return _seated(section_id, resized=False)


def carry_capacity(section_id: int) -> bool:
    """As many seats in all as the section holds, but as many as are taken; what is over closes as students leave."""
    return _seated(section_id, resized=True)


@transaction.atomic
def _seated(section_id: int, *, resized: bool) -> bool:
    place = Place.objects.filter(section_id=section_id).values_list("pk", flat=True).first()
    if place is None:
        return False
    seats = seating.held(place)
    said = offerings.terms_of([section_id])[section_id]
    total = max(seats.taken, said.capacity) if resized else seats.capacity
    wanted: dict[Key, int] = {(one.programme_id, one.grade, one.campus_id): one.seats for one in said.seats}
    taken = {whose: seats.taken_of(whose) for whose in {*seats.pools, *wanted} - {EVERYBODY}}
    kept, short = rules.kept(wanted, taken, spare=total - seats.taken)
    closing = max(0, seats.taken - said.capacity) if resized else seats.place.closing
    if not seating.store(seats, kept | {EVERYBODY: total - sum(kept.values())}, closing=closing):
        return False
    if resized:
        _tell_capacity(seats, said.capacity)
    _tell_short(seats.place, short)
    return True


def _held(key: int) -> Place:
    found: Place = (
        Place.objects.select_for_update(of=("self",), no_key=True).select_related("campus").get(pk=key)
    )
    return found


def _tell(place: Place, what: str) -> None:
    """Everybody who has it or asks for it; who does not fit hears why, and the registry how many there are."""
    why = {one.student_id: one.words for one in fitting.unfit_of(place)}
    holders = fitting.holders_of(place)
    people = dict(Student.objects.filter(pk__in=holders).values_list("pk", "person_id"))
    said = {"place": str(place), "what": what}
    _send("course_selection.changed", [people[key] for key in holders if key not in why], said, "mine/")
    for key, words in why.items():
        _send("course_selection.unfit", [people[key]], said | {"why": words}, "mine/")
    if holders:
        _send("course_selection.carried", _registry(), said | {"count": str(len(why))}, f"roster/{place.pk}/")


def _tell_capacity(seats: Seats, capacity: int) -> None:
    """The registry, where somebody has a seat, waits or wishes: the new number, and by how many too many have one."""
    over = max(0, seats.taken - capacity)
    if not fitting.holders_of(seats.place):
        return
    said = {
        "place": str(seats.place),
        "capacity": str(capacity),
        "was": str(seats.capacity),
        "taken": str(seats.taken),
    }
    code = "course_selection.over" if over else "course_selection.resized"
    _send(code, _registry(), said | {"over": str(over)}, f"console/?q={quote(seats.place.number)}")


def _tell_short(place: Place, short: int) -> None:
    if short:
        _send("course_selection.short", _registry(), {"place": str(place), "count": str(short)}, "console/")


def _send(code: str, to: Iterable[int], context: dict[str, str], page: str) -> None:
    notify.send(code, to=to, link=f"/course-selection/{page}", context=context)


def _registry() -> list[int]:
    """Whoever works in the department that course selection belongs to."""
    office, today = Place.Standard.owner, timezone.localdate()
    held = RoleGrant.objects.filter(
        Q(org_unit__name=office) | Q(org_unit__short_name=office), role="clerk", valid_from__lte=today
    )
    held = held.filter(Q(valid_to=None) | Q(valid_to__gte=today)).exclude(account__person=None)
    return sorted(set(held.values_list("account__person_id", flat=True)))
