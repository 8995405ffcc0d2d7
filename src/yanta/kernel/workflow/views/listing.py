"""What the inbox lists: at most a page at a time, found by key, so that thousands of done items cost nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from yanta.kernel.base import Actor
from yanta.kernel.base.texts import clean_text
from yanta.kernel.workflow import queries
from yanta.kernel.workflow.drawing import drawing_of
from yanta.kernel.workflow.models import Instance, Process, WorkItem

PER_PAGE = 25
PROCESSES_KEPT_SECONDS = 60
TABS = {"todo": "待办", "done": "已办", "started": "我发起的", "copied": "抄送我的"}
_OUTCOMES = {"granted": "success", "refused": "danger", "withdrawn": "", "terminated": "warning"}
_STATES = {"running": "info", "held": "warning"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list; `light` is red or amber with the word for it."""

    url: str
    title: str
    node: str = ""
    who: str = ""
    at: datetime | None = None
    light: str = ""
    word: str = ""
    state: str = ""
    tone: str = ""
    key: int | None = None
    may_bulk: bool = False
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """`next` is the address part of the following page, "" at the end."""

    lines: list[Line]
    next: str = ""


def listed(tab: str, actor: Actor, asked: Mapping[str, str], *, most: int = PER_PAGE) -> Listed:
    """A page of one tab for this person, as far as the address asks."""
    return _TABS[tab](actor, asked, most)


def processes() -> list[tuple[str, str]]:
    """Key and title, for the filter; a process that came within the last minute may be missing."""
    found = cache.get_or_set(
        "workflow:processes",
        lambda: list(Process.objects.values_list("key", "title")),
        PROCESSES_KEPT_SECONDS,
    )
    return found or []


def light_of(item: Any, now: datetime) -> tuple[str, str]:
    """The colour and the word, so that nobody depends on the colour."""
    if item.due_at is None:
        return "", ""
    if item.due_at < now:
        return "danger", gettext("已逾期 %(span)s") % {"span": span(now - item.due_at)}
    left = gettext("还剩 %(span)s") % {"span": span(item.due_at - now)}
    return ("warning" if item.amber_at is not None and item.amber_at <= now else ""), left


