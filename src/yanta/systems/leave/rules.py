"""Who may grant how long a leave, and when one may be asked for."""

from __future__ import annotations

from datetime import date, timedelta

# 《普通高等学校学生管理规定》（教育部令第41号）第二十条把请假程序交学校规定；本校：三天以内辅导员批，七天以内学院批，更长的学工部批。
COUNSELLOR_DAYS = 3
COLLEGE_DAYS = 7
LONGEST_DAYS = 30
EARLIEST = timedelta(days=7)
LATEST = timedelta(days=180)


def needs_college(days: int) -> bool:
    return days > COUNSELLOR_DAYS


def needs_affairs(days: int) -> bool:
    return days > COLLEGE_DAYS


def refusal_reason(*, starts_on: date, ends_on: date, kind: str, today: date) -> str | None:
    """Why this leave cannot be asked for, or None."""
    days = (ends_on - starts_on).days + 1
    if days < 1:
        return "结束日期不能早于开始日期"
    if days > LONGEST_DAYS:
        return f"一次请假最多 {LONGEST_DAYS} 天，更长的请办理休学"
    if starts_on < today - EARLIEST or (kind != "illness" and starts_on < today):
        return "只有病假可以事后补请，且须在七天以内"
    if starts_on > today + LATEST:
        return "只能请半年以内的假"
    return None


def is_overdue(*, ends_on: date, returned: bool, today: date) -> bool:
    """Back by the day after the leave ends."""
    return not returned and today > ends_on + timedelta(days=1)


def heard_by(days_over: int) -> tuple[str, ...]:
    """Who is told of a student who should have been back that many days ago: each on one day only."""
    return {1: ("student",), 2: ("student", "counsellor"), 4: ("counsellor", "head")}.get(days_over, ())
