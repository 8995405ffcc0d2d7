"""The school itself: units, campuses, buildings, rooms, terms, programmes, courses, classes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from yanta.config.demo.names import People
from yanta.kernel.base.bulk import copy_in, new_ids
from yanta.kernel.organisation.models import OrgChange, OrgSuccession, OrgUnit, OrgUnitSpell
from yanta.masterdata.models import Building, CalendarEvent, Campus, Course, Programme, Room, Term

SCHOOL = "雁塔科技大学"
FOUNDED = date(1958, 9, 1)
KINDS = {
    "学院": "college",
    "机关": "office",
    "直属单位": "support",
    "科室": "office",
    "系（教研室）": "section",
}
ROMAN = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
COURSE_ENDINGS = (
    "导论",
    "原理",
    "基础",
    "实验",
    "方法",
    "设计",
    "前沿",
    "实践",
    "概论",
    "专题",
    "分析",
    "应用",
)
COMMON_COURSES = (
    "高等数学", "线性代数", "概率论与数理统计", "大学物理", "大学物理实验", "大学英语", "思想道德与法治", "中国近现代史纲要",
    "马克思主义基本原理", "体育", "大学计算机基础", "程序设计基础", "工程制图", "军事理论", "大学生心理健康", "职业生涯规划",
)  # fmt: skip


def reference(name: str) -> list[dict[str, str]]:
    """One of the sample school's public tables."""
    source = files("yanta.hub").joinpath("samples", "rosters", "reference", f"{name}.csv")
    with source.open(encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


@dataclass(slots=True)
class School:
    """What has been built so far, by the names that later parts look it up with."""

    units: dict[str, OrgUnit] = field(default_factory=dict)
    campuses: dict[str, Campus] = field(default_factory=dict)
    rooms: list[tuple[int, str, int]] = field(default_factory=list)
    beds: list[tuple[str, str]] = field(default_factory=list)
    programmes: list[Programme] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)

    @property
    def colleges(self) -> list[OrgUnit]:
        """Colleges that run programmes, in the order of their codes."""
        running = {programme.department_id for programme in self.programmes}
        return [unit for unit in self.units.values() if unit.pk in running]

    def named(self, alias: str) -> OrgUnit:
        return next(unit for unit in self.units.values() if alias in unit.names)


def build_units(school: School) -> None:
    """The tree, each unit with its history."""
    root = OrgUnit.add_root(
        code="10000", name=SCHOOL, short_name="雁塔科大", kind=OrgUnit.Kind.SCHOOL, valid_from=FOUNDED
    )
    school.units["10000"] = root
    rows = reference("代码_单位")
    for row in sorted(rows, key=lambda row: (bool(row["上级单位码"]), row["单位码"])):
        parent = school.units[row["上级单位码"] or "10000"]
        short, *others = row["简称"].split("、")
        school.units[row["单位码"]] = OrgUnit.objects.get(pk=parent.pk).add_child(
            code=row["单位码"], name=row["单位名称"], short_name=short, aliases="、".join(others),
            kind=KINDS[row["类别"]], valid_from=FOUNDED,
        )  # fmt: skip
    school.units = {code: OrgUnit.objects.get(pk=unit.pk) for code, unit in school.units.items()}
    _build_history(school, root)


def _build_history(school: School, root: OrgUnit) -> None:
    """Former units stay, ended, with those that carry them on; today's begin where their last forerunner ends."""
    began: dict[str, date] = {}
    former: dict[str, OrgUnit] = {}
    for row in reference("代码_单位沿革"):
        heir, until = school.units[row["现单位码"]], date(int(row["停用年"]), 9, 1)
        if row["旧代码"] not in former:
            former[row["旧代码"]] = _former_unit(row, heir.kind, root, until)
        began[heir.code] = max(began.get(heir.code, FOUNDED), until)
        _succeeded(former[row["旧代码"]], heir, until, row["方式"])
    OrgUnitSpell.objects.bulk_create(
        OrgUnitSpell(
            unit=unit, name=unit.name, short_name=unit.short_name, parent=unit.get_parent(),
            valid_from=began.get(code, FOUNDED),
        )
        for code, unit in school.units.items()
    )  # fmt: skip


def _former_unit(row: dict[str, str], kind: str, root: OrgUnit, until: date) -> OrgUnit:
    since = date(int(row["启用年"]), 9, 1)
    unit: OrgUnit = OrgUnit.objects.get(pk=root.pk).add_child(
        code=f"H{row['旧代码']}", name=row["旧名称"], kind=kind, valid_from=since, valid_to=until
    )
    OrgUnitSpell.objects.create(unit=unit, name=unit.name, parent=root, valid_from=since, valid_to=until)
    return unit


def _succeeded(former: OrgUnit, heir: OrgUnit, on: date, manner: str) -> None:
    words = {"更名": "更名为", "合并": "并入", "拆分": "拆分出"}
    kinds = {"更名": OrgChange.Kind.RENAMED, "合并": OrgChange.Kind.MERGED, "拆分": OrgChange.Kind.SPLIT}
    kind = kinds.get(manner, OrgChange.Kind.MERGED)
    summary = f"{former.name}{words.get(manner, '调整为')}{heir.name}"
    change = OrgChange.objects.create(kind=kind, decided_on=on, summary=summary)
    OrgSuccession.objects.create(change=change, predecessor=former, successor=heir)


