"""The year's trips in the demo school, and the standards as the finance department publishes them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from yanta.kernel.base.bulk import copy_in
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.workflow.demo import hand_in
from yanta.masterdata.models import StaffMember
from yanta.systems.trips import rules, services
from yanta.systems.trips.models import Allowance, Trip

SOURCE = "样例：照财行〔2013〕531号、财行〔2016〕71号整理，以财务处发布的为准"
PLACES = (
    ("北京市", 1100, 650, 500), ("上海市", 1100, 600, 500), ("天津市", 800, 480, 380), ("重庆市", 800, 480, 370), ("南京市", 900, 490, 380),
    ("杭州市", 900, 500, 400), ("广州市", 900, 550, 450), ("深圳市", 900, 550, 450), ("西安市", 800, 460, 350), ("成都市", 900, 470, 370),
    ("武汉市", 800, 480, 350), ("长沙市", 800, 450, 350), ("兰州市", 800, 470, 350), ("昆明市", 900, 480, 380), ("乌鲁木齐市", 800, 480, 350),
    ("哈尔滨市", 800, 450, 350), ("拉萨市", 800, 500, 350), ("石家庄市", 800, 450, 350), ("太原市", 800, 480, 350), ("呼和浩特市", 800, 460, 350),
    ("沈阳市", 800, 480, 350), ("大连市", 800, 490, 350), ("长春市", 800, 450, 350), ("合肥市", 800, 460, 350), ("福州市", 900, 480, 380),
    ("厦门市", 900, 500, 400), ("南昌市", 800, 470, 350), ("济南市", 800, 480, 380), ("青岛市", 800, 490, 380), ("郑州市", 900, 480, 380),
    ("南宁市", 800, 470, 350), ("海口市", 800, 500, 350), ("贵阳市", 800, 470, 370), ("西宁市", 800, 500, 350), ("银川市", 800, 470, 350),
)  # fmt: skip
DEARER_MEALS = {"拉萨市", "西宁市", "乌鲁木齐市"}
CASES = (
    ("meeting", "参加中国计算机大会并作报告", "会议中心"), ("research", "赴合作单位做联合实验", "研究院实验楼"), ("teaching", "带毕业班实习", "实习基地"),
    ("training", "参加高校教师研修班", "培训中心"), ("work", "参加教育部工作会议", "会议酒店"), ("meeting", "参加国家自然科学基金项目交流会", "会议酒店"),
)  # fmt: skip
BUDGETS = ("学院运行经费", "国家自然科学基金 6237XXXX", "横向项目 H2026-118", "双一流建设经费")
TRIP = (
    "traveller_id", "department_id", "kind", "purpose", "allowance_id", "country", "place", "starts_on", "ends_on", "transport", "fare",
    "companions", "budget", "advance", "handover", "level", "estimate", "clashes", "status", "opinion", "decided_by", "returned_on",
    "spent", "report",
)  # fmt: skip
COUNT = 320


def fill(today: date) -> None:
    """Each of the chosen staff members travels once."""
    draw = random.Random(41)  # noqa: S311 - reproducible sample data
    columns = ("place", "months", "first", "second", "third", "meals", "transport", "source")
    copy_in(
        Allowance,
        columns,
        [(name, "", *lodging, 120 if name in DEARER_MEALS else 100, 80, SOURCE) for name, *lodging in PLACES],
    )
    staff = (
        StaffMember.objects.filter(status="active")
        .order_by("pk")
        .values_list("person_id", "department_id", "title", "post")
    )
    allowances = list(Allowance.objects.all())
    chosen = draw.sample(list(staff), min(len(staff), COUNT))
    copy_in(Trip, TRIP, [_trip(draw, one, draw.choice(allowances[:16]), today) for one in chosen])


def _trip(draw: random.Random, who: tuple[int, int, str, str], to: Allowance, today: date) -> tuple[Any, ...]:
    kind, purpose, hall = draw.choice(CASES)
    begin = today + timedelta(
        days=draw.choice((draw.randrange(-300, -8), draw.randrange(-300, -8), draw.randrange(-6, 20)))
    )
    days, fare = draw.randrange(2, 6), Decimal(draw.choice((430, 780, 1160, 1900)))
    level = rules.level_of(title=who[2], post=who[3])
    rates = rules.Rates(to.first, to.second, to.third, to.meals, to.transport)
    estimate = rules.estimate(rates, level=level, days=days, fare=fare)
    end = begin + timedelta(days=days - 1)
    done = end < today - timedelta(days=4)
    return (
        who[0], who[1], kind, purpose, to.pk, "", f"{to.place}{hall}", begin, end, "train" if fare < 1000 else "plane", fare, "",
        draw.choice(BUDGETS), Decimal(0), "课已与同事调好", level, estimate, 0, "reported" if done else "granted", "同意", "单位负责人",
        end if done else None, estimate - Decimal(draw.randrange(0, 400)) if done else None, "按计划完成。" if done else "",
    )  # fmt: skip


def settle(today: date) -> None:
    """Six trips of one college go through the process; the dear ones wait for the school."""
    college = OrgUnit.objects.filter(name="计算机科学与技术学院").first()
    staff = StaffMember.objects.filter(
        status="active", department__path__startswith=college.path if college else ""
    )
    idle = (
        staff.exclude(person__in=Trip.objects.values("traveller"))
        .select_related("person", "department")
        .order_by("pk")
    )
    beijing = Allowance.objects.filter(place="北京市").first()
    if beijing is None:
        return
    for turn, one in enumerate(idle[:6]):
        begin, days = today + timedelta(days=5 + turn), 3 + turn % 2 * 5
        level = rules.level_of(title=one.title, post=one.post)
        rates = rules.Rates(beijing.first, beijing.second, beijing.third, beijing.meals, beijing.transport)
        kind, purpose, hall = CASES[turn % len(CASES)]
        trip = Trip.objects.create(
            traveller=one.person, department=one.department, kind=kind, purpose=purpose, allowance=beijing, place=f"北京市{hall}",
            starts_on=begin, ends_on=begin + timedelta(days=days - 1), fare=Decimal(1030), budget=BUDGETS[turn % 4], level=level,
            estimate=rules.estimate(rates, level=level, days=days, fare=Decimal(1030)), handover="课已与同事调好",
        )  # fmt: skip
        hand_in(services.PROCESS, trip, steps=turn % 2)
