"""Two years of figures for the demo school, some questions, and one number that the school said differently elsewhere.

The past is made up, from today's true figures backwards and always the same; each made-up day says so in its receipt.
"""

from __future__ import annotations

import calendar
import json
import math
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Count
from django.utils import timezone

from yanta.hub.warehouse import boards, clocks, shapes
from yanta.hub.warehouse.models import (
    Board,
    Computation,
    Indicator,
    IndicatorValue,
    IndicatorVersion,
    PublishedFigure,
    Question,
    QuestionVersion,
)
from yanta.hub.warehouse.services import comparing, figures
from yanta.kernel.base import Actor
from yanta.kernel.base.bulk import copy_in
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit

MONTHS, DAYS = 24, 12
NOTE = "演示数据：由今天的真实数字按固定走势倒推"
COLUMNS = ("indicator_id", "version_id", "unit_id", "clock", "on", "value", "parts", "computation_id")
STUDYING = {"all": [{"field": "status", "is": "eq", "value": "01"}]}


def settle(today: date) -> None:
    """Called when the school is whole."""
    figures.record(today, actor=Actor.system("demo"))
    _past(today)
    _change_of_meaning(today)
    _published(today)
    _questions()
    _board()
    comparing.compare(on=today)


def _past(today: date) -> None:
    days = sorted(_days(today))
    at = timezone.make_aware(datetime.combine(today, time(2, 30)))
    receipts = {
        on: Computation(on=on, clock=clocks.NOW, started_at=at, ended_at=at, note=NOTE, asked_by="演示")
        for on in days
    }
    Computation.objects.bulk_create(receipts.values())
    IndicatorVersion.objects.filter(number=1).update(valid_from=today - timedelta(days=3 * 365))
    copy_in(IndicatorValue, COLUMNS, _values(today, receipts))
    counted = (
        IndicatorValue.objects.filter(computation__in=receipts.values())
        .order_by()
        .values_list("computation")
        .annotate(n=Count("pk"))
    )
    made, indicators = dict(counted), Indicator.objects.count()
    for receipt in receipts.values():
        receipt.values_read = receipt.values_new = made.get(receipt.pk, 0)
        receipt.indicators = indicators
    Computation.objects.bulk_update(receipts.values(), ["values_read", "values_new", "indicators"])


def _days(today: date) -> Iterator[date]:
    yield from (today - timedelta(days=back) for back in range(1, DAYS))
    year, month = today.year, today.month
    for _ in range(MONTHS):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        end = date(year, month, calendar.monthrange(year, month)[1])
        if end < today - timedelta(days=DAYS - 1):
            yield end


def _values(today: date, receipts: dict[date, Computation]) -> Iterator[tuple[Any, ...]]:
    """The parts wander, the figure follows from them by its own formula."""
    kept = IndicatorValue.objects.filter(
        clock=clocks.NOW, on=today, unit__depth__lte=2, unit__valid_to=None
    ).exclude(value=None)
    kept = kept.filter(unit__kind__in=[OrgUnit.Kind.SCHOOL, OrgUnit.Kind.COLLEGE]).select_related("version")
    formulas = {one.pk: shapes.read(one.parts, one.expression) for one in IndicatorVersion.objects.all()}
    for row in kept.order_by("pk"):
        formula = formulas[row.version_id]
        if formula.others:
            continue
        for on, receipt in receipts.items():
            parts = {
                name: _then(row, name, formula.pieces[name].subject_name, (today - on).days)
                for name in formula.pieces
            }
            value = formula.expression.of({name: Decimal(str(number)) for name, number in parts.items()})
            if value is not None:
                rounded = value.quantize(Decimal("0.000001"))
                yield (
                    row.indicator_id,
                    row.version_id,
                    row.unit_id,
                    clocks.NOW,
                    on,
                    rounded,
                    json.dumps(parts),
                    receipt.pk,
                )


GROWTH = {"student": 0.035, "staff_member": 0.018, "asset": 0.07, "room": 0.01, "building": 0.004}


@cache
def _wobble(unit_id: int, of: str, month: int) -> float:
    draw = random.Random(f"{unit_id} {of} {month}")  # noqa: S311 - the same school every time
    return (draw.random() - 0.5) * 0.012


