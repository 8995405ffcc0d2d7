"""What ought to be in a file, and until when it is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from yanta.kernel.base.archives import Range

LONGEST_LOAN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Lack:
    """A record that ought to be there: what, and who has to deliver it."""

    title: str
    period: str
    owner: str


def lacking(ranges: Iterable[Range], present: Collection[str], *, kind: str, has_left: bool) -> list[Lack]:
    """What the range asks for and nobody has delivered."""
    wanted = {"always", "left"} if has_left else {"always"}
    return [
        Lack(one.title, one.period, one.owner)
        for one in ranges
        if one.audience == kind and one.needed in wanted and one.key not in present
    ]


def keep_until(happened_on: date, years: int | None) -> date | None:
    """The end of the year after so many; None for ever."""
    return None if years is None else date(happened_on.year + years, 12, 31)


def loan_refusal(
    *, is_own: bool, purpose: str, days: int, periods: Collection[str], known: Collection[str]
) -> str | None:
    """Why this cannot be borrowed, or None."""
    if is_own:
        return "自己的档案不用借阅，在“我的档案”里随时可以看"
    if not purpose.strip():
        return "请写明借阅用途"
    if not 1 <= days <= LONGEST_LOAN_DAYS:
        return f"借阅最长 {LONGEST_LOAN_DAYS} 天"
    if not periods or set(periods) - set(known):
        return "请选择要看哪些阶段"
    return None
