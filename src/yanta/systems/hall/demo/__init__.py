"""Services that departments designed, a year of matters, and some under way in every state."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from yanta.kernel.base.bulk import copy_in, new_ids
from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Person
from yanta.kernel.workflow import demo
from yanta.masterdata.models import Student
from yanta.systems.hall.demo.designs import DESIGNS, MATERIALS, ROWS, ask
from yanta.systems.hall.models import Design, Matter, Rating, Version
from yanta.systems.hall.queries import designed
from yanta.systems.hall.rules import duties
from yanta.systems.hall.services import handing_in

SEED = 18
NAMESPACE = UUID(int=SEED)

# How a year went: key, matters, hours to the end, share returned or refused.
PAST = (
    ("card-reissue", 180, 9),
    ("medical-insurance", 90, 60),
    ("hardship", 70, 130),
    ("loan-defer", 40, 80),
    ("mailbox", 30, 20),
)
WORDS = {
    5: ("半天就拿到卡了", "一项都不用自己填，方便", ""), 4: ("挺快的", "", "流程清楚"), 3: ("还行", ""),
    2: ("等了三天没有消息，打电话才有人处理", "让我重复交学籍证明"), 1: ("窗口说系统里查不到我的申请",),
}  # fmt: skip
ANSWERS = "您反映的情况已核实，已安排专人每天上午清理待办，并对延误向您致歉。"


def fill(today: date) -> None:
    """The services, open since last year."""
    for key, title, unit, area, icon, guide, basis, words, who, days, process, questions in DESIGNS:
        parts = [
            {"title": "申请内容", "questions": list(questions)},
            *([ROWS] if key == "activity-fund" else []),
        ]
        design = Design.objects.create(
            key=key, title=title, area=area, department=handing_in.unit_named(unit), icon=icon, guide=guide, basis=basis, words=words,
            materials=MATERIALS.get(key, ""), students=who in ("both", "student"), staff=who in ("both", "staff"), days=days,
            by_others=key in ("hardship", "card-reissue", "loan-defer"), process=process, state=Design.State.OPEN, layout={"parts": parts},
        )  # fmt: skip
        Version.objects.create(
            design=design,
            number=1,
            layout=design.layout,
            note="首次发布",
            by_name="信息中心",
            published_at=_at(today - timedelta(days=380), 9),
        )
    Design.objects.create(
        key="lost-found", title="失物招领登记", area="后勤", department=handing_in.unit_named("保卫部（处）"), icon="umbrella",
        guide="捡到或丢失物品时登记。",
        days=1, students=True, staff=True, layout={"parts": [{"title": "登记", "questions": [ask("f1", "物品", required=True)]}]},
    )  # fmt: skip


def settle(today: date) -> None:
    """A year of matters that are over, and some under way."""
    draw = random.Random(SEED)
    _past(today, draw)
    _under_way()


def _at(day: date, hour: float) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(0))) + timedelta(hours=hour)


def _past(today: date, draw: random.Random) -> None:
    people = list(Student.objects.order_by("pk").values_list("person_id", flat=True)[:600])
    rows, ratings = [], []
    for key, count, hours in PAST:
        design = Design.objects.select_related("department").get(key=key)
        asked, saved = _weights(design)
        for matter_id in new_ids(Matter, count):
            day = today - timedelta(days=int(draw.triangular(2, 330, 40)))
            start = _at(day, draw.uniform(8, 21))
            took = timedelta(hours=max(0.4, draw.lognormvariate(0, 0.7) * hours))
            end = min(start + took, _at(today, 0))
            state = draw.choices(["done", "refused", "withdrawn"], (92, 5, 3))[0]
            rows.append((
                matter_id, f"{day:%Y%m%d}{matter_id:06d}", key, design.title, design.department_id, draw.choice(people), state,
                asked, saved, UUID(int=draw.getrandbits(128)), start, duties.working_days_after(day, design.days or 3), end, "", "", None,
                "{}",
            ))  # fmt: skip
            if state != "withdrawn" and draw.random() < 0.3:
                ratings.append(
                    _rating(matter_id, design, end, took.total_seconds() / 3600 / hours, draw, today)
                )
    copy_in(Matter, (
        "id", "number", "service", "title", "department_id", "applicant_id", "state", "asked", "saved", "token", "handed_in_at",
        "due_on", "ended_at", "opinion", "subject_type", "subject_id", "answers",
    ), rows)  # fmt: skip
    Rating.objects.bulk_create(ratings)


def _weights(design: Design) -> tuple[int, int]:
    questions = [
        one
        for part in design.layout["parts"]
        for one in part["questions"]
        if one["kind"] not in ("calc", "note")
    ]
    saved = sum(1 for one in questions if one.get("element"))
    return len(questions) - saved, saved


def _rating(
    matter_id: int, design: Design, end: datetime, slow: float, draw: random.Random, today: date
) -> Rating:
    stars = draw.choices([5, 4, 3, 2, 1], (60, 25, 8, 5, 2) if slow < 2 else (10, 20, 30, 25, 15))[0]
    day = min(timezone.localtime(end).date() + timedelta(days=1), today)
    due = duties.answer_due_on(stars, on=day)
    answered = due is not None and day < today - timedelta(days=9)
    return Rating(
        matter_id=matter_id, service=design.key, title=design.title, stars=stars, text=draw.choice(WORDS[stars]), rated_on=day,
        answer_due_on=due, answer=ANSWERS if answered else "", answered_by="经办人" if answered else "",
        answered_on=day + timedelta(days=draw.randrange(1, 7)) if answered else None,
    )  # fmt: skip


def _under_way() -> None:
    """The demo student's own and others', handed in and decided by the verbs themselves."""
    guest = Account.objects.filter(username="student").first()
    others = list(
        Account.objects.filter(person__in=Student.objects.values("person"))
        .exclude(username="student")
        .order_by("pk")[40:52]
    )
    for number, account in enumerate([*([guest] * 3 if guest else []), *others]):
        key, values = CASES[number % len(CASES)]
        _handed_in(account, key, values, JOURNEYS[number % len(JOURNEYS)])


CASES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("card-reissue", {"f1": "损坏", "f5": "东区一卡通中心", "f6": "芯片读不出来"}),
    ("medical-insurance", {"f1": "参保", "f7": "16800000001"}),
    ("hardship", {"f1": "父亲住院，家庭收入中断", "f2": "4", "f3": "2600", "f4": "650.00"}),
    ("card-reissue", {"f1": "遗失", "f2": "2026-11-18", "f3": True, "f5": "西区一卡通中心", "f6": None}),
)
RETURN, REFUSE = ("return", "请补充家庭情况说明"), ("refuse", "不符合补助条件，已电话说明")
APPROVE = ("approve", "同意")
JOURNEYS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (RETURN,),
    (APPROVE, APPROVE),
    (APPROVE,),
    (REFUSE,),
    (),
)


def _handed_in(account: Account, key: str, values: dict[str, Any], verbs: Sequence[tuple[str, str]]) -> None:
    """On a day of the last weeks, with the time that people take."""
    version = designed.version_in_force(key)
    if version is None:
        raise LookupError(key)
    applicant = Person.objects.get(pk=account.person_id)
    service = designed.service_of(version.design)
    matter = handing_in.blank(service, applicant=applicant, at=timezone.now())
    begun = demo.moments_of(matter, len(verbs))[0]
    matter.number, matter.handed_in_at = f"{begun:%Y%m%d}{matter.pk:06d}", begun
    matter.due_on = duties.working_days_after(begun.date(), service.days) if service.days else None
    matter.token, matter.version = uuid5(NAMESPACE, f"{account.pk} {key}"), version
    matter.asked, matter.saved = _weights(version.design)
    matter.answers = {
        "values": {**values, "f90": applicant.name},
        "sources": {"f90": {"element": "person.name", "owner": "人事处"}},
    }
    matter.save(force_insert=True)
    instance = demo.hand_in(service.process or "hall.handling", matter, verbs=verbs)
    Matter.objects.filter(pk=matter.pk).update(instance=instance, ended_at=instance.ended_at)
