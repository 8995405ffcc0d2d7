"""The colleges confirm by a day, then the registry locks the term for timetabling."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated

from django.db.models import Count, Q
from django.utils import timezone

from yanta.kernel import notify
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.systems.offerings import events
from yanta.systems.offerings.models import Offering, Season
from yanta.systems.offerings.queries import facts
from yanta.systems.offerings.rules import checks
from yanta.systems.offerings.services import storing

Status = Season.Status
REMIND_AHEAD = timedelta(days=3)


@operation(
    "开放学院确认",
    icon="send",
    bulk=False,
    roles=("owner",),
    when=lambda season: season.status == Status.PREPARING,
)
def open_confirmation(season: Season, *, actor: Actor, until: Annotated[date, Label("确认截止日期")]) -> None:
    """Every unit that offers courses hears what is to be confirmed and by when."""
    if season.status != Status.PREPARING:
        raise Refused(f"现在{season.get_status_display()}")
    if not season.offerings.exists():
        raise Refused("还没有开课，请先按培养方案生成")
    if until < timezone.localdate():
        raise Refused("截止日期已过", field="until")
    season.status, season.confirm_by = Status.CONFIRMING, until
    season.save(update_fields=["status", "confirm_by", "updated_at"])
    publish(events.ConfirmationOpened(season_id=season.pk))


def is_waiting(offering: Offering) -> bool:
    return offering.status == Offering.Status.DRAFT and not offering.season.is_locked


@operation("确认开课", icon="check", roles=("clerk", "head"), when=is_waiting)
def confirm(offering: Offering, *, actor: Actor) -> None:
    """The unit stands for teachers, hours and rooms of every section."""
    storing.require_open(offering)
    if offering.status != Offering.Status.DRAFT:
        raise Refused(f"这门课{offering.get_status_display()}")
    clashes = [
        f"{section.number.rpartition('-')[2]} 班{text}"
        for section, found in facts.clashes([offering.pk])
        for text in checks.stopping(found)
    ]
    if clashes:
        more = f"；还有 {len(clashes) - 3} 处" if len(clashes) > 3 else ""
        raise Refused("还不能确认：" + "；".join(clashes[:3]) + more)
    offering.status, offering.confirmed_by = Offering.Status.CONFIRMED, actor.signature
    offering.confirmed_at = timezone.now()
    offering.save(update_fields=["status", "confirmed_by", "confirmed_at", "updated_at"])


@operation(
    "退回学院", icon="arrow-back-up", danger=True, roles=("owner",),
    when=lambda offering: offering.status == Offering.Status.CONFIRMED and not offering.season.is_locked,
)  # fmt: skip
def return_to_college(offering: Offering, *, actor: Actor, reason: str) -> None:
    """To be put right and confirmed again."""
    storing.require_unlocked(offering.season)
    if offering.status != Offering.Status.CONFIRMED:
        raise Refused("只有已确认的开课可以退回")
    offering.status, offering.note = Offering.Status.DRAFT, reason
    offering.confirmed_by, offering.confirmed_at = "", None
    offering.save()


@operation(
    "锁定排课", icon="lock", bulk=False, roles=("owner",), when=lambda season: season.status == Status.CONFIRMING,
    confirm="锁定后教学班、教师、学时都不能再改，只能一项一项变更并写明原因。",
)  # fmt: skip
def lock(
    season: Season, *, actor: Actor,
    reason: Annotated[str, Label("未确认也锁定的原因", "全部确认时不用填")] = "",
) -> None:  # fmt: skip
    """What the timetable is made of. Unconfirmed courses are locked too only for a reason."""
    if season.status != Status.CONFIRMING:
        raise Refused(f"现在{season.get_status_display()}")
    waiting = season.offerings.filter(status=Offering.Status.DRAFT).count()
    if waiting and not reason.strip():
        raise Refused(f"还有 {waiting} 门课程没有确认；要现在锁定，请写明原因", field="reason")
    season.status = Status.LOCKED
    season.save(update_fields=["status", "updated_at"])
    publish(events.SeasonLocked(season_id=season.pk))


@operation(
    "解除锁定", icon="lock-open", danger=True, bulk=False, roles=("owner",),
    when=lambda season: season.status == Status.LOCKED,
)  # fmt: skip
def unlock(season: Season, *, actor: Actor, reason: str) -> None:
    """Back to the colleges; a timetable made of it has to be checked again."""
    if season.status != Status.LOCKED:
        raise Refused("没有锁定")
    season.status = Status.CONFIRMING
    season.save(update_fields=["status", "updated_at"])


# -- telling the colleges -----------------------------------------------------------------------------


def tell_confirmation(season_id: int) -> int:
    """One message to everybody who may confirm, with the number of their unit's courses."""
    season = Season.objects.select_related("term").get(pk=season_id)
    return _tell(season, "offerings.confirm", f"{season.pk}:{season.confirm_by}")


def remind(*, on: date) -> int:
    """Three days before the end and once it is over, the units that are not ready."""
    sent = 0
    for season in Season.objects.filter(status=Status.CONFIRMING, confirm_by__isnull=False).select_related(
        "term"
    ):
        left = (season.confirm_by - on).days
        if left > REMIND_AHEAD.days:
            continue
        when = f"还有 {left} 天截止" if left > 0 else ("今天截止" if left == 0 else "已过截止日期")
        sent += _tell(season, "offerings.remind", f"{season.pk}:{season.confirm_by}:{left >= 0}", when=when)
    return sent


def _tell(season: Season, code: str, once: str, **more: str) -> int:
    waiting = (
        season.offerings.filter(status=Offering.Status.DRAFT)
        .values_list("department")
        .annotate(n=Count("pk"))
    )
    units = OrgUnit.objects.in_bulk([unit for unit, _ in waiting])
    return sum(
        notify.send(
            code, to=_speakers(unit), link=f"/offerings/offering/?season={season.pk}&status=draft", once=f"{once}:{unit}",
            context={"term": season.term.name, "unit": units[unit].name, "count": count, "until": f"{season.confirm_by}", **more},
        )
        for unit, count in waiting
    )  # fmt: skip


def _speakers(unit_id: int) -> Iterable[int]:
    today = timezone.localdate()
    held = RoleGrant.objects.filter(role__in=("clerk", "head"), org_unit=unit_id, valid_from__lte=today)
    held = held.filter(Q(valid_to=None) | Q(valid_to__gte=today)).exclude(account__person=None)
    return held.values_list("account__person_id", flat=True)
