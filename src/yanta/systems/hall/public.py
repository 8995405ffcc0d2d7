"""What other systems hand to the hall and read of it; ids only, and never who said what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from yanta.kernel.base import Actor
from yanta.systems.hall.queries import figures
from yanta.systems.hall.queries.figures import LEAST_RATINGS, Opinion
from yanta.systems.hall.services import bringing, following, rating
from yanta.systems.hall.services.bringing import Past

__all__ = ["LEAST_RATINGS", "Opinion", "Past", "bring", "opinions", "rate"]


def rate(noun: str, row_id: int, *, stars: int, text: str, actor: Actor) -> None:
    """好差评 with the applicant's last word on a row (`repairs.order`, 7): nobody asks a second time, a low one is answered."""
    matter = following.matter_of(noun, row_id)
    if matter is not None and matter.applicant_id == actor.person_id and not hasattr(matter, "rating"):
        rating.keep(matter, stars=stars, text=text, actor=actor)


def opinions(noun: str, groups: Mapping[str, Collection[int]]) -> dict[str, Opinion]:
    """What people say of rows, group by group; a group with fewer than `LEAST_RATINGS` is left out, so that none is read off."""
    return figures.opinions(noun, groups)


def bring(service: str, noun: str, rows: Iterable[Past]) -> int:
    """Enter matters that were over before the hall was there, with what was said of them; answers how many."""
    return bringing.bring(service, noun, rows)