def _then(row: IndicatorValue, name: str, subject: str, back: int) -> int:
    """A part so many days ago: less by the subject's growth, with the same wobble for the same month."""
    number = float(row.parts.get(name) or 0)
    wobble = _wobble(row.unit_id, f"{subject} {name}", back // 30) * min(1, back / 60)
    factor = 1 - GROWTH.get(subject, 0.01) * back / 365 + wobble
    return math.ceil(max(0.0, number * factor))


def _change_of_meaning(today: date) -> None:
    """One formula that was another a year ago."""
    current = IndicatorVersion.objects.filter(indicator__code="student.gone", valid_to=None).first()
    if current is None:
        return
    changed_on = date(today.year - (today.month < 9), 9, 1)
    before = {
        **current.parts,
        "n": {**current.parts["n"], "where": {"field": "status", "is": "in", "value": ["02", "03"]}},
    }
    current.number, current.valid_from = 2, changed_on
    current.reason = "增计停学、流失、开除"
    current.save()
    IndicatorVersion.objects.create(
        indicator=current.indicator, number=1, parts=before, expression=current.expression, reason="随系统提供", made_by="系统",
        valid_from=changed_on - timedelta(days=2 * 365), valid_to=changed_on,
    )  # fmt: skip


def _published(today: date) -> None:
    """One number that agrees, one that does not."""
    root = OrgUnit.objects.get(depth=1)
    for code, place, off in (
        ("programme.count", "学校简介网页", 0),
        ("student.count", "2026 年招生宣传册", 138),
    ):
        indicator = Indicator.objects.get(code=code)
        value = IndicatorValue.objects.get(
            indicator=indicator, unit=root, clock=clocks.NOW, on=today
        ).value or Decimal(0)
        figure = PublishedFigure.objects.create(
            indicator=indicator, value=value + off, place=place, published_on=today - timedelta(days=60)
        )
        comparing.same_as_published(figure)


SENIOR_TEACHERS = {"all": [
    {"field": "status", "is": "eq", "value": "active"}, {"field": "title", "is": "in", "value": ["011", "012"]},
]}  # fmt: skip
SUSPENDED = {"all": [{"field": "status", "is": "in", "value": ["02", "04"]}]}
DEAR = {"all": [{"field": "price", "is": "ge", "value": 100000}]}
STUDENT_COLUMNS = ["number", "name", "department_name", "grade", "level", "status"]
QUESTIONS: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    ("registry", "在读学生：学院 × 年级 × 性别", "clerk", "weekly",
     {"subject": "student", "where": STUDYING, "rows": ["department", "grade"], "columns": ["sex"], "measures": ["count"]}),
    ("registry", "休学学生名单", "", "daily", {"subject": "student", "fields": STUDENT_COLUMNS, "where": SUSPENDED}),
    ("hr", "高级职务教师：部门 × 职务", "head", "",
     {"subject": "staff_member", "where": SENIOR_TEACHERS, "rows": ["department"], "columns": ["title"], "measures": ["count"]}),
    ("assets", "十万元以上设备", "", "",
     {"subject": "asset", "fields": ["number", "name", "department_name", "price", "status", "room.use"], "where": DEAR, "sort": "-price"}),
)  # fmt: skip


def _questions() -> None:
    accounts = {
        one.username: one
        for one in Account._default_manager.filter(username__in=[who for who, *_ in QUESTIONS])
    }
    for who, name, role, schedule, document in QUESTIONS:
        account = accounts.get(who)
        if account is None or account.person_id is None:
            continue
        full = {
            "fields": [],
            "rows": [],
            "columns": [],
            "measures": [],
            "sort": "",
            "where": {"all": []},
            **document,
        }
        made = Question.objects.create(
            name=name,
            document=full,
            role=role,
            schedule=schedule,
            person_id=account.person_id,
            account_id=account.pk,
        )
        QuestionVersion.objects.create(question=made, number=1, document=full, made_by=account.name)


def _board() -> None:
    """A leader's own, given to the heads."""
    boards.declare()
    account = Account._default_manager.filter(username="leader").first()
    if account is not None and account.person_id is not None:
        Board.objects.create(
            code="space", name="条件保障", note="校舍、设备与生均指标", person_id=account.person_id, role="head",
            items=["space.teaching_per_student", "space.dormitory_per_student", "equipment.value_per_student", "equipment.intact_rate", "equipment.idle_rate"],
        )  # fmt: skip
