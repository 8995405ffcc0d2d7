"""Who may spend how much where, and when a trip can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

# 《中央和国家机关差旅费管理办法》（财行〔2013〕531号）把人员分三类；高校照此：院士、校领导为一类，教授和处级为二类。
FIRST_POSTS = ("校长", "书记", "副校长", "副书记", "院士")
SECOND_POSTS = ("处长", "院长", "主任", "部长", "副处长", "副院长")
PROFESSOR = "011"
LONGEST_DAYS = 90
LATEST = timedelta(days=180)
ABROAD_AHEAD = timedelta(days=30)
# 本校：单位负责人批到五千元，更高的和出境的由分管校领导批。
UNIT_LIMIT = Decimal(5000)


@dataclass(frozen=True, slots=True)
class Rates:
    """Lodging per night by level and the daily sums of one place."""

    first: int
    second: int
    third: int
    meals: int
    transport: int

    def lodging(self, level: int) -> int:
        return {1: self.first, 2: self.second}.get(level, self.third)


def level_of(*, title: str, post: str) -> int:
    """1, 2 or 3: by post, else by professional title."""
    if post in FIRST_POSTS:
        return 1
    return 2 if post in SECOND_POSTS or title == PROFESSOR else 3


def estimate(rates: Rates, *, level: int, days: int, fare: Decimal) -> Decimal:
    """The most that the standard allows: nights at the level's rate, the daily sums, the fare."""
    nights = days - 1
    return Decimal(nights * rates.lodging(level) + days * (rates.meals + rates.transport)) + fare


def refusal_to_ask(
    *, starts_on: date, ends_on: date, is_abroad: bool, today: date, advance: Decimal, limit: Decimal | None
) -> str | None:
    """Why this trip cannot be asked for, or None; `limit` is what the standard allows, where one exists."""
    days = (ends_on - starts_on).days + 1
    if days < 1:
        return "结束日期不能早于开始日期"
    if starts_on < today:
        return "出差须事前审批，开始日期不能早于今天"
    if is_abroad and starts_on < today + ABROAD_AHEAD:
        return "因公出国（境）至少提前 30 天申请"
    if starts_on > today + LATEST:
        return "只能申请半年以内的出差"
    if days > LONGEST_DAYS:
        return f"一次出差最多 {LONGEST_DAYS} 天，更长的按进修或借调办理"
    if limit is not None and advance > limit:
        return f"预借不能超过标准内费用 {limit:.2f} 元"
    return None


def needs_leader(*, estimate: Decimal, is_abroad: bool) -> bool:
    return is_abroad or estimate > UNIT_LIMIT


def over_standard(*, spent: Decimal, estimate: Decimal) -> str:
    """What has to be said of the money when it was more than the standard."""
    return f"超出标准 {spent - estimate:.2f} 元，超出部分自理" if estimate and spent > estimate else ""
