"""Who gets a certificate, how often, how long it is good for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# JY/T 1001 XSDQZT. 休学 is not 在读; 复学 is.
STUDYING = frozenset({"01", "05"})
ENROLLED = STUDYING | {"02", "07", "12", "13"}
GRADUATED = frozenset({"07"})
# 退学、流失、转出、死亡、开除: what was certified of them is worth nothing to others any more.
LEFT = frozenset({"03", "06", "10", "11", "14"})
AT_WORK, GONE = "在岗", "离校"
WORDS = {
    "studying": "在读学生", "enrolled": "在读学生和毕业生", "graduated": "毕业生", "employed": "在职教职工",
}  # fmt: skip
STATES = {
    "studying": STUDYING,
    "enrolled": ENROLLED,
    "graduated": GRADUATED,
    "employed": frozenset({AT_WORK}),
}
WATCHED = {
    "studying": "student.status",
    "enrolled": "student.status",
    "graduated": "student.status",
    "employed": "staff.status",
}

MOST_WRONG_CODES = 8
LONGEST_SHARE_DAYS = 90
MOST_SHARE_VIEWS = 100
WAKE_SECONDS = 60  # how long a kiosk waits for a finger
PHONE_CODE_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Terms:
    """What a kind of certificate asks of whoever wants one."""

    name: str
    audience: str
    most: int
    period_days: int
    is_open: bool = True
    closed_for: str = ""


def refusal_reason(
    terms: Terms, *, state: str, state_name: str, issued_on: Sequence[date], on: date
) -> str | None:
    """Why this person does not get one today, or None. `state` is the code of enrolment or employment, '' for none."""
    if not terms.is_open:
        return f"{terms.name}暂不可办：{terms.closed_for or '主管部门已暂停办理'}"
    if not may_have(terms.audience, state):
        now = f"，现在的状态是“{state_name}”" if state_name else "，查不到相应的学籍或任职"
        return f"{terms.name}只给{WORDS[terms.audience]}开具{now}"
    recent = sorted(day for day in issued_on if day > on - timedelta(days=terms.period_days))
    if len(recent) >= terms.most:
        again = recent[len(recent) - terms.most] + timedelta(days=terms.period_days)
        return f"{terms.name}每 {terms.period_days} 天最多开 {terms.most} 份，已开 {len(recent)} 份，{again:%Y-%m-%d} 起可以再开"
    return None


def may_have(audience: str, state: str) -> bool:
    return state in STATES[audience]


def ends(audience: str, state: str) -> bool:
    """Whether who is in this state now has left in a way that ends what was certified."""
    return state == GONE if audience == "employed" else state in LEFT


def valid_to(on: date, days: int) -> date | None:
    """The last day, or None when it is good for ever."""
    return on + timedelta(days=days) if days else None


def number_of(code: str, year: int, serial: int) -> str:
    """ZD2026000123."""
    return f"{code}{year}{serial:06d}"


def serial_after(last: str | None) -> int:
    return int(last[-6:]) + 1 if last else 1
