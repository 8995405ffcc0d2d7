"""Matters under way in a demo school, as if people had handed them in and others had decided some steps."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.people.models import Person
from yanta.kernel.workflow import acting, clock, starting
from yanta.kernel.workflow.bpmn.settings import Span
from yanta.kernel.workflow.models import Instance, WorkItem
from yanta.kernel.workflow.verbs import Verb

# What a step takes, in hours of work: mostly little, sometimes most of a day.
HOURS = (1, 1, 1, 2, 2, 3, 4, 6)


def hand_in(
    process: str,
    subject: Any,
    *,
    steps: int = 0,
    opinion: str = "同意",
    verbs: Sequence[tuple[str, str]] = (),
) -> Instance:
    """The process of a row that is already stored, with its first steps approved by whoever is asked.

    `verbs` are what they do and say instead, one after the other.
    """
    done = verbs or ((Verb.APPROVE, opinion),) * steps
    begun, *then = moments_of(subject, len(done))
    instance = starting.start(process, subject=subject, actor=Actor.system("demo"), data={}, now=begun)
    for at, (verb, said) in zip(then, done, strict=True):
        item = (
            WorkItem.objects.filter(instance=instance, state=WorkItem.State.TODO)
            .select_related("person")
            .first()
        )
        if item is None or item.person is None:
            break
        instance = acting.act(item, acting.Request(Verb(verb), _as(item.person), said), now=at)
    return instance


def moments_of(subject: Any, steps: int) -> list[datetime]:
    """Those of this row: the same in every demo school of a day."""
    return moments(steps, timezone.localtime(), random.Random(subject.pk))  # noqa: S311 - the same school every time


def moments(steps: int, now: datetime, draw: random.Random) -> list[datetime]:
    """When it was handed in and when each step was done: in working hours, the latest before today."""
    today = now.date()
    days = sorted(clock.working_days_between(today - timedelta(days=21), today - timedelta(days=1)))
    first = days[-1 - steps] if len(days) > steps else today - timedelta(days=steps + 1)
    at = timezone.make_aware(datetime.combine(first, time(8, 10))) + timedelta(minutes=draw.randrange(500))
    found = [at]
    for _ in range(steps):
        at = clock.after(at, Span(draw.choice(HOURS), "wh")) + timedelta(minutes=draw.randrange(50))
        found.append(at)
    return found


def _as(person: Person) -> Actor:
    """Somebody with no right but what the step gives."""
    return Actor(account_id=None, person_id=person.pk, name=person.name)
