"""Who may drive what and for how long, what a ride costs, which rides go the same way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

# 《机动车驾驶证申领和使用规定》附件1：准驾车型。
ALLOWS = {
    "A1": ("car", "van", "bus", "truck"),
    "B1": ("car", "van"),
    "B2": ("car", "van", "truck"),
    "C1": ("car", "van"),
}
# 《道路交通安全法实施条例》第六十二条：连续驾驶不超过四小时须停车休息；本校：一天排班不超过十小时，两次任务之间休息半小时。
LONGEST_DAY = timedelta(hours=10)
REST = timedelta(minutes=30)
EARLIEST_AHEAD, LATEST = timedelta(hours=2), timedelta(days=60)
LONGEST_RIDE = timedelta(days=5)
SAME_WAY = timedelta(minutes=45)
WARNING_DAYS = 30


@dataclass(frozen=True, slots=True)
class Duty:
    """What a driver already has."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """A ride as the comparison sees it."""

    key: int
    origin: str
    destination: str
    starts_at: datetime
    ends_at: datetime
    people: int
    shares: bool


def refusal_to_ask(*, starts_at: datetime, ends_at: datetime, now: datetime) -> str | None:
    """Why this ride cannot be asked for, or None."""
    if ends_at <= starts_at:
        return "返回时间须晚于用车时间"
    if starts_at < now + EARLIEST_AHEAD:
        return "用车至少提前 2 小时申请；更急的请拨车队值班电话"
    if starts_at > now + LATEST:
        return "最早提前 60 天申请"
    if ends_at - starts_at > LONGEST_RIDE:
        return "一次用车最多 5 天，更长的请租车"
    return None


def refusal_to_drive(*, licence: str, kind: str, licence_until: date, on: date) -> str | None:
    """Why this licence does not allow this vehicle on this day, or None."""
    if licence_until < on:
        return f"驾驶证 {licence_until:%Y-%m-%d} 到期"
    if kind not in ALLOWS.get(licence, ()):
        return f"准驾车型 {licence} 不能驾驶这种车"
    return None


def refusal_to_work(duties: Iterable[Duty], *, wanted: Duty) -> str | None:
    """Why the driver may not take one more duty, or None: hours of the day, rest between duties."""
    others = list(duties)
    for one in others:
        if one.starts_at < wanted.ends_at + REST and wanted.starts_at < one.ends_at + REST:
            return "两次任务之间要休息 30 分钟"
    day = wanted.starts_at.date()
    hours = sum(((one.ends_at - one.starts_at) for one in others if one.starts_at.date() == day), timedelta())
    # A ride over several days has its own rest on the way; its length says nothing about hours at the wheel.
    own = wanted.ends_at - wanted.starts_at
    if wanted.ends_at.date() == day and hours + own > LONGEST_DAY:
        return f"这位司机当天排班将超过 {LONGEST_DAY.seconds // 3600} 小时"
    return None


def same_way(one: Wish, other: Wish) -> bool:
    """Both agree to share, go between the same places and start and end about the same time."""
    return (
        one.key != other.key and one.shares and other.shares
        and (one.origin, one.destination) == (other.origin, other.destination)
        and abs(one.starts_at - other.starts_at) <= SAME_WAY and abs(one.ends_at - other.ends_at) <= SAME_WAY
    )  # fmt: skip


def cost(*, km: int, price_per_km: Decimal, tolls: Decimal) -> Decimal:
    return (km * price_per_km + tolls).quantize(Decimal("0.01"), ROUND_HALF_UP)


def split(total: Decimal, people: Sequence[int]) -> list[Decimal]:
    """By heads, to the cent; the last one takes what rounding leaves."""
    heads = sum(people)
    shares = [(total * count / heads).quantize(Decimal("0.01"), ROUND_HALF_UP) for count in people]
    return [*shares[:-1], total - sum(shares[:-1], Decimal(0))]
