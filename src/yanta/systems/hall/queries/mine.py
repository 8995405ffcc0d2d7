"""A person's own matters, wherever they are decided, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext

from yanta.kernel import workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.people.models import Person
from yanta.kernel.resource.records import Fact, FactGroup
from yanta.kernel.workflow.models import Step, WorkItem
from yanta.kernel.workflow.verbs import Verb
from yanta.kernel.workflow.views.telling import who_did
from yanta.systems.hall.models import Matter
from yanta.systems.hall.queries import designed
from yanta.systems.hall.rules import forms

# Sent back to the applicant, whichever system keeps the noun.
AWAITS_MENDING = Exists(
    WorkItem.objects.filter(
        instance=OuterRef("instance"), kind=WorkItem.Kind.RESUBMIT, state=WorkItem.State.TODO
    )
)
RATED_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step on the line: who has it, or had it, and when."""

    label: str
    state: str
    who: str = ""
    when: Any = None


@dataclass(frozen=True, slots=True)
class Said:
    """One answer of a designed form as it was handed in."""

    label: str
    value: str
    owner: str = ""
    file_url: str = ""
    is_picture: bool = False
    rows: Sequence[Sequence[str]] = ()
    columns: Sequence[str] = ()


def person(person_id: int | None) -> Person:
    found = Person.objects.filter(pk=person_id).first()
    if found is None:
        raise Refused("这个账号没有对应的人员，不能办事")
    return found


def of_person(person_id: int | None) -> Any:
    """Handed in by oneself, for oneself, or for another."""
    mine = Q(applicant_id=person_id) | Q(handed_in_by_id=person_id)
    rows = Matter.objects.filter(mine).select_related("department", "applicant", "instance", "rating")
    return rows.annotate(awaits_mending=AWAITS_MENDING)


def under_way(person_id: int | None) -> Any:
    rows = Matter.objects.filter(applicant_id=person_id, state__in=Matter.UNDER_WAY)
    return rows.select_related("instance").annotate(awaits_mending=AWAITS_MENDING)


def to_rate(person_id: int | None) -> Any:
    """Over, and nothing said of it yet."""
    over = Matter.objects.filter(applicant_id=person_id, ended_at__isnull=False, rating=None)
    return over.exclude(state=Matter.State.WITHDRAWN)


def is_shown_to(matter: Matter, actor: Actor) -> bool:
    """The applicant, whoever handed it in, whom its process asks, and whose unit it is."""
    if actor.person_id is not None and actor.person_id in (matter.applicant_id, matter.handed_in_by_id):
        return True
    asked = WorkItem.objects.filter(instance_id=matter.instance_id, person_id=actor.person_id)
    if matter.instance_id and actor.person_id is not None and asked.exists():
        return True
    return bool(Matter.objects.visible_to(actor).filter(pk=matter.pk).exists())


def stages(matter: Matter) -> list[Stage]:
    """Handed in, every step so far, what is under way, what is still to come and with whom, the end."""
    found = [Stage("提交", "done", matter.applicant.name, matter.handed_in_at)]
    if matter.instance:
        found += _taken(matter.instance.pk)
        found += [Stage(one.name, "todo", one.who) for one in workflow.ahead_of(matter.instance)]
    ended = not matter.is_under_way
    state = "done" if matter.state == Matter.State.DONE else "refused" if ended else "todo"
    found.append(Stage(matter.get_state_display() if ended else "办结", state, "", matter.ended_at))
    return found


def _taken(instance_id: int) -> list[Stage]:
    set_aside = (WorkItem.State.DROPPED, WorkItem.State.PAUSED)
    items = WorkItem.objects.filter(instance_id=instance_id).exclude(state__in=set_aside)
    lines = items.select_related("person").order_by("serial")
    found: dict[str, list[WorkItem]] = {}
    for one in lines:
        found.setdefault(one.node_title, []).append(one)
    return [_stage(title, group) for title, group in found.items()]


def _stage(title: str, group: list[WorkItem]) -> Stage:
    names = "、".join(dict.fromkeys(one.person.name for one in group if one.person))
    waiting = [one for one in group if one.state != WorkItem.State.DONE]
    if waiting:
        due = waiting[0].due_at
        return Stage(
            title,
            "current",
            names,
            gettext("限 %(when)s") % {"when": f"{timezone.localtime(due):%m-%d %H:%M}"} if due else None,
        )
    refused = any(one.verdict == Verb.REFUSE for one in group)
    return Stage(title, "refused" if refused else "done", names, group[-1].acted_at)


def history(matter: Matter) -> list[dict[str, Any]]:
    """What was done, newest first, in the words of the process."""
    if not matter.instance_id:
        return []
    steps = Step.objects.filter(instance_id=matter.instance_id).order_by("-number")
    return [
        {
            "what": " · ".join(gettext(word) for word in (one.get_verb_display(), one.node_title) if word), "when": one.at,
            "who": who_did(one), "text": one.opinion,
        } for one in steps
    ]  # fmt: skip


def answers_of(matter: Matter) -> list[tuple[str, list[Said]]]:
    """The answers of a designed form, part by part, each with where it came from."""
    if matter.version is None:
        return []
    form = designed.form_of(matter.version)
    values, sources = matter.answers.get("values", {}), matter.answers.get("sources", {})
    files = {one.question: f"/files/{one.file_id}/" for one in matter.attachments.all()}
    found = []
    for part in form.parts:
        said = [_table(part, values.get(part.name) or [])] if part.repeats else [
            _said(one, values.get(one.name), sources, files) for one in part.questions if one.kind != "note" and one.name in values
        ]  # fmt: skip
        if said:
            found.append((part.title, said))
    return found


def facts_of(matter: Matter) -> list[FactGroup]:
    """The answers, as the record and the page for deciding show facts."""
    return [
        FactGroup(title or "填写内容", "", [_fact(one) for one in said]) for title, said in answers_of(matter)
    ]


def _fact(one: Said) -> Fact:
    if one.columns:
        rows = one.rows
        return Fact("", one.label, "table", str(len(rows)) if rows else "", (one.columns, rows), "", "")
    kind = "picture" if one.is_picture else "text"
    return Fact("", one.label, kind, one.value or ("附件" if one.file_url else ""), None, "", one.file_url)


def _said(one: forms.Question, value: Any, sources: dict[str, Any], files: dict[str, str]) -> Said:
    return Said(
        one.label, _text(one, value), sources.get(one.name, {}).get("owner", ""), files.get(one.name, ""),
        is_picture=one.kind == "signature" and one.name in files,
    )  # fmt: skip


def _text(one: forms.Question, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(each) for each in value)
    return "" if value is None else f"{value}{one.unit}"


def _table(part: forms.Part, rows: list[dict[str, Any]]) -> Said:
    return Said(
        part.title, "", columns=[one.label for one in part.questions],
        rows=[[_text(one, row.get(one.name)) for one in part.questions] for row in rows],
    )  # fmt: skip
