"""What pages ask: the catalogue with its popularity, the read log, usage, what nobody uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Avg, Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from yanta.hub.sharing import owners, rules
from yanta.hub.sharing.models import (
    Agreement,
    Consent,
    Consumer,
    Dataset,
    Decision,
    Grant,
    ReadEntry,
    UsageDay,
)
from yanta.hub.sharing.services import grants
from yanta.hub.subjects import Field, conditions, read
from yanta.kernel.base import Actor
from yanta.kernel.codes import service as codes
from yanta.kernel.people.models import Person

POPULAR_DAYS = 30
OWN_DAYS = 180
PAGE = 18
WHOLE_LOG = ("auditor", "security")


@dataclass(frozen=True, slots=True)
class Popularity:
    """How much a dataset is used: reads and rows of a month, consumers of today."""

    reads: int = 0
    rows: int = 0
    consumers: int = 0


def popularity(*, on: date) -> dict[int, Popularity]:
    """Of every dataset that anybody uses."""
    since = on - timedelta(days=POPULAR_DAYS)
    read_ = UsageDay.objects.filter(day__gt=since).values("grant__dataset")
    totals = {one["grant__dataset"]: one for one in read_.annotate(n=Sum("reads"), r=Sum("rows"))}
    live = Grant.objects.filter(state="active").values("dataset").annotate(n=Count("consumer", distinct=True))
    users = {one["dataset"]: one["n"] for one in live.order_by()}
    nothing: dict[str, int] = {"n": 0, "r": 0}
    return {
        key: Popularity(totals.get(key, nothing)["n"], totals.get(key, nothing)["r"], users.get(key, 0))
        for key in {*totals, *users}
    }


def catalogue(
    actor: Actor, *, wanted: str = "", subject: str = "", level: str = "", owner: str = ""
) -> list[Dataset]:
    """Published datasets for everyone; drafts for those whose they are."""
    rows = Dataset.objects.select_related("owner").order_by("code")
    if wanted:
        rows = rows.filter(
            Q(title__icontains=wanted)
            | Q(meaning__icontains=wanted)
            | Q(code__icontains=wanted)
            | Q(names__icontains=wanted)
        )
    rows = rows.filter(**{k: v for k, v in {"subject": subject, "owner__name": owner}.items() if v})
    if level.isdecimal():
        rows = rows.filter(level=int(level))
    return [one for one in rows if one.is_open or owners.speaks_for(actor, one.owner)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as the contract shows it."""

    field: Field
    owner: str
    samples: list[str]


def contract(dataset: Dataset, names: Iterable[str]) -> list[Shown]:
    """Each field with its owner and three masked values."""
    about, names = dataset.about, list(names)
    rows = about.rows().filter(conditions.q(about, dataset.condition))[:3]
    table: list[dict[str, Any]] = read(about, names, rows).read_all().to_pylist()
    return [
        Shown(one, owners.owner_name(about, one), [_sample(one, row[one.name]) for row in table])
        for one in (about.field(name) for name in names)
    ]


