"""What is said to people: an action says its words at its end; that something has arrived is told after the commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import transaction

from yanta.kernel import notify
from yanta.kernel.workflow.models import Instance, WorkItem

ITEM_LINK = "/workflow/trace/{}/"
# Whoever acts on one of these waits until their notices are written, so they are few.
BATCH = 50


@dataclass(slots=True)
class Post:
    """What one action says, sent once at its end, in its transaction."""

    said: list[tuple[str, tuple[int, ...], dict[str, Any]]] = field(default_factory=list)

    def arrival(self, item: WorkItem) -> None:
        """The row of the item is its own outbox, so that a step need not wait for the notice."""
        item.untold = True

    def say(self, template: str, people: Iterable[int | None], **context: Any) -> None:
        to = tuple(dict.fromkeys(one for one in people if one))
        if to:
            self.said.append((template, to, context))

    def send(self, instance: Instance) -> None:
        link = ITEM_LINK.format(instance.pk)
        for template, to, context in self.said:
            notify.send(template, to=to, context={"title": instance.title, **context}, link=link)


def tell_arrivals() -> int:
    """Tell each arrival once, if the item is still open by now; returns how many items were looked at."""
    total = 0
    while True:
        count = _tell_some()
        total += count
        if count < BATCH:
            return total


@transaction.atomic
def _tell_some() -> int:
    """The mark is taken away in the transaction that writes the notices: neither happens without the other."""
    rows = WorkItem.objects.filter(untold=True).order_by("pk").select_related("instance")
    items = list(rows.select_for_update(skip_locked=True, of=("self",), no_key=True)[:BATCH])
    WorkItem.objects.filter(pk__in=[item.pk for item in items]).update(untold=False)
    shown = [item for item in items if item.state in WorkItem.SHOWN and item.person_id]
    shown.sort(key=lambda item: (item.instance_id, item.node_title))
    for _, group in groupby(shown, key=lambda item: (item.instance_id, item.node_title)):
        _tell(list(group))
    return len(items)


def _tell(items: list[WorkItem]) -> None:
    instance = items[0].instance
    context = {"title": instance.title, "node": items[0].node_title, "detail": ""}
    people = [item.person_id for item in items if item.person_id]
    notify.send("workflow.arrived", to=people, context=context, link=ITEM_LINK.format(instance.pk))
