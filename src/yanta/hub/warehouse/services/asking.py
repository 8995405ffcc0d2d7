"""Keeping, sharing and sending questions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from yanta.hub.warehouse.asking import documents, running
from yanta.hub.warehouse.asking.documents import Document
from yanta.hub.warehouse.models import Question, QuestionVersion
from yanta.hub.warehouse.sight import Sight
from yanta.kernel import notify
from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.roles import ROLES
from yanta.kernel.audit import record
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit

PERMISSION = "warehouse.export.view"


def questions_for(actor: Actor) -> QuerySet[Question]:
    """One's own, and those shared with one's role or unit; what they answer depends on who runs them."""
    mine = Q(person_id=actor.person_id) if actor.person_id else Q(pk__in=())
    shared = Q(role__in={grant.role for grant in actor.grants}, unit=None) & ~Q(role="")
    for grant in actor.grants:
        if grant.path:
            steps = range(1, len(grant.path) // OrgUnit.steplen + 1)
            above = [grant.path[: OrgUnit.steplen * depth] for depth in steps]
            shared |= Q(unit__path__in=above) & (Q(role="") | Q(role=grant.role))
    return Question.objects.filter(mine | shared).select_related("person", "unit").distinct()


def question_for(pk: int, actor: Actor, *, to_change: bool = False) -> Question:
    found = questions_for(actor).filter(pk=pk).first()
    if found is None or (to_change and found.person_id != actor.person_id):
        raise OutOfScope("没有这个查询，或它不是您的")
    return found


@transaction.atomic
def keep(
    document: Document, *, actor: Actor, name: str, question: Question | None = None, role: str = "", unit_code: str = "",
    schedule: str = "",
) -> Question:  # fmt: skip
    """A new question or a new version of one's own; sharing gives the question away, never the rows."""
    documents.plan(document, actor)
    if not name.strip():
        raise Refused("请给查询起个名字", field="name")
    if role and role not in ROLES:
        raise Refused(f"没有“{role}”这个角色", field="role")
    if schedule not in Question.Schedule.values:
        raise Refused("没有这种定时", field="schedule")
    if actor.person_id is None:
        raise Refused("只有本人登录才能保存查询")
    kept = question or Question(person_id=actor.person_id, number=0)
    kept.name, kept.role, kept.schedule, kept.account_id = name.strip()[:60], role, schedule, actor.account_id
    kept.unit = Sight(actor).unit(unit_code) if unit_code else None
    changed = kept.document != document.as_json()
    if changed:
        kept.document, kept.number = document.as_json(), kept.number + 1
    kept.save()
    if changed:
        QuestionVersion.objects.create(
            question=kept, number=kept.number, document=kept.document, made_by=actor.signature
        )
    record(
        "warehouse.question.keep",
        actor=actor,
        subject=kept,
        summary=f"保存查询 {kept.name}",
        data={"role": role, "unit": unit_code},
    )
    return kept


@transaction.atomic
def drop(question: Question, *, actor: Actor) -> None:
    record("warehouse.question.drop", actor=actor, subject=question, summary=f"删除查询 {question.name}")
    question.delete()


def due(on: date) -> Iterable[Question]:
    """The questions to be sent today, once a day however often it is asked."""
    wanted = [Question.Schedule.DAILY]
    wanted += [Question.Schedule.WEEKLY] if on.weekday() == 0 else []
    wanted += [Question.Schedule.MONTHLY] if on.day == 1 else []
    found = Question.objects.filter(schedule__in=wanted, account_id__isnull=False)
    return found.filter(Q(sent_on=None) | Q(sent_on__lt=on)).order_by("pk")


def send_due(*, on: date) -> tuple[int, int]:
    """Answer what is due with the rights its owner has today; (sent, failed)."""
    sent = failed = 0
    for question in due(on):
        told, more = _answered(question)
        failed += bool(more)
        sent += not more
        context = {"name": question.name, "told": told, "more": more}
        notify.send(
            "warehouse.question-answered",
            to=[question.person_id],
            context=context,
            link=f"/warehouse/questions/{question.pk}/",
        )
        Question.objects.filter(pk=question.pk).update(sent_on=on)
    return sent, failed


def _answered(question: Question) -> tuple[str, str]:
    account = Account._default_manager.filter(pk=question.account_id).first()
    if account is None:
        return "没有查成", "保存它的账号已经不在"
    try:
        plan = documents.plan(documents.from_json(question.document), actor_of(account))
        if plan.sensitive:
            raise Refused("含敏感信息的查询不能定时，每次都要写明用途")
        with running.limits(plan.actor):
            return f"{running.rows_of(plan).order_by().count():,} 行", ""
    except Refused as refusal:
        return "没有查成", refusal.message