def span(took: timedelta) -> str:
    """How long, as people say it: minutes, hours up to two days, then days."""
    minutes = int(took.total_seconds() // 60)
    if minutes < 60:
        return ngettext("%(n)s 分钟", "%(n)s 分钟", max(minutes, 1)) % {"n": max(minutes, 1)}
    if minutes < 48 * 60:
        return ngettext("%(n)s 小时", "%(n)s 小时", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s 天", "%(n)s 天", minutes // 1440) % {"n": minutes // 1440}


def _sought(rows: QuerySet[Any], asked: Mapping[str, str], prefix: str = "instance__") -> QuerySet[Any]:
    if words := clean_text(asked.get("q", "").replace("\x00", "")):
        rows = rows.filter(
            Q(**{f"{prefix}title__icontains": words}) | Q(**{f"{prefix}applicant__name__icontains": words})
        )
    if process := asked.get("process", "").replace("\x00", ""):
        rows = rows.filter(**{f"{prefix}process": process})
    return rows


def _number(asked: Mapping[str, str], name: str = "before") -> int | None:
    text = asked.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 18 else None


def _list_todo(actor: Actor, asked: Mapping[str, str], most: int) -> Listed:
    now = timezone.now()
    rows = _sought(queries.todo_of(actor.person_id or 0), asked)
    if asked.get("overdue"):
        rows = rows.filter(due_at__lt=now)
    start = _number(asked, "from") or 0
    found = list(rows.values_list(*_TODO, named=True)[start : start + most + 1])
    lines = [_todo_line(one, now) for one in found[:most]]
    return Listed(lines, f"from={start + most}" if len(found) > most else "")


# What a line shows; rows of values cost half of what models do.
_MATTER = ("instance_id", "instance__title", "instance__applicant__name")
_TODO = (
    *_MATTER,
    "pk",
    "node",
    "node_title",
    "kind",
    "state",
    "arrived_at",
    "read_at",
    "due_at",
    "amber_at",
    "instance__version_id",
)
_DONE = (*_MATTER, "pk", "node_title", "acted_at", "verdict", "instance__state", "instance__outcome")
_COPIED = (
    *_MATTER,
    "pk",
    "note",
    "node_title",
    "by_name",
    "created_at",
    "read_at",
    "instance__state",
    "instance__outcome",
)


def _todo_line(row: Any, now: datetime) -> Line:
    light, word = light_of(row, now)
    node = drawing_of(row.instance__version_id).node(row.node)
    return Line(
        f"/workflow/items/{row.pk}/", row.instance__title, row.node_title, row.instance__applicant__name or "", row.arrived_at,
        light, word, state="待认领" if row.state == WorkItem.State.OFFERED else "", tone="info", key=row.pk,
        may_bulk=node.bulk and row.state == WorkItem.State.TODO and row.kind == WorkItem.Kind.SIGN,
        is_new=row.read_at is None,
    )  # fmt: skip


def _list_done(actor: Actor, asked: Mapping[str, str], most: int) -> Listed:
    rows = _sought(queries.done_of(actor.person_id or 0), asked)
    if (key := _number(asked)) is not None:
        rows = queries.done_before(rows, key)
    found = list(rows.values_list(*_DONE, named=True)[: most + 1])
    lines = [
        Line(
            f"/workflow/trace/{one.instance_id}/", one.instance__title, one.node_title, one.instance__applicant__name or "", one.acted_at,
            state=said(one.instance__state, one.instance__outcome), tone=tone(one.instance__state, one.instance__outcome),
            word=_VERDICTS.get(one.verdict, ""),
        )
        for one in found[:most]
    ]  # fmt: skip
    return Listed(lines, _next(found, most))


_VERDICTS = {
    "approve": "同意",
    "refuse": "不同意",
    "return": "退回",
    "skip": "同人跳过",
    "submit": "提交",
    "hand_over": "转办",
}


def _list_started(actor: Actor, asked: Mapping[str, str], most: int) -> Listed:
    rows = _before(_sought(queries.started_of(actor.person_id or 0), asked, ""), asked)
    found = list(rows[: most + 1])
    waiting = waiting_at([one.pk for one in found])
    lines = [
        Line(
            f"/workflow/trace/{one.pk}/", one.title, waiting.get(one.pk, ""), _applicant(one), one.started_at,
            state=said_of(one), tone=tone_of(one),
        )
        for one in found[:most]
    ]  # fmt: skip
    return Listed(lines, _next(found, most))


def _list_copied(actor: Actor, asked: Mapping[str, str], most: int) -> Listed:
    rows = _before(_sought(queries.copied_of(actor.person_id or 0), asked), asked)
    found = list(rows.values_list(*_COPIED, named=True)[: most + 1])
    lines = [
        Line(
            f"/workflow/trace/{one.instance_id}/", one.instance__title, one.note or one.node_title, one.by_name, one.created_at,
            state=said(one.instance__state, one.instance__outcome), tone=tone(one.instance__state, one.instance__outcome),
            is_new=one.read_at is None,
        )
        for one in found[:most]
    ]  # fmt: skip
    return Listed(lines, _next(found, most))


def _before(rows: QuerySet[Any], asked: Mapping[str, str]) -> QuerySet[Any]:
    before = _number(asked)
    return rows.filter(pk__lt=before) if before is not None else rows


def _next(found: list[Any], most: int) -> str:
    """The following page begins after the last row that is shown."""
    return f"before={found[most - 1].pk}" if len(found) > most else ""


def waiting_at(instances: Iterable[int]) -> dict[int, str]:
    """Where each open matter stands and with whom."""
    found: dict[int, list[str]] = {}
    rows = WorkItem.objects.filter(instance__in=list(instances), state__in=WorkItem.SHOWN).values_list(
        "instance_id", "node_title", "person__name"
    )
    for instance_id, node, person in rows:
        found.setdefault(instance_id, []).append(f"{node}（{person}）" if person else node)
    return {key: "、".join(dict.fromkeys(said)) for key, said in found.items()}


def _applicant(instance: Instance) -> str:
    return instance.applicant.name if instance.applicant else ""


def said_of(instance: Instance) -> str:
    """Where it stands in one word: its outcome once it has ended."""
    return said(instance.state, instance.outcome)


def said(state: str, outcome: str) -> str:
    if state != Instance.State.ENDED:
        return _STATE_WORDS[state]
    return _OUTCOME_WORDS.get(outcome, outcome) or "已办结"


_STATE_WORDS = {str(key): str(label) for key, label in Instance.State.choices}
_OUTCOME_WORDS = {str(key): str(label) for key, label in Instance.Outcome.choices}


def tone_of(instance: Instance) -> str:
    return tone(instance.state, instance.outcome)


def tone(state: str, outcome: str) -> str:
    return _OUTCOMES.get(outcome, "success") if state == Instance.State.ENDED else _STATES.get(state, "")


_TABS = {"todo": _list_todo, "done": _list_done, "started": _list_started, "copied": _list_copied}
