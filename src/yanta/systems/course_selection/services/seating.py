"""Seats of a place made more, fewer or others: one way for the registry's console and for the offerings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from yanta.systems.course_selection.models import Place, Pool
from yanta.systems.course_selection.services.deciding import fill

# Programme, grade and campus for whom seats are kept.
Key = tuple[int | None, int | None, int | None]
EVERYBODY: Key = (None, None, None)


@dataclass(frozen=True, slots=True)
class Seats:
    """A place with its pools as they are, held until the transaction ends."""

    place: Place
    pools: dict[Key, Pool]

    @property
    def capacity(self) -> int:
        return sum(one.capacity for one in self.pools.values())

    @property
    def taken(self) -> int:
        return sum(one.taken for one in self.pools.values())

    def taken_of(self, key: Key) -> int:
        return self.pools[key].taken if key in self.pools else 0


def key_of(pool: Pool) -> Key:
    return (pool.programme_id, pool.grade, pool.campus_id)


def held(place_id: int) -> Seats:
    """Locks in the order of the decisions: pools first, then the place."""
    pools = Pool.objects.filter(place=place_id).select_for_update(of=("self",), no_key=True).order_by("pk")
    list(pools)  # whoever came before may have added some meanwhile
    place = (
        Place.objects.select_for_update(of=("self",), no_key=True).select_related("course").get(pk=place_id)
    )
    return Seats(place, {key_of(one): one for one in pools.all()})


def store(seats: Seats, wanted: Mapping[Key, int], *, closing: int) -> bool:
    """So many seats for each from now on, of which `closing` go as students leave; what is free goes to those who wait."""
    present = {key: one.capacity for key, one in seats.pools.items()}
    if present == wanted and seats.place.closing == closing:
        return False
    for key, capacity in wanted.items():
        _store(seats.place, seats.pools.get(key), key, capacity)
    Place.objects.filter(pk=seats.place.pk).update(closing=closing)
    # After the commit: the locks of this transaction must not wait for those of a student.
    transaction.on_commit(lambda: _filled(seats.place.pk))
    return True


def _store(place: Place, present: Pool | None, key: Key, capacity: int) -> None:
    """Only the capacity: `taken` is the decisions'. Seats kept for nobody who has one or is to have one are gone."""
    if present is None:
        programme, grade, campus = key
        Pool.objects.create(
            place=place, programme_id=programme, grade=grade, campus_id=campus, capacity=capacity
        )
    elif capacity or key == EVERYBODY:
        Pool.objects.filter(pk=present.pk).update(capacity=capacity)
    else:
        present.delete()


def _filled(place_id: int) -> None:
    fill(place_id)
