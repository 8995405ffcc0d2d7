"""Teaching weeks as people write them and as a bitmap: bit 0 is week 1."""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import gettext

LAST_WEEK = 30
DAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
_PARITY = re.compile(r"(\d+-\d+)([单双])")
_PART = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?([单双])?周?")


class NotWeeks(ValueError):  # noqa: N818 - an answer, not an error
    """The text names no weeks; the message is for the user."""


@lru_cache(maxsize=512)
def bits(text: str) -> int:
    """`1-8,10-16双` as a bitmap; raises NotWeeks."""
    found = 0
    for part in re.split(
        r"[,，、]", text.replace(" ", "").replace("—", "-").replace("–", "-").replace("～", "-")
    ):
        match = _PART.fullmatch(part)
        if match is None:
            raise NotWeeks(f"“{part or text}”不是周次，应如 1-16、1-15单、2-16双、1-8,10-17")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= LAST_WEEK:
            raise NotWeeks(f"“{part}”超出第 1 到第 {LAST_WEEK} 周，或先后颠倒")
        found |= sum(1 << week - 1 for week in range(first, last + 1) if _is_wanted(week, match[3]))
    if not found:
        raise NotWeeks(f"“{text}”里没有一周")
    return found


def _is_wanted(week: int, parity: str | None) -> bool:
    return parity is None or week % 2 == (1 if parity == "单" else 0)


def has(bitmap: int, week: int) -> bool:
    return week > 0 and bool(bitmap >> week - 1 & 1)


def weeks_of(bitmap: int) -> list[int]:
    return [week for week in range(1, bitmap.bit_length() + 1) if bitmap >> week - 1 & 1]


def text_of(bitmap: int) -> str:
    """The shortest way to write a bitmap: runs, and runs of odd or even weeks."""
    weeks, parts = weeks_of(bitmap), []
    while weeks:
        run, step = _run(weeks, 1), 1
        if len(run) == 1:
            run, step = _run(weeks, 2), 2
        if len(run) < 3 and step == 2:
            run = run[:1]
        parts.append(_said(run, step))
        weeks = weeks[len(run) :]
    return ",".join(parts)


def _run(weeks: list[int], step: int) -> list[int]:
    run = weeks[:1]
    for week in weeks[1:]:
        if week != run[-1] + step:
            break
        run.append(week)
    return run


def _said(run: list[int], step: int) -> str:
    if len(run) == 1:
        return str(run[0])
    parity = ("单" if run[0] % 2 else "双") if step == 2 else ""
    return f"{run[0]}-{run[-1]}{parity}"


def canonical(text: str) -> str:
    """The same weeks, written the one way."""
    return text_of(bits(text))


def shown(text: str) -> str:
    """Weeks in the reader's language: `1-15单` is `1-15 odd` in English."""
    return _PARITY.sub(
        lambda part: (gettext("%(w)s单") if part[2] == "单" else gettext("%(w)s双")) % {"w": part[1]}, text
    )


def count(text: str) -> int:
    return bits(text).bit_count()


def day_name(number: int) -> str:
    """The weekday, in the reader's language; Monday is 1."""
    return gettext(DAYS[number - 1])
