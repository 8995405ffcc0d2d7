"""How services do: by month, by step, against the promise; ranked by what people say of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.workflow.models import Step, WorkItem
from yanta.kernel.workflow.verbs import Verb
from yanta.systems.hall.models import Matter, Rating

YEAR = timedelta(days=365)
LEAST_RATINGS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One service in the last year."""

    key: str
    title: str
    department: str
    count: int
    open: int
    hours: float | None
    overdue: int
    returned: int
    saved: int
    asked: int
    stars: float | None = None
    ratings: int = 0

    @property
    def share(self) -> int:
        return round(100 * self.saved / (self.saved + self.asked)) if self.saved + self.asked else 0

    @property
    def overdue_share(self) -> int:
        return round(100 * self.overdue / self.count) if self.count else 0

    @property
    def returned_share(self) -> int:
        return round(100 * self.returned / self.count) if self.count else 0


def _of(actor: Actor, on: date) -> Any:
    return Matter.objects.visible_to(actor, "hall.matter.export").filter(handed_in_at__date__gt=on - YEAR)


def lines(actor: Actor, *, on: date) -> list[Line]:
    """Every service whose matters the actor answers for, the busiest first."""
    took = ExpressionWrapper(F("ended_at") - F("handed_in_at"), output_field=DurationField())
    late = Q(due_on__lt=on, ended_at=None) | Q(ended_at__date__gt=F("due_on"))
    decided = Q(state__in=(Matter.State.DONE, Matter.State.REFUSED))
    rows = _of(actor, on).order_by().values("service", "title", "department__name").annotate(
        n=Count("pk"), waiting=Count("pk", filter=Q(ended_at=None)), took=Avg(took, filter=decided), late=Count("pk", filter=late),
        kept=Sum("saved"), put=Sum("asked"),
    )  # fmt: skip
    stars, returned = _stars(actor, on), _returned(actor, on)
    found = [
        Line(
            row["service"], row["title"], row["department__name"], row["n"], row["waiting"],
            row["took"].total_seconds() / 3600 if row["took"] else None, row["late"], returned.get(row["service"], 0), row["kept"],
            row["put"], *stars.get(row["service"], (None, 0)),
        ) for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one.count)


def _stars(actor: Actor, on: date) -> dict[str, tuple[float, int]]:
    rows = (
        Rating.objects.visible_to(actor, "hall.rating.view")
        .filter(rated_on__gt=on - YEAR)
        .order_by()
        .values("service")
    )
    return {
        row["service"]: (row["mean"], row["n"]) for row in rows.annotate(mean=Avg("stars"), n=Count("pk"))
    }


def answered_before(actor: Actor, rating: Rating) -> list[Rating]:
    """The latest answers to other ratings of the same service, so that likes are answered alike."""
    rows = Rating.objects.visible_to(actor, "hall.rating.view").filter(service=rating.service)
    return list(rows.exclude(answered_on=None).exclude(pk=rating.pk).order_by("-answered_on", "-pk")[:3])


def _returned(actor: Actor, on: date) -> dict[str, int]:
    """Matters that were sent back at least once."""
    back = Step.objects.filter(verb=Verb.RETURN).values("instance_id")
    rows = _of(actor, on).filter(instance_id__in=back).order_by().values("service").annotate(n=Count("pk"))
    return {row["service"]: row["n"] for row in rows}


def by_month(actor: Actor, key: str, *, on: date) -> list[tuple[date, int, int, int]]:
    """Month, handed in, ended, fields saved; the last twelve months in order."""
    rows = _of(actor, on).filter(service=key).order_by().annotate(month=TruncMonth("handed_in_at")).values("month").annotate(
        n=Count("pk"), over=Count("pk", filter=~Q(ended_at=None)), kept=Sum("saved")
    )  # fmt: skip
    found = {
        timezone.localtime(row["month"]).date().replace(day=1): (row["n"], row["over"], row["kept"])
        for row in rows
    }
    return [(month, *found.get(month, (0, 0, 0))) for month in _months(on)]


def _months(on: date) -> Iterable[date]:
    first = on.replace(day=1)
    for back in range(11, -1, -1):
        count = first.year * 12 + first.month - 1 - back
        yield date(count // 12, count % 12 + 1, 1)


def matters_of(actor: Actor, key: str, *, on: date) -> Any:
    return _of(actor, on).filter(service=key)


@dataclass(frozen=True, slots=True)
class Rank:
    """A department in the ranking of what people say."""

    department: str
    ratings: int
    mean: float
    good: int
    owed: int
    late: int


def ranking(*, on: date) -> list[Rank]:
    """Departments with enough ratings, the best first. It is public within the school: nobody's name is in it."""
    rows = Rating.objects.filter(rated_on__gt=on - YEAR).order_by().values("matter__department__name").annotate(
        n=Count("pk"), mean=Avg("stars"), good=Count("pk", filter=Q(stars__gte=4)),
        owed=Count("pk", filter=~Q(answer_due_on=None)),
        late=Count("pk", filter=Q(answered_on__gt=F("answer_due_on")) | Q(answered_on=None, answer_due_on__lt=on)),
    )  # fmt: skip
    found = [
        Rank(row["matter__department__name"], row["n"], row["mean"], round(100 * row["good"] / row["n"]), row["owed"], row["late"])
        for row in rows if row["n"] >= LEAST_RATINGS
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one.mean)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a group of people say, taken together."""

    mean: float
    count: int


def opinions(noun: str, groups: Mapping[str, Collection[int]]) -> dict[str, Opinion]:
    """Ratings of rows of another system, group by group; too few would tell what one person said."""
    wanted = {row_id for ids in groups.values() for row_id in ids}
    rows = Rating.objects.filter(matter__subject_type=noun, matter__subject_id__in=wanted).order_by()
    stars = dict(rows.values_list("matter__subject_id", "stars"))
    said = {name: [stars[one] for one in set(ids) if one in stars] for name, ids in groups.items()}
    return {
        name: Opinion(sum(all_of) / len(all_of), len(all_of))
        for name, all_of in said.items() if len(all_of) >= LEAST_RATINGS
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long one step takes; `is_bottleneck` marks the one that takes the largest part."""

    title: str
    count: int
    hours: float
    waiting: int
    overdue: int
    is_bottleneck: bool = False


def step_times(actor: Actor, key: str, *, on: date) -> list[StepTime]:
    """The steps of a service's processes, the slowest marked."""
    took = ExpressionWrapper(F("acted_at") - F("arrived_at"), output_field=DurationField())
    items = WorkItem.objects.filter(instance_id__in=matters_of(actor, key, on=on).values("instance_id"))
    rows = items.exclude(state=WorkItem.State.DROPPED).order_by().values("node_title").annotate(
        n=Count("pk"), took=Avg(took, filter=Q(state=WorkItem.State.DONE)), waiting=Count("pk", filter=Q(state__in=WorkItem.OPEN)),
        late=Count("pk", filter=Q(acted_at__gt=F("due_at")) | Q(acted_at=None, due_at__lt=timezone.now())),
    )  # fmt: skip
    hours = {row["node_title"]: row["took"].total_seconds() / 3600 if row["took"] else 0.0 for row in rows}
    slowest = max(hours, key=lambda name: hours[name], default="")
    return [
        StepTime(row["node_title"], row["n"], hours[row["node_title"]], row["waiting"], row["late"], row["node_title"] == slowest)
        for row in rows
    ]  # fmt: skip
