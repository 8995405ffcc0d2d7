"""What a person is to the school, by the state of an enrolment or an employment. Pure."""

from __future__ import annotations

from datetime import date, timedelta

GRACE = timedelta(days=30)
# How rights name the people of a class: `class:12`.
CLASS = "class"

# JY/T 1001 XSDQZT 学生当前状态 → role and how the reason ends. Whoever is in none of them is nobody's student.
STUDENT_STANDINGS = {
    "01": ("student", "在读"),
    "02": ("student", "休学，保留学籍"),
    "05": ("student", "在读"),
    "12": ("student", "保留入学资格"),
    "13": ("student", "公派出国，保留学籍"),
    "07": ("alumnus", "毕业"),
    "08": ("alumnus", "结业"),
    "09": ("alumnus", "肄业"),
}
STAFF_STANDINGS = {
    "active": ("teacher", "在{unit}任职"),
    "leave": ("teacher", "在{unit}离岗待聘"),
    "retired": ("retiree", "从{unit}离退休"),
}
# Nobody signs in for the dead, and an expulsion takes effect on its day.
WITHOUT_GRACE = frozenset({"11", "14"})


def student_right(status: str, where: str) -> tuple[str, str] | None:
    """Role and reason of an enrolment, or None."""
    role, how = STUDENT_STANDINGS.get(status, ("", ""))
    return (role, f"因{where}{how}") if role else None


def staff_right(status: str, unit: str) -> tuple[str, str] | None:
    """Role and reason of an employment, or None."""
    role, how = STAFF_STANDINGS.get(status, ("", ""))
    return (role, f"因{how.format(unit=unit)}") if role else None


def ends_on(statuses: frozenset[str], *, on: date) -> date:
    """The last day of an account whom nothing entitles any more."""
    return on if statuses & WITHOUT_GRACE else on + GRACE
