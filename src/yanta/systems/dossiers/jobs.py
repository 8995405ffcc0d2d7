"""Every night: what no event told of, loans that are over, files that were not looked through for long."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.dossiers import services
from yanta.systems.dossiers.models import Dossier
from yanta.systems.dossiers.services import collecting, inspecting, lending

EVERY = timedelta(days=180)
A_NIGHT = 500


@job("归集个人档案", schedule="10 2 * * *")
def collect_everybody(progress: Progress, *, actor: Actor) -> None:
    """All people in parts; the sum adds up."""
    people = collecting.everybody()
    done = collecting.Collected()
    for start in range(0, len(people), collecting.AT_ONCE):
        progress.step(start, len(people), f"新归档 {done.new} 件")
        done = done.plus(services.collect(people[start : start + collecting.AT_ONCE]))
    ended = lending.end_overdue(on=timezone.localdate())
    text = f"{done.pieces} 件：新归档 {done.new}、更正 {done.corrected}、不变 {done.unchanged}、无档案可归 {done.homeless}；借阅到期 {ended}"
    progress.step(len(people), len(people), text)


@job("档案四性抽检", schedule="40 4 * * *")
def inspect_some(progress: Progress, *, actor: Actor) -> None:
    """Those that were never, or longest ago, looked through."""
    since = timezone.now() - EVERY
    rows = Dossier.objects.filter(entries_count__gt=0).filter(
        Q(inspected_at=None) | Q(inspected_at__lt=since)
    )
    found = list(rows.select_related("person").order_by("inspected_at", "pk")[:A_NIGHT])
    bad = 0
    for number, dossier in enumerate(found, 1):
        bad += not inspecting.look_through(dossier, by="系统").is_sound
        progress.step(number, len(found), f"未通过 {bad} 份")
