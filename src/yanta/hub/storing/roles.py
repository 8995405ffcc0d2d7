"""Roles over time: affiliations of every person, students and staff members of master data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from yanta.hub.storing.staging import execute, fetch, stage

# Capacity in which a row lists a person -> (affiliation, the number that names it).
ROLES = {
    "undergraduate": ("undergraduate", ("ug_no",)),
    "student": ("undergraduate", ("ug_no",)),
    "graduate": ("postgraduate", ("grad_no",)),
    "staff": ("staff", ("staff_no",)),
    "contract": ("staff", ("staff_no", "other_no")),
    "rehired": ("staff", ("staff_no", "other_no")),
    "retired": ("retired", ("staff_no",)),
    "admitted": ("admitted", ("exam_no",)),
}
# Who says best since when and where somebody is in a role.
_FIRST = ("academic", "graduate", "personnel", "admissions", "student_affairs", "finance", "card", "library")
_LEVELS = {"本科": "3", "硕士": "2", "博士": "1"}


def write(rows: Iterable[Mapping[str, Any]], persons: Mapping[int, int]) -> None:
    """`rows` are clean rows, `persons` the person of each row id."""
    best = _best(rows, persons)
    units = dict(fetch("SELECT code, id FROM organisation_orgunit"))
    stage(
        "run_role",
        "person_id bigint, role text, number text, org_unit_id bigint, valid_from date, valid_to date, level text,"
        " grade int, major text, exam_no text, bed text, title text",
        _staged(best, units),
    )
    _affiliations()
    _students()
    _staff()


def _best(
    rows: Iterable[Mapping[str, Any]], persons: Mapping[int, int]
) -> dict[tuple[str, str], tuple[int, dict[str, Any]]]:
    """One description per role and number: the first source's word, completed by the others'."""
    found: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (_rank(row["source"]), row["row_id"])):
        for role, number in _roles_of(row):
            person = persons.get(row["row_id"])
            if person is None:
                continue
            _, known = found.setdefault((role, number), (person, {}))
            for name, value in row.items():
                if value is not None and known.get(name) is None:
                    known[name] = value
    return found


def _rank(source: str) -> int:
    return _FIRST.index(source) if source in _FIRST else len(_FIRST)


def _roles_of(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    role, names = ROLES.get(row["role"], ("", ()))
    number = next((row[name] for name in names if row.get(name)), None)
    if role and number:
        yield role, number


def _period(row: Mapping[str, Any]) -> tuple[date | None, date | None]:
    start = row.get("entry_on") or (date(row["entry_year"], 9, 1) if row.get("entry_year") else None)
    end = date(row["leave_year"], 7, 1) if row.get("leave_year") and not row.get("is_current") else None
    return start, end if end is None or start is None or end >= start else None


def _staged(
    best: Mapping[tuple[str, str], tuple[int, dict[str, Any]]], units: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    for (role, number), (person, row) in best.items():
        start, end = _period(row)
        level = _LEVELS.get(row.get("level") or "", "3" if role == "undergraduate" else "2")
        yield (
            person, role, number[:20], units.get(row.get("org_code") or ""), start, end, level,
            row.get("grade_year"), row.get("major_code") or "", row.get("exam_no") or "", (row.get("dorm_bed") or "")[:30],
            row.get("title_code") or "",
        )  # fmt: skip


def _affiliations() -> None:
    fields = "person_id, org_unit_id, valid_from, valid_to"
    execute(
        f"""INSERT INTO people_affiliation (role, number, {fields}, created_at, updated_at)
        SELECT role, number, {fields}, now(), now() FROM run_role
        ON CONFLICT (role, number) WHERE number <> '' DO UPDATE SET person_id = excluded.person_id,
            org_unit_id = excluded.org_unit_id, valid_from = excluded.valid_from, valid_to = excluded.valid_to, updated_at = now()
        WHERE (people_affiliation.person_id, people_affiliation.org_unit_id, people_affiliation.valid_from, people_affiliation.valid_to)
              IS DISTINCT FROM (excluded.person_id, excluded.org_unit_id, excluded.valid_from, excluded.valid_to)"""
    )


def _students() -> None:
    """Only enrolments whose department is known: master data demands one."""
    execute(
        """INSERT INTO masterdata_student AS s (number, person_id, department_id, grade, level, status, exam_number, enrolled_on,
                                                left_on, bed, programme_id, created_at, updated_at)
        SELECT r.number, r.person_id, r.org_unit_id, r.grade, r.level, CASE WHEN r.valid_to IS NULL THEN '01' ELSE '07' END,
               left(r.exam_no, 14), r.valid_from, r.valid_to, r.bed, p.id, now(), now()
        FROM run_role r LEFT JOIN LATERAL (SELECT id FROM masterdata_programme m
            WHERE r.major IN (m.code, m.catalogue_code) ORDER BY m.id LIMIT 1) p ON true
        WHERE r.role IN ('undergraduate', 'postgraduate') AND r.org_unit_id IS NOT NULL
        ON CONFLICT (number) DO UPDATE SET person_id = excluded.person_id, department_id = excluded.department_id,
            grade = excluded.grade, exam_number = excluded.exam_number, enrolled_on = excluded.enrolled_on,
            left_on = excluded.left_on, bed = excluded.bed, programme_id = coalesce(excluded.programme_id, s.programme_id),
            updated_at = now()
        WHERE (s.person_id, s.department_id, s.grade, s.exam_number, s.enrolled_on, s.left_on, s.bed)
              IS DISTINCT FROM (excluded.person_id, excluded.department_id, excluded.grade, excluded.exam_number,
                                excluded.enrolled_on, excluded.left_on, excluded.bed)"""
    )


def _staff() -> None:
    execute(
        """INSERT INTO masterdata_staffmember AS s (number, person_id, department_id, kind, title, post, status, entered_on, left_on,
                                                    created_at, updated_at)
        SELECT DISTINCT ON (r.number) r.number, r.person_id, r.org_unit_id, '', r.title, '',
               CASE WHEN r.role = 'retired' THEN 'retired' ELSE 'active' END, r.valid_from, r.valid_to, now(), now()
        FROM run_role r WHERE r.role IN ('staff', 'retired') AND r.org_unit_id IS NOT NULL ORDER BY r.number, r.role
        ON CONFLICT (number) DO UPDATE SET person_id = excluded.person_id, department_id = excluded.department_id,
            title = excluded.title, status = excluded.status, entered_on = excluded.entered_on, left_on = excluded.left_on,
            updated_at = now()
        WHERE (s.person_id, s.department_id, s.title, s.status, s.entered_on, s.left_on)
              IS DISTINCT FROM (excluded.person_id, excluded.department_id, excluded.title, excluded.status,
                                excluded.entered_on, excluded.left_on)"""
    )