def _sample(one: Field, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if one.is_sealed:
        return "＊＊＊"
    text = str(value)
    if one.code_set and one.level < 3:
        return codes.name_of(one.code_set, text) or text
    text = dict(one.choices).get(text, text)
    return rules.mask(text, level=one.level, is_name=one.name == "name" and one.level >= 2)


# The log.


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries: whose data, by whom, of what, when."""

    persons: tuple[int, ...] = ()
    consumer: int | None = None
    dataset: int | None = None
    how: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None


def log(actor: Actor, asked: Asked) -> QuerySet[ReadEntry]:
    """Newest first, as far as the actor may look: auditors everything, departments what concerns their fields."""
    rows = ReadEntry.objects.select_related("consumer", "dataset", "grant__application").order_by("-pk")
    if not actor.has_role(*WHOLE_LOG) and not actor.is_system:
        rows = rows.filter(dataset__in=own_datasets(actor))
    if asked.persons:
        whose = Q()
        for person in asked.persons:
            whose |= Q(persons__holds=person)
        rows = rows.filter(whose, outcome=ReadEntry.Outcome.DONE)
    named = {"consumer": asked.consumer, "dataset": asked.dataset, "how": asked.how, "pk__lt": asked.before}
    rows = rows.filter(**{name: value for name, value in named.items() if value})
    if asked.since:
        rows = rows.filter(at__gte=_midnight(asked.since))
    if asked.until:
        rows = rows.filter(at__lt=_midnight(asked.until + timedelta(days=1)))
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def own_datasets(actor: Actor) -> list[int]:
    """The datasets that hold a field of a department for which the actor speaks."""
    units = Consent.objects.exclude(state=Consent.State.REFUSED).select_related("unit", "version")
    mine = {one.version.dataset_id for one in units if owners.speaks_for(actor, one.unit)}
    owned = Dataset.objects.select_related("owner")
    return sorted(mine | {one.pk for one in owned if owners.speaks_for(actor, one.owner)})


def persons_called(text: str) -> list[Person]:
    """By number of any kind, else by the whole name."""
    text = text.strip()
    if not text:
        return []
    by_number = (
        Q(number=text)
        | Q(affiliations__number=text)
        | Q(employments__number=text)
        | Q(enrolments__number=text)
    )
    found = list(Person.objects.filter(by_number).select_related("home_unit").distinct()[:5])
    return found or list(Person.objects.filter(name=text).select_related("home_unit")[:5])


def who_read(persons: Iterable[int], *, days: int = OWN_DAYS) -> list[dict[str, Any]]:
    """Per grant: who read these persons' data, for what, how often, when last."""
    whose = Q()
    for person in persons:
        whose |= Q(persons__holds=person)
    since = timezone.now() - timedelta(days=days)
    rows = ReadEntry.objects.filter(whose, outcome=ReadEntry.Outcome.DONE, at__gte=since).order_by()
    found = rows.values("grant", "is_exact").annotate(times=Count("pk"), last=Max("at")).order_by("-last")
    known = Grant.objects.select_related("consumer__unit", "dataset", "application").in_bulk(
        [one["grant"] for one in found]
    )
    return [
        {
            **one,
            "grant": known[one["grant"]],
            "fields": titles(known[one["grant"]].dataset, known[one["grant"]].names),
        }
        for one in found
    ]


def titles(dataset: Dataset, names: Iterable[str]) -> str:
    """The fields as people call them."""
    known = {one.name: one.title for one in dataset.about.fields}
    return "、".join(known.get(name, name) for name in names)


# Usage.


@dataclass(frozen=True, slots=True)
class Usage:
    """Reads, rows, failures and latency of some grants over some days."""

    labels: list[str] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    latency: list[int] = field(default_factory=list)

    @property
    def total_reads(self) -> int:
        return sum(self.reads)

    @property
    def total_rows(self) -> int:
        return sum(self.rows)

    @property
    def total_errors(self) -> int:
        return sum(self.errors)

    def chart(self) -> dict[str, Any]:
        series = [
            {"name": "成功", "values": [n - bad for n, bad in zip(self.reads, self.errors, strict=True)]},
            {"name": "失败", "values": self.errors},
        ]
        return {"type": "stack", "labels": self.labels, "series": series, "unit": "次"}

    def rows_chart(self) -> dict[str, Any]:
        return {
            "type": "line",
            "labels": self.labels,
            "series": [{"name": "行数", "values": self.rows}],
            "unit": "行",
        }

    def latency_chart(self) -> dict[str, Any]:
        return {
            "type": "line",
            "labels": self.labels,
            "series": [{"name": "平均耗时", "values": self.latency}],
            "unit": "毫秒",
        }


def usage(rows: QuerySet[UsageDay], *, on: date, days: int = 30) -> Usage:
    """Day by day, days without use included."""
    first = on - timedelta(days=days - 1)
    sums = rows.filter(day__gte=first).values("day").order_by()
    found = {
        one["day"]: one
        for one in sums.annotate(n=Sum("reads"), r=Sum("rows"), e=Sum("errors"), ms=Sum("milliseconds"))
    }
    made, nothing = Usage(), {"n": 0, "r": 0, "e": 0, "ms": 0}
    for step in range(days):
        day = first + timedelta(days=step)
        one: Any = found.get(day, nothing)
        made.labels.append(day.strftime("%m-%d"))
        made.reads.append(one["n"])
        made.rows.append(one["r"])
        made.errors.append(one["e"])
        made.latency.append(one["ms"] // one["n"] if one["n"] else 0)
    return made


def zombies(*, on: date) -> list[tuple[Grant, int, str]]:
    """Live grants that nobody uses: grant, days idle, what is due."""
    live = Grant.objects.filter(state="active").select_related("consumer__unit", "dataset__owner")
    found = [(one, grants.idle_days(one, on=on)) for one in live]
    steps = ((one, idle, rules.zombie_step(idle_days=idle)) for one, idle in found)
    return sorted((step for step in steps if step[2]), key=lambda step: -step[1])


def league(*, on: date) -> list[tuple[Dataset, Popularity]]:
    """Datasets by reads of the last month."""
    known = popularity(on=on)
    rows = Dataset.objects.filter(state__in=Dataset.OPEN).select_related("owner")
    return sorted(((one, known.get(one.pk, Popularity())) for one in rows), key=lambda pair: -pair[1].reads)


def waiting_decisions(actor: Actor) -> QuerySet[Decision]:
    """What the actor has to decide."""
    permission = "sharing.decision.approve"
    rows = Decision.objects.visible_to(actor, permission).filter(state=Decision.State.WAITING)
    seconds_only = actor.has_role("leader") and not actor.has_role("clerk", "head")
    return rows.filter(round=Decision.Round.SECOND) if seconds_only else rows


def own_consumers(actor: Actor) -> list[Consumer]:
    """For whom the actor may apply."""
    rows = Consumer.objects.filter(is_active=True).select_related("unit")
    return [
        one for one in rows if one.responsible_id == actor.person_id or owners.speaks_for(actor, one.unit)
    ]


def latency_of(grant: Grant) -> int:
    """Mean milliseconds of a page over the last month's interface reads."""
    since = timezone.now() - timedelta(days=POPULAR_DAYS)
    rows = ReadEntry.objects.filter(grant=grant, how="rest", outcome="done", at__gte=since)
    return round(rows.aggregate(ms=Avg("milliseconds"))["ms"] or 0)


def forewarning(one: Agreement) -> dict[str, Any]:
    """What the using school should know of the dataset: its version, and when it will be no more."""
    dataset = Dataset.objects.filter(code=one.dataset).select_related("successor").first()
    if dataset is None:
        return {"version": one.version, "notice": ""}
    words = ""
    if dataset.state == Dataset.State.DEPRECATED:
        after = (
            f"，请改用“{dataset.successor.title}”（{dataset.successor.code}）"
            if dataset.successor
            else "，没有替代"
        )
        words = f"“{dataset.title}”将于 {dataset.ends_on} 停止服务{after}"
    elif dataset.version > one.version:
        words = f"数据集已发布第 {dataset.version} 版，协议按第 {one.version} 版的字段继续"
    return {"version": one.version, "notice": words}
