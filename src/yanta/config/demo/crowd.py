"""The people of the school: staff, classes, students, each with an account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, islice
from typing import Any

from yanta.config.demo.names import People, pinyin
from yanta.config.demo.school import School
from yanta.kernel.base.bulk import copy_in, new_ids
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Affiliation, Person
from yanta.kernel.people.services import new_person_numbers
from yanta.masterdata.models import AdminClass, StaffMember, Student

CLASS_SIZE = 32
# The rosters of the sample school use the lower class numbers; both live in one school.
FIRST_CLASS = 21
PERSON_COLUMNS = (
    "id", "number", "name", "sort_name", "sex", "birth_on", "id_type", "id_number", "nationality", "ethnic",
    "political_status", "native_place", "phone", "email", "home_unit_id", "former_name", "latin_name",
)  # fmt: skip
STAFF_COLUMNS = (
    "id",
    "number",
    "person_id",
    "department_id",
    "kind",
    "title",
    "post",
    "status",
    "entered_on",
)
STUDENT_COLUMNS = (
    "id", "number", "person_id", "department_id", "programme_id", "admin_class_id", "grade", "level", "status",
    "exam_number", "enrolled_on", "bed",
)  # fmt: skip
ROLE_COLUMNS = ("person_id", "role", "org_unit_id", "number", "valid_from")
TITLES = ("011", "012", "012", "013", "013", "013", "014")
OFFICE_POSTS = ("处长", "副处长", "科长", "科员", "科员", "科员", "科员")


@dataclass(slots=True)
class Member:
    """One staff member to be, with what the rest of the demo asks about."""

    person_id: int
    staff_id: int
    name: str
    number: str
    unit: OrgUnit
    post: str


@dataclass(slots=True)
class Crowd:
    staff: list[Member] = field(default_factory=list)
    classes: list[AdminClass] = field(default_factory=list)
    students: list[tuple[int, int, str, str, AdminClass]] = field(default_factory=list)


def _person(
    draw: People, key: int, number: str, *, sex: str, birth_year: int, unit_id: int, young: bool
) -> tuple[Any, ...]:
    name, division, born = draw.name(sex), draw.division(), draw.birthday(birth_year)
    return (
        key, number, name, pinyin(name), sex, born, "1", draw.identity_number(division, born, sex), "CHN",
        draw.ethnic(), draw.political(young), division, draw.phone(), "", unit_id, "", "",
    )  # fmt: skip


def build_staff(school: School, crowd: Crowd, draw: People, *, count: int) -> None:
    """Two thirds teach in the colleges, the rest work in the departments."""
    people, numbers, staff = new_ids(Person, count), new_person_numbers(count), new_ids(StaffMember, count)
    rows, jobs, roles = [], [], []
    for position, (unit, post) in enumerate(_places(school, count)):
        age = draw.number(25, 59)
        row = _person(
            draw,
            people[position],
            numbers[position],
            sex=draw.sex(),
            birth_year=2026 - age,
            unit_id=unit.pk,
            young=False,
        )
        member = Member(people[position], staff[position], row[2], f"{60000 + position:05d}", unit, post)
        crowd.staff.append(member)
        rows.append((*row[:13], f"t{member.number}@yanta.example", *row[14:]))
        entered = date(max(1990, 2026 - age + 25), 7, 1)
        kind, title = ("13", "") if post else ("11", draw.one_of(list(TITLES)))
        jobs.append(
            (member.staff_id, member.number, member.person_id, unit.pk, kind, title, post, "active", entered)
        )
        roles.append((member.person_id, "staff", unit.pk, member.number, entered))
    copy_in(Person, PERSON_COLUMNS, rows)
    copy_in(StaffMember, STAFF_COLUMNS, jobs)
    copy_in(Affiliation, ROLE_COLUMNS, roles)


def _places(school: School, count: int) -> Iterator[tuple[OrgUnit, str]]:
    """Where each member works, with the post in an office; teachers have none."""
    sections = [
        unit for unit in school.units.values() if unit.kind in ("section", "college") and unit.code < "20000"
    ]
    offices = [unit for unit in school.units.values() if unit.code >= "20000"]
    teachers = count * 2 // 3
    for unit in islice(cycle(sections), teachers):
        yield unit, ""
    for position, unit in enumerate(islice(cycle(offices), count - teachers)):
        yield unit, OFFICE_POSTS[position // len(offices) % len(OFFICE_POSTS)]


def build_classes(school: School, crowd: Crowd, *, grades: list[int], students: int) -> None:
    """Classes of about thirty, every college with its counsellors."""
    wanted = max(len(school.programmes), students // CLASS_SIZE)
    # Round after round over all programmes, so that the small school has every programme and every grade too.
    slots = cycle(
        (grades[(place + turn) % len(grades)], programme)
        for turn in range(len(grades))
        for place, programme in enumerate(school.programmes)
    )
    serial: dict[tuple[int, str], int] = defaultdict(lambda: FIRST_CLASS)
    # Freshmen are at home on the second campus.
    homes = list(school.campuses.values())[:2]
    for (grade, programme), _ in zip(slots, range(wanted), strict=False):
        number = serial[grade, programme.department.code]
        serial[grade, programme.department.code] += 1
        college = programme.department
        counsellors = _staff_below(crowd, college)
        crowd.classes.append(
            AdminClass(
                code=f"{grade}{college.code[1:3]}{number:02d}", name=f"{programme.name[:8]}{grade % 100}{number:02d}班",
                department=college, programme=programme, grade=grade, campus=homes[grade == max(grades)],
                counsellor_id=counsellors[number % len(counsellors)].staff_id if counsellors else None,
            )
        )  # fmt: skip
    crowd.classes = AdminClass.objects.bulk_create(crowd.classes, batch_size=500)


def _staff_below(crowd: Crowd, college: OrgUnit) -> list[Member]:
    return [member for member in crowd.staff if member.unit.path.startswith(college.path)][:8]


def build_students(school: School, crowd: Crowd, draw: People, *, count: int) -> None:
    """Students class by class, with a bed in the halls."""
    people, numbers, keys = new_ids(Person, count), new_person_numbers(count), new_ids(Student, count)
    beds = iter(school.beds)
    rows, studies, roles = [], [], []
    for position, (admin_class, seat) in enumerate(_seats(crowd.classes, count)):
        unit_id, grade, person_id = admin_class.department_id, admin_class.grade, people[position]
        row = _person(
            draw,
            person_id,
            numbers[position],
            sex=draw.sex(0.54),
            birth_year=grade - 18,
            unit_id=unit_id,
            young=True,
        )
        number, began = f"{admin_class.code}{seat:02d}", date(grade, 9, 1)
        rows.append((*row[:13], f"{number}@stu.yanta.example", *row[14:]))
        place = (unit_id, admin_class.programme_id, admin_class.pk, grade, "3")
        status, bed = "02" if draw.chance(0.006) else "01", next(beds, ("", ""))[1]
        studies.append((keys[position], number, person_id, *place, status, "", began, bed))
        roles.append((person_id, "undergraduate", unit_id, number, began))
        crowd.students.append((keys[position], person_id, row[2], number, admin_class))
    copy_in(Person, PERSON_COLUMNS, rows)
    copy_in(Student, STUDENT_COLUMNS, studies)
    copy_in(Affiliation, ROLE_COLUMNS, roles)


def _seats(classes: list[AdminClass], count: int) -> Iterator[tuple[AdminClass, int]]:
    """Every class filled evenly, seats from 1."""
    given = 0
    for seat in range(1, count + 1):
        for admin_class in classes:
            if given == count:
                return
            given += 1
            yield admin_class, seat
