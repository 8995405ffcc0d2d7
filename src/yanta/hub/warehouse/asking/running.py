"""Running a question within the asker's rows, within a time, and so that it can be stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from yanta.hub.subjects import Field, conditions
from yanta.hub.warehouse import cutting, joining
from yanta.hub.warehouse.asking.documents import Plan
from yanta.kernel.audit import record
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.texts import masked

SECONDS = 8
PER_PAGE = 50
TOKEN = re.compile(r"^[a-z0-9]{6,24}$")


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of rows as people read them, and how many there are."""

    fields: list[Field]
    lines: list[list[str]]
    count: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PER_PAGE))

    @property
    def first(self) -> int:
        return (self.page - 1) * PER_PAGE + 1 if self.lines else 0

    @property
    def last(self) -> int:
        return (self.page - 1) * PER_PAGE + len(self.lines)


def _name_of(actor: Actor, token: str) -> str:
    return f"yanta question {actor.account_id} {token}"


@contextmanager
def limits(actor: Actor, token: str = "", seconds: int = SECONDS) -> Iterator[None]:
    """Only so long, and under a name by which it can be stopped."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {seconds * 1000:d}")
            if TOKEN.match(token):
                cursor.execute("SELECT set_config('application_name', %s, true)", [_name_of(actor, token)])
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise
        timed_out = "statement timeout" in str(error)
        said = (
            f"{seconds} 秒内没有查完：请加条件缩小范围、减少分组，或者转为后台导出"
            if timed_out
            else "查询已取消"
        )
        raise Refused(said, rule="综合查询限时") from error


def stop(actor: Actor, token: str) -> bool:
    """End the actor's own running question; answers whether there was one."""
    if not TOKEN.match(token):
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND pid <> pg_backend_pid()) stopped",
            [_name_of(actor, token)],
        )
        return bool(cursor.fetchone()[0])


def rows_of(plan: Plan) -> QuerySet[Any]:
    """The asker's rows that meet the condition, in the order asked for."""
    found = joining.rows_of(plan.subject, plan.actor).filter(conditions.q(plan.subject, plan.document.where))
    if plan.document.sort:
        name = plan.document.sort
        path = plan.subject.field(name.lstrip("-")).path
        found = found.order_by(f"-{path}" if name.startswith("-") else path, "pk")
    return found


def page_of(plan: Plan, number: int, *, token: str = "") -> Answer:
    """One page and the count."""
    fields = plan.fields
    with limits(plan.actor, token):
        found = rows_of(plan)
        count = found.order_by().count()
        at = min(max(1, number), max(1, -(-count // PER_PAGE)))
        values = list(
            found.values_list(*(field.path for field in fields))[(at - 1) * PER_PAGE : at * PER_PAGE]
        )
    return Answer(fields, readable(fields, values), count, at)


def note_sensitive(plan: Plan, reason: str) -> None:
    """Whoever asks for sensitive fields says why, and it is written down; refuses without a reason."""
    if not plan.sensitive:
        return
    titles = [field.title for field in plan.sensitive]
    if not reason.strip():
        raise Refused(f"“{'、'.join(titles)}”是敏感信息，请写明用途后再查", field="reason")
    record(
        "warehouse.question.ask", actor=plan.actor, summary=f"查询敏感信息：{'、'.join(titles)}"[:500],
        data={"subject": plan.subject.name, "elements": [field.name for field in plan.sensitive], "condition": plan.words, "purpose": reason},
    )  # fmt: skip


def readable(fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Codes by their names, sealed values masked, numbers without idle zeros."""
    columns = []
    for at, field in enumerate(fields):
        values = [row[at] for row in rows]
        known = (
            {}
            if field.is_sealed
            else cutting.labels(field, [str(one) for one in dict.fromkeys(values) if one not in (None, "")])
        )
        columns.append([known.get(str(one)) or in_words(one, field) for one in values])
    return [list(line) for line in zip(*columns, strict=True)] if columns else []


def in_words(value: Any, field: Field) -> str:
    """One value as it stands in a cell."""
    if value is None or value == "":
        return ""
    if field.is_sealed:
        return masked(str(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
