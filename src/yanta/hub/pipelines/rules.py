"""What is decided about runs: when one stops, when it is due, tried again, silent, and what its figures say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

PAUSES = (1, 5, 15, 60)
# So few rows leave without asking, however small the table is.
FEW = 5


def reason_to_stop(*, read: int, quarantined: int, percent: int, rows: int) -> str | None:
    """Why a run must not load, or None."""
    if rows and quarantined > rows:
        return f"隔离 {quarantined} 行，超过上限 {rows} 行；未写入任何数据"
    if read and percent < 100 and quarantined * 100 > read * percent:
        return (
            f"隔离 {quarantined} 行，占 {quarantined * 100 / read:.1f}%，超过上限 {percent}%；未写入任何数据"
        )
    return None


def reason_to_ask(*, removed: int, held: int, percent: int, approved: int) -> str | None:
    """Why so many rows at once must not be marked as having left without somebody's consent, or None."""
    if removed <= max(FEW, approved) or removed * 100 <= held * percent:
        return None
    share = removed * 100 / held
    return f"将有 {removed} 条标记离开，占现有 {held} 条的 {share:.1f}%，超过 {percent}%；未写入任何数据，请核对来源后决定是否同意"


class Counted(Protocol):
    """What is asked of a run here."""

    state: str
    counts: dict[str, Any]


def waits_for_consent(run: Counted) -> bool:
    """Whether a run was stopped for rows that would leave, and somebody may let them."""
    return run.state == "stopped" and bool(run.counts.get("asks"))


def reason_of_rules(broken: Sequence[Mapping[str, Any]]) -> str | None:
    """Why quality rules let nothing of a delivery in, or None."""
    told = [f"“{one['title']}”（归口：{one['owner']}）{one['failed']} 行不合格" for one in broken]
    return f"质量规则{'；'.join(told)}。按规则整批不入库，未写入任何数据" if told else None


def next_try(*, attempt: int, retries: int, at: datetime) -> datetime | None:
    """When a run that failed is tried again; None when it was tried often enough."""
    if attempt > retries:
        return None
    return at + timedelta(minutes=PAUSES[min(attempt, len(PAUSES)) - 1])


def is_silent(*, heard_at: datetime | None, since: datetime, expected_minutes: int, at: datetime) -> bool:
    """A source that should have spoken and did not; one never heard counts from when it was set up."""
    if not expected_minutes:
        return False
    return at - (heard_at or since) > timedelta(minutes=expected_minutes)


def brought_news(counts: Mapping[str, int], *, is_full: bool) -> bool:
    """Whether the source spoke: a full table that is as it was says nothing."""
    news = sum(counts.get(name, 0) for name in ("new", "changed", "removed", "quarantined"))
    return bool(news) if is_full else bool(counts.get("read"))


def light(*, is_active: bool, last_state: str, is_silent: bool, waiting_rows: int) -> str:
    """The state of a pipeline as one light."""
    if not is_active:
        return "grey"
    if is_silent or last_state in ("failed", "stopped", "interrupted"):
        return "red"
    if waiting_rows or not last_state or last_state == "cancelled":
        return "yellow"
    return "green"


_EXPLAINED = {
    "quarantined": "来源有而未入库 {} 行：被隔离，原样与原因在隔离清单",
    "unreadable": "其中无法读取 {} 行：原文在隔离清单，改正后可重放",
    "merged": "同一主键的较早变更 {} 行：被后面的变更覆盖",
    "removed": "来源删除 {} 条：按规则标记离开，未删除",
    "departed": "与来源的完整名单比对，得出来源已没有的 {} 条，计入读入数",
    "differing": "与权威来源不一致 {} 行：只核对，未改写",
}


def differences(
    counts: Mapping[str, int], *, before: int, after: int, absent: int | None, whole: bool
) -> list[str]:
    """The gap between what was delivered and what the target holds, explained line by line."""
    said = [f"目标表入库前 {before} 条，入库后 {after} 条，相差 {after - before} = 新增 {counts['new']}"]
    if after - before != counts["new"]:
        said[0] += f"，另有 {after - before - counts['new']} 条由他处同时写入或删除"
    said += [words.format(counts[name]) for name, words in _EXPLAINED.items() if counts.get(name)]
    if absent:
        told = "来源声明为完整名单" if whole else "这些可能由其他来源维护"
        said.append(f"目标有而来源没有 {absent} 条：保留；{told}")
    return said


def cycle_through(start: str, upstream: Mapping[str, set[str]]) -> list[str]:
    """The way from a pipeline back to itself, or nothing."""
    trail: list[str] = []

    def leads_back(code: str) -> bool:
        for above in sorted(upstream.get(code, ())):
            if above == start:
                return True
            if above not in trail:
                trail.append(above)
                if leads_back(above):
                    return True
                trail.remove(above)
        return False

    return [start, *trail, start] if leads_back(start) else []
