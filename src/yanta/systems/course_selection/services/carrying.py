"""What the offerings say of a section stands at its place too. Whom a change shuts out keeps the seat and is listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from yanta.kernel import notify
from yanta.kernel.access.models import RoleGrant
from yanta.masterdata.models import StaffMember, Student
from yanta.systems.course_selection.models import Place, Pool
from yanta.systems.course_selection.rules import seating
from yanta.systems.course_selection.services import deciding, fitting
from yanta.systems.offerings import public as offerings

Terms = dict[str, Any]
Key = tuple[int | None, int | None, int | None]
LABELS = {"language": "授课语言", "campus_id": "校区", "teachers": "教师"}
EVERYBODY: Key = (None, None, None)


def carry(section_ids: Iterable[int]) -> int:
    """Language, campus and teachers, whatever round is open; answers how many places changed."""
    said = offerings.terms_of(section_ids)
    names = dict(StaffMember.objects.values_list("pk", "person__name"))
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


@transaction.atomic
def carry_seats(section_id: int) -> bool:
    """Seats kept for some: as many seats as before in all, and nobody who has one loses it. Answers whether anything changed."""
    key = Place.objects.filter(section_id=section_id).values_list("pk", flat=True).first()
    if key is None:
        return False
    place = _held(key)
    rows = place.pools.select_for_update(of=("self",), no_key=True).order_by("pk")
    pools: dict[Key, Pool] = {(one.programme_id, one.grade, one.campus_id): one for one in rows}
    everybody = pools.pop(EVERYBODY)
    total = everybody.capacity + sum(one.capacity for one in pools.values())
    wanted: dict[Key, int] = {
        (one.programme_id, one.grade, one.campus_id): one.seats
        for one in offerings.terms_of([section_id])[section_id].seats
    }
    taken = {seats: pools[seats].taken if seats in pools else 0 for seats in {*pools, *wanted}}
    kept, short = seating.kept(wanted, taken, spare=total - everybody.taken - sum(taken.values()))
    if kept == {seats: one.capacity for seats, one in pools.items()}:
        return False
    for seats, capacity in kept.items():
        _store(place, pools.get(seats), seats, capacity)
    Pool.objects.filter(pk=everybody.pk).update(capacity=total - sum(kept.values()))
    _tell_seats(place, short)
    # Seats that are kept no longer go to those who wait.
    transaction.on_commit(lambda: _filled(place.pk))
    return True


def _store(place: Place, present: Pool | None, seats: Key, capacity: int) -> None:
    """Only the capacity: `taken` goes on changing. Seats that nobody has or is to have are gone."""
    if present is None:
        programme, grade, campus = seats
        Pool.objects.create(
            place=place, programme_id=programme, grade=grade, campus_id=campus, capacity=capacity
        )
    elif capacity:
        Pool.objects.filter(pk=present.pk).update(capacity=capacity)
    else:
        present.delete()


def _filled(place_id: int) -> None:
    deciding.fill(place_id)


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


def _tell_seats(place: Place, short: int) -> None:
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
