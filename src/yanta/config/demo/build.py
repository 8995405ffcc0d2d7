"""Building the demo school, step by step, with progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path

from django.apps import apps
from django.db import connection, transaction

from yanta.config.demo import accounts, crowd, school
from yanta.config.demo.names import People
from yanta.hub.services import runs
from yanta.kernel import search
from yanta.kernel.base import Actor, KernelConfig, Refused
from yanta.kernel.codes import service as codes
from yanta.kernel.identity.opening import open_missing_accounts
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata import services

SEED = 1958


@dataclass(frozen=True, slots=True)
class Size:
    students: int
    staff: int
    places: float


SIZES = {"small": Size(2_000, 240, 0.3), "university": Size(20_000, 1_800, 1.0)}
Report = Callable[[int, int, str], None]


def build(size: str, *, today: date, report: Report = lambda done, total, text: None) -> dict[str, int]:
    """Fill an empty database with the demo school; answers how many of what. Refused when there is a school already."""
    if OrgUnit.objects.exists():
        raise Refused("数据库里已经有学校，演示数据只能装进空库")
    wanted, made, people = SIZES[size], school.School(), crowd.Crowd()
    draw = People(SEED, [code for code, _ in codes.choices("GBT2260_XZQH") if not code.endswith("00")])
    grades = [today.year - back - (0 if today.month >= 8 else 1) for back in (3, 2, 1, 0)]
    steps: list[tuple[str, Callable[[], None]]] = [
        ("组织机构与沿革", lambda: school.build_units(made)),
        ("校区、楼宇与房间", lambda: school.build_places(made, draw, scale=wanted.places)),
        ("学期与校历", lambda: school.build_calendar(made, today=today)),
        ("专业", lambda: school.build_programmes(made)),
        ("课程", lambda: school.build_courses(made, draw)),
        ("教职工", lambda: crowd.build_staff(made, people, draw, count=wanted.staff)),
        ("行政班", lambda: crowd.build_classes(made, people, grades=grades, students=wanted.students)),
        ("学生", lambda: crowd.build_students(made, people, draw, count=wanted.students)),
        ("账号与权限", lambda: accounts.build_accounts(made, people)),
        ("各业务系统的样例", lambda: _fill_systems(today)),
    ]
    with transaction.atomic():
        for number, (title, step) in enumerate(steps):
            report(number, len(steps), title)
            step()
    report(len(steps), len(steps), "名册")
    take_in_rosters(report)
    open_missing_accounts()
    accounts.open_roster_guests()
    services.follow_facts(on=today)
    _fill_systems(today, "settle")
    search.reindex(progress=report)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"students": len(people.students), "staff": len(people.staff), "units": len(made.units)}


def _fill_systems(today: date, verb: str = "fill") -> None:
    """Each system or package of the kernel may bring a `demo.py`: `fill(today)` adds plausible business, `settle(today)` comes when all is there."""
    for config in apps.get_app_configs():
        if isinstance(config, KernelConfig) and find_spec(f"{config.name}.demo"):
            getattr(import_module(f"{config.name}.demo"), verb, _nothing)(today)


def _nothing(today: date) -> None:
    """A system that has nothing to do at this step."""


def take_in_rosters(report: Report) -> None:
    """The files of eleven departments as a data run already done, with its work lists and receipt."""
    folder = files("yanta.hub").joinpath("samples", "rosters")
    with as_file(folder) as path:
        runs.intake(Path(path), actor=Actor.system("demo"), accept_mapping=True, step=report)
