"""The catalogue: found by area, by role, by what people call it, by how it sounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, Sum
from django.utils.translation import gettext, ngettext

from yanta.kernel.base import Actor, elements
from yanta.kernel.base.elements import Known
from yanta.kernel.search.tokens import sound_of, tokens_of
from yanta.kernel.workflow.offering import Material, Service
from yanta.systems.hall.models import Favourite, Matter, Rating
from yanta.systems.hall.queries import designed

SINCE = timedelta(days=365)
FEW = 6


@dataclass(frozen=True, slots=True)
class Record:
    """How a service did in the last year."""

    handed_in: int = 0
    saved: int = 0
    asked: int = 0
    hours: float | None = None
    stars: float | None = None
    ratings: int = 0

    @property
    def share(self) -> int:
        """少填指数: of a hundred fields, how many nobody had to fill in."""
        return round(100 * self.saved / (self.saved + self.asked)) if self.saved + self.asked else 0

    @property
    def time(self) -> str:
        """The time it really takes, as a person says it."""
        if self.hours is None:
            return ""
        if self.hours < 1:
            return gettext("不到 1 小时")
        if self.hours < 48:
            return ngettext("%(n)s 小时", "%(n)s 小时", round(self.hours)) % {"n": f"{self.hours:.0f}"}
        return ngettext("%(n)s 天", "%(n)s 天", 2) % {"n": f"{self.hours / 24:.1f}"}


NOTHING = Record()


def records(keys: Iterable[str] | None = None, *, on: date) -> dict[str, Record]:
    """By service, what is known of the last year; three sums over the index of services."""
    matters = Matter.objects.filter(handed_in_at__date__gt=on - SINCE)
    ratings = Rating.objects.filter(rated_on__gt=on - SINCE)
    if keys is not None:
        wanted = list(keys)
        matters, ratings = matters.filter(service__in=wanted), ratings.filter(service__in=wanted)
    took = ExpressionWrapper(F("ended_at") - F("handed_in_at"), output_field=DurationField())
    rated = {
        one["service"]: one
        for one in ratings.order_by().values("service").annotate(n=Count("pk"), mean=Avg("stars"))
    }
    found = {}
    lines = matters.order_by().values("service").annotate(
        n=Count("pk"), kept=Sum("saved"), put=Sum("asked"),
        took=Avg(took, filter=Q(state__in=(Matter.State.DONE, Matter.State.REFUSED))),
    )  # fmt: skip
    for line in lines:
        hours = line["took"].total_seconds() / 3600 if line["took"] is not None else None
        stars = rated.get(line["service"], {})
        found[line["service"]] = Record(
            line["n"], line["kept"], line["put"], hours, stars.get("mean"), stars.get("n", 0)
        )
    return found


def known_of(person_id: int | None, names: Iterable[str], *, on: date) -> Mapping[str, Known]:
    """What the university knows of this person, of these elements; names nobody answers for are left out."""
    declared = elements.declared()
    wanted = [name for name in dict.fromkeys(names) if name in declared]
    if person_id is None or not wanted:
        return {}
    return elements.known([person_id], wanted, on=on)[person_id]


def elements_asked(service: Service) -> tuple[str, ...]:
    """The elements that a service's form is bound to."""
    version = designed.version_in_force(service.key) if service.apply is None else None
    if version is not None:
        return designed.form_of(version).elements
    return tuple(one.element for one in service.questions if one.element)


def materials_for(
    service: Service, person_id: int | None, *, on: date
) -> list[tuple[Material, Known | None]]:
    """Each material, and what makes it needless."""
    known = known_of(person_id, (one.element for one in service.materials if one.element), on=on)
    return [(one, known.get(one.element)) for one in service.materials]


def found_by(services: Iterable[Service], text: str) -> list[Service]:
    """Services that these words may mean, the likeliest first."""
    weighed = [(_weight(one, text.strip()), one) for one in services]
    return [one for weight, one in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0]


def _weight(service: Service, text: str) -> float:
    """Title before synonyms before sound before the guide; a sentence is met by the share of its pairs."""
    if not text:
        return 1
    names = (service.title, *service.words)
    if text in service.title or service.title in text:
        return 100
    if any(text in word or word in text for word in service.words):
        return 80
    plain = text.lower().replace(" ", "")
    if plain.isascii() and any(plain in sound for name in names for sound in sound_of(name)):
        return 60
    pairs = {one for one in tokens_of(text) if len(one) > 1}
    if not pairs:
        return 10 if text in service.guide else 0
    near = len(pairs & tokens_of(" ".join(names))) / len(pairs)
    far = len(pairs & tokens_of(f"{service.guide} {service.owner} {service.area}")) / len(pairs)
    return 40 * near + 15 * far if near > 0 or far >= 0.5 else 0


def recommended(services: list[Service], actor: Actor, *, on: date) -> list[Service]:
    """What is for this role and closes soon, then what others of the role ask for most."""
    mine = [one for one in services if one.is_for(actor) and one.closed(on) is None]
    asked = Matter.objects.filter(
        handed_in_at__date__gt=on - timedelta(days=90), service__in=[one.key for one in mine]
    )
    counts = dict(asked.order_by().values_list("service").annotate(n=Count("pk")))
    soon = {one.key for one in mine if one.closes_on and one.closes_on <= on + timedelta(days=14)}
    return sorted(mine, key=lambda one: (one.key not in soon, -counts.get(one.key, 0), one.order))[:FEW]


def favourites_of(person_id: int | None) -> set[str]:
    return set(Favourite.objects.filter(person_id=person_id).values_list("service", flat=True))


def recent_of(person_id: int | None) -> list[str]:
    """Keys of what this person asked for lately, each once."""
    keys = Matter.objects.filter(applicant_id=person_id).values_list("service", flat=True)[:30]
    return list(dict.fromkeys(keys))[:FEW]