def build_places(school: School, draw: People, *, scale: float) -> None:
    """Four campuses with teaching buildings, laboratories, halls of residence."""
    for row in reference("代码_校区"):
        school.campuses[row["校区码"]] = Campus.objects.create(
            code=row["校区码"], name=row["名称"], address=f"西安市雁塔科技大学{row['名称']}"
        )
    plans = [("教学楼", "11", "J", 4, 6), ("实验楼", "13", "S", 2, 6), ("学生公寓", "21", "G", 6, 6)]
    for code, campus in school.campuses.items():
        for title, use, letter, count, floors in plans:
            for number in range(1, max(2, round(count * scale)) + 1):
                building = Building.objects.create(
                    code=f"{code}{letter}{number:02d}", name=f"{ROMAN[number - 1]}号{title}", campus=campus,
                    kind=use, floors=floors, area=draw.number(6, 24) * 1000, built_in=draw.number(1986, 2022),
                )  # fmt: skip
                copy_in(Room, ROOM_COLUMNS, _rooms_of(school, building, letter, floors, draw))


ROOM_COLUMNS = (
    "id",
    "number",
    "name",
    "building_id",
    "floor",
    "use",
    "seats",
    "area",
    "unit_id",
    "is_bookable",
)
SEATS = (30, 45, 60, 60, 90, 120, 150, 200)


def _rooms_of(
    school: School, building: Building, letter: str, floors: int, draw: People
) -> Iterator[tuple[Any, ...]]:
    per_floor = 24 if letter == "G" else 12
    ids = iter(new_ids(Room, per_floor * floors))
    for floor in range(1, floors + 1):
        for door in range(1, per_floor + 1):
            number, key = f"{building.code}-{floor}{door:02d}", next(ids)
            if letter == "G":
                school.beds.extend((number, f"{number}-{bed}") for bed in range(1, 5))
                yield key, number, f"{floor}{door:02d} 宿舍", building.pk, floor, "311", 4, 24, None, False
                continue
            seats = SEATS[draw.number(0, 7)] if letter == "J" else 40
            title, use = ("教室", "111") if letter == "J" else ("实验室", "121")
            school.rooms.append((key, number, seats))
            yield (
                key,
                number,
                f"{floor}{door:02d} {title}",
                building.pk,
                floor,
                use,
                seats,
                seats * 1.6,
                None,
                letter == "J",
            )


def build_calendar(school: School, *, today: date) -> None:
    """Three academic years, the present term with its holidays."""
    first = today.year - 2 if today.month >= 8 else today.year - 3
    for year in range(first, first + 3):
        for half, start in (("1", _monday(date(year, 9, 1))), ("2", _monday(date(year + 1, 2, 24)))):
            name = f"{year}-{year + 1} 学年第{ROMAN[int(half) - 1]}学期"
            school.terms.append(
                Term.objects.create(
                    code=f"{year}-{year + 1}-{half}", name=name, academic_year=f"{year}-{year + 1}", half=half,
                    starts_on=start, ends_on=start + timedelta(days=20 * 7 - 1), teaching_weeks=18,
                )
            )  # fmt: skip
    for term in school.terms:
        _holidays(term)


def _holidays(term: Term) -> None:
    year = term.starts_on.year
    autumn = [
        ("国庆节", "holiday", date(year, 10, 1), date(year, 10, 7), None),
        ("校运动会", "event", date(year, 10, 29), date(year, 10, 30), None),
    ]
    spring = [
        ("清明节", "holiday", date(year, 4, 4), date(year, 4, 6), None),
        ("劳动节", "holiday", date(year, 5, 1), date(year, 5, 5), None),
    ]
    exam_start = term.starts_on + timedelta(weeks=term.teaching_weeks)
    exams = [("期末考试周", "exam", exam_start, exam_start + timedelta(days=13), None)]
    CalendarEvent.objects.bulk_create(
        CalendarEvent(term=term, name=name, kind=kind, starts_on=since, ends_on=until, follows_on=follows)
        for name, kind, since, until, follows in (autumn if term.half == "1" else spring) + exams
    )


def _monday(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def build_programmes(school: School) -> None:
    """Sixty undergraduate programmes under their real catalogue codes."""
    rows = [(r["校内专业码"], r["专业代码"], r["专业名称"], r["学院码"]) for r in reference("代码_专业")]
    rows.append(("0606", "080905", "物联网工程", "10600"))
    for code, catalogue, name, college in sorted(rows):
        years = 5 if name in ("建筑学", "城乡规划") else 4
        school.programmes.append(
            Programme.objects.create(
                code=code,
                catalogue_code=catalogue,
                name=name,
                department=school.units[college],
                level="3",
                years=years,
            )
        )


def build_courses(school: School, draw: People) -> None:
    """Common courses of the school, and a dozen for every programme."""
    teaching = school.named("教务处")
    rows: list[tuple[Any, ...]] = []
    for number, name in enumerate(COMMON_COURSES, start=1):
        rows.append(
            (f"G{number:05d}", name, teaching.pk, 2 + number % 4, 32 + 16 * (number % 4), "1", "1", "", True)
        )
    for programme in school.programmes:
        rows.extend(_courses_of(programme, draw))
    copy_in(Course, COURSE_COLUMNS, rows)


COURSE_COLUMNS = (
    "code",
    "name",
    "department_id",
    "credits",
    "hours",
    "kind",
    "nature",
    "english_name",
    "is_open",
)


def _courses_of(programme: Programme, draw: People) -> Iterator[tuple[Any, ...]]:
    stem = programme.name.removesuffix("工程").removesuffix("学")[:12]
    for number, ending in enumerate(COURSE_ENDINGS, start=1):
        points = draw.number(2, 8) / 2
        kind, nature = "3" if ending in ("实验", "实践") else "1", "1" if number <= 8 else "3"
        code = f"Z{programme.code}{number:02d}"
        yield (
            code,
            f"{stem}{ending}",
            programme.department_id,
            points,
            int(points * 16),
            kind,
            nature,
            "",
            True,
        )
