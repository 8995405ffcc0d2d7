"""Rules of the demo school, one real run of them, and a term of weekly results that lead up to it.

The past is made up and says so: each week's figures are today's, scaled by how far the school had come by then.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from yanta.hub.quality import checks, rules, suggesting
from yanta.hub.quality.models import Inspection, Order, Result, Rule, Score, Severity
from yanta.hub.quality.services import definitions, runs
from yanta.kernel.base import Actor

WEEKS = 14
NOTE = "演示数据：由今日结果推算的往期"
# The dictionary's suggestions that the demo school has taken.
TAKEN = (
    "person.id_number.identity", "person.id_number.unique", "person.sex.in_set", "person.ethnic.in_set", "person.phone.pattern",
    "person.birth_on.filled", "person.nationality.filled", "student.status.in_set", "student.enrolled_on.filled",
    "staff_member.title.in_set", "asset.category.in_set", "asset.number.length", "room.use.in_set",
)  # fmt: skip
_ACTIVE = {"field": "status", "is": "eq", "value": "01"}
_AWAY = {"field": "status", "is": "eq", "value": "02"}
_TEACHERS = {
    "all": [{"field": "kind", "is": "eq", "value": "11"}, {"field": "status", "is": "eq", "value": "active"}]
}
_CURRENT = {"field": "valid_to", "is": "empty"}
OWN: tuple[tuple[str, str, tuple[str, ...], dict[str, Any], dict[str, Any] | None, str, str, str], ...] = (
    ("在读学生手机号必填", "student", ("phone",), {}, _ACTIVE, "filled", Severity.SEVERE, "0"),
    ("在读学生有班级", "student", ("admin_class",), {}, _ACTIVE, "filled", Severity.SEVERE, "1"),
    ("在读学生有床位", "student", ("bed",), {}, _ACTIVE, "filled", Severity.NORMAL, "40"),
    ("学号不重复", "student", ("number",), {}, None, "unique", Severity.BLOCKING, "0"),
    ("休学学生写明离校日期", "student", (), {"then": {"field": "left_on", "is": "filled"}}, _AWAY, "implies", Severity.NORMAL, "0"),
    ("入学不晚于离校", "student", ("enrolled_on", "left_on"), {"op": "le"}, None, "order", Severity.SEVERE, "0"),
    ("学生出生日期合理", "student", ("birth_on",), {"least": "1950-01-01", "most": "today"}, None, "range", Severity.NORMAL, "0"),
    ("专任教师有职称", "staff_member", ("title",), {}, _TEACHERS, "filled", Severity.NORMAL, "5"),
    ("教职工所在部门未撤销", "staff_member", ("department",), {"other": "organisation", "target": "code", "where": _CURRENT}, None,
     "refers", Severity.SEVERE, "0"),
    ("行政班不超过 32 人", "admin_class", (), {"other": "student", "by": "admin_class", "function": "count", "op": "le",
     "to_number": "32"}, None, "counted", Severity.HINT, "30"),
    ("行政班有辅导员", "admin_class", ("counsellor",), {}, None, "filled", Severity.NORMAL, "0"),
    ("设备有保管人和存放地", "asset", ("keeper", "room"), {}, None, "filled", Severity.NORMAL, "2"),
    ("来源三十天内报送", "data_source", (), {"days": "30"}, None, "spoken", Severity.HINT, "0"),
    ("手机号与权威来源一致", "person", (), {"element": "phone"}, None, "authority", Severity.SEVERE, "0"),
)  # fmt: skip
STATES = ("open", "in_progress", "open", "open", "in_progress")


def settle(today: date) -> None:
    """Twenty-seven rules, a run, a term of results, orders in every state."""
    actor = Actor.system("demo")
    _define(today, actor)
    now = timezone.now()
    inspection = runs.inspect(runs.whole_plan(cause="schedule", on=today), actor=actor, now=now)
    draw = random.Random(1958)  # noqa: S311 - reproducible sample data
    _past(inspection, today, draw)
    _age(today, draw)


def _define(today: date, actor: Actor) -> None:
    since = today - timedelta(weeks=WEEKS + 1)
    known = {one.key: one for one in suggesting.suggestions()}
    for key in TAKEN:
        if key in known:
            definitions._taken(known[key], Decimal(3))
    for title, subject, fields, parameters, when, template, severity, tolerance in OWN:
        owner = definitions.owner_named(checks.subject_named(subject).owner) or definitions.owner_named(
            "网络与信息化中心"
        )
        if owner is None:
            continue
        spec = checks.spec_of(template, subject, fields, parameters, when)
        rule = Rule(
            title=title, owner=owner, severity=severity, tolerance=Decimal(tolerance), valid_from=since
        )
        definitions._write(rule, spec)
    Rule.objects.update(valid_from=since)


def _past(latest: Inspection, today: date, draw: random.Random) -> None:
    """Week by week back: more rows failed then, fewer were checked not at all."""
    results = list(latest.results.filter(error="").select_related("rule"))
    scores = list(Score.objects.filter(on=today))
    standing = {result.pk: result.failed for result in results}
    weeks = []
    for week in range(1, WEEKS + 1):
        at = timezone.make_aware(datetime.combine(today - timedelta(weeks=week), time(2, 30)))
        inspection = Inspection(
            cause="schedule", subjects=latest.subjects, note=NOTE, started_by="系统", started_at=at, rules=len(results),
            ended_at=at + timedelta(seconds=len(results) // 6 + draw.randrange(3)),
        )  # fmt: skip
        weeks.append((inspection, [_then(one, week, standing, at, draw) for one in results]))
        Score.objects.bulk_create(_scores_then(scores, at.date(), week, draw))
    _keep(weeks)


def _then(one: Result, week: int, later: dict[int, int], at: datetime, draw: random.Random) -> Result:
    """The result a week earlier: what fails a week later is mostly what failed then."""
    failed = min(
        one.checked, round(one.failed * (1 + 0.06 * week)) + (draw.randrange(3) if one.failed else 0)
    )
    failed = max(failed, 0)
    repaired = draw.randrange(1 + failed // 12)
    new = min(failed, max(0, draw.randrange(1 + failed // 15)))
    later[one.pk] = failed
    return Result(
        rule=one.rule, checked=one.checked, failed=failed, new=new, persisting=failed - new, repaired=repaired,
        seconds=one.seconds, at=at,
    )  # fmt: skip


def _keep(weeks: list[tuple[Inspection, list[Result]]]) -> None:
    for inspection, results in reversed(weeks):
        inspection.checked = sum(one.checked for one in results)
        inspection.failed = sum(one.failed for one in results)
    Inspection.objects.bulk_create([inspection for inspection, _ in reversed(weeks)])
    for inspection, results in weeks:
        for one in results:
            one.inspection = inspection
    Result.objects.bulk_create([one for _, results in weeks for one in results])


def _scores_then(scores: list[Score], on: date, week: int, draw: random.Random) -> Iterator[Score]:
    for one in scores:
        lost = (100 - one.value) * (1 + Decimal(week) * Decimal("0.06")) + Decimal(
            draw.randrange(0, 12)
        ) / 100
        value = one.value if one.value == 100 else max(Decimal(0), min(Decimal("99.99"), 100 - lost))
        failed = min(one.checked, round(one.failed * (1 + 0.06 * week)))
        yield Score(
            on=on, unit_id=one.unit_id, subject=one.subject, value=value.quantize(Decimal("0.01")), rules=one.rules,
            checked=one.checked, failed=failed,
        )  # fmt: skip


def _age(today: date, draw: random.Random) -> None:
    """Orders as a term leaves them: taken, late, extended, and some closed in time or not."""
    orders = list(Order.objects.select_related("rule").order_by("pk"))
    for place, order in enumerate(orders):
        order.opened_on = today - timedelta(days=draw.randrange(0, rules.DAYS[order.severity] + 6))
        order.due_on = rules.due_on(order.severity, opened_on=order.opened_on)
        order.is_overdue = order.due_on < today
        order.state = STATES[place % len(STATES)]
        order.taken_by = "数据专员" if order.state != "open" else ""
    Order.objects.bulk_update(orders, ["opened_on", "due_on", "is_overdue", "state", "taken_by"])
    Order.objects.bulk_create(_closed(order, today, draw) for order in orders[:40])


def _closed(order: Order, today: date, draw: random.Random) -> Order:
    opened = today - timedelta(days=draw.randrange(40, 95))
    due = rules.due_on(order.severity, opened_on=opened)
    return Order(
        rule=order.rule, unit_id=order.unit_id, handler_id=order.handler_id, severity=order.severity, state=Order.State.CLOSED,
        opened_on=opened, opened_by="系统", due_on=due, rows=order.rows, remaining=[], taken_by="数据专员", rounds=1,
        closed_on=due + timedelta(days=draw.randrange(-3, 3)), ending=Order.Ending.REPAIRED, note=NOTE,
    )  # fmt: skip
