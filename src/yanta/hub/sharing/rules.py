"""What may be asked for, how long, how fast: decisions over plain values."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

# The longest term of a grant by the highest level of its fields, in days.
LONGEST = {1: 3 * 365, 2: 2 * 365, 3: 365, 4: 180}
HIGH = 4
REMIND_DAYS = (30, 7, 1)
ZOMBIE_DAYS = 30
ZOMBIE_END_DAYS = 60
MOST_PER_MINUTE = 6000
MOST_ROWS_PER_DAY = 50_000_000

Condition = Mapping[str, Any]


def refusal_of_term(*, valid_from: date, valid_to: date, level: int, today: date) -> str | None:
    """Why this term may not be had, or None."""
    if valid_to < valid_from:
        return "截止日期不能早于开始日期"
    if valid_to < today:
        return "截止日期已经过去"
    longest = LONGEST[level]
    if (valid_to - valid_from).days + 1 > longest:
        return f"含{LEVEL_WORDS[level]}数据的授权最长 {longest} 天，到期前可续期"
    return None


LEVEL_WORDS = {1: "公开", 2: "内部", 3: "敏感", 4: "高度敏感"}


def refusal_of_rate(*, per_minute: int, rows_per_day: int) -> str | None:
    if not 0 < per_minute <= MOST_PER_MINUTE:
        return f"每分钟次数应在 1 与 {MOST_PER_MINUTE} 之间"
    if not 0 < rows_per_day <= MOST_ROWS_PER_DAY:
        return f"每日行数应在 1 与 {MOST_ROWS_PER_DAY} 之间"
    return None


def all_of(*parts: Condition) -> dict[str, Any]:
    """Everything must hold; what keeps everything is left out."""
    kept = [dict(part) for part in parts if part and part != {"all": []}]
    return kept[0] if len(kept) == 1 else {"all": kept}


def in_order(names: Iterable[str], order: Sequence[str]) -> list[str]:
    """These names, each once, in the order of the dataset."""
    wanted = set(names)
    return [name for name in order if name in wanted]


@dataclass(frozen=True, slots=True)
class Word:
    """What one department decided."""

    names: frozenset[str]
    condition: Condition
    valid_to: date | None
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left of an application when all have spoken."""

    names: tuple[str, ...]
    condition: dict[str, Any]
    valid_to: date


def outcome_of(
    *, asked: Sequence[str], condition: Condition, valid_to: date, words: Sequence[Word]
) -> Outcome | None:
    """Each department gives of its own fields, everyone may narrow rows and term; None when nothing is left."""
    given = frozenset[str]().union(*(word.names for word in words if not word.is_refused))
    names = tuple(name for name in asked if name in given)
    if not names:
        return None
    ends = [valid_to, *(word.valid_to for word in words if word.valid_to is not None and not word.is_refused)]
    narrowed = [word.condition for word in words if not word.is_refused]
    return Outcome(names, all_of(condition, *narrowed), min(ends))


def networks_of(text: str) -> list[str]:
    """The lines of an allow-list, normalised; raises ValueError for what is no address."""
    lines = [line.strip() for line in text.replace(",", "\n").splitlines()]
    return [str(ipaddress.ip_network(line, strict=False)) for line in lines if line]


def is_allowed(address: str | None, networks: Sequence[str]) -> bool:
    """Whether a caller's address is on the list; an empty list lets everyone in."""
    if not networks:
        return True
    if address is None:
        return False
    caller = ipaddress.ip_address(address)
    return any(caller in ipaddress.ip_network(one) for one in networks)


@dataclass(frozen=True, slots=True)
class Paced:
    """The counters after a request; `rows` is how many it may have, `wait` how many seconds to come back in."""

    minute: datetime
    requests: int
    day: date
    rows_used: int
    rows: int
    wait: int = 0
    refusal: str = ""


def paced(
    *, minute: datetime, requests: int, day: date, rows_used: int, now: datetime, today: date, wanted: int,
    per_minute: int, rows_per_day: int, seconds_to_midnight: int,
) -> Paced:  # fmt: skip
    """A fixed window of a minute and one of a day; the rows are reserved before they are read."""
    this = now.replace(second=0, microsecond=0)
    requests = requests + 1 if minute == this else 1
    rows_used = rows_used if day == today else 0
    if requests > per_minute:
        return Paced(
            this, requests, today, rows_used, 0, 60 - now.second, f"超过每分钟 {per_minute} 次的约定"
        )
    left = rows_per_day - rows_used
    if left <= 0:
        words = f"今天的 {rows_per_day} 行已经用完，明天再来"
        return Paced(this, requests, today, rows_used, 0, seconds_to_midnight, words)
    rows = min(wanted, left)
    return Paced(this, requests, today, rows_used + rows, rows)


def mask(text: str, *, level: int, is_name: bool = False) -> str:
    """A sample value that shows the shape and nobody."""
    if not text:
        return ""
    if level >= 3:
        return "＊" * min(len(text), 6)
    if is_name or level == 2:
        return text[0] + "＊" * min(len(text) - 1, 6)
    return text


def zombie_step(*, idle_days: int) -> str:
    """What is due for a grant nobody has used for so long: nothing, a reminder, a proposal to end it."""
    if idle_days >= ZOMBIE_END_DAYS:
        return "end"
    return "remind" if idle_days >= ZOMBIE_DAYS else ""


def share_in_order(keys: Sequence[str]) -> float:
    """How many neighbours stand in rising order; 1 for a sorted list, about a half for any other."""
    pairs = list(pairwise(keys))
    return sum(first < second for first, second in pairs) / len(pairs) if pairs else 0.0


def back_off(attempts: int) -> timedelta | None:
    """How long until the next attempt of a push; None when it is given up."""
    pauses = (5, 15, 60, 300, 1800, 7200)
    return timedelta(seconds=pauses[attempts - 1]) if attempts <= len(pauses) else None
