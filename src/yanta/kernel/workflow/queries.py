"""Reads of inbox and trace: by key, never by counting pages."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from yanta.kernel.workflow import rights
from yanta.kernel.workflow.drawing import drawing_of
from yanta.kernel.workflow.models import Copy, Instance, Step, WorkItem
from yanta.kernel.workflow.tokens import node_of

State = WorkItem.State


def todo_of(person_id: int) -> QuerySet[WorkItem]:
    """What awaits the person, what is due first first; offered to claim included."""
    rows = WorkItem.objects.filter(
        person_id=person_id, state__in=WorkItem.SHOWN, instance__state=Instance.State.RUNNING
    )
    return _with_instance(rows).order_by("due_at", "-pk")


def done_of(person_id: int) -> QuerySet[WorkItem]:
    """What the person has acted on, the latest first."""
    rows = WorkItem.objects.filter(person_id=person_id, acted_at__isnull=False)
    return _with_instance(rows).order_by("-acted_at", "-pk")


def done_before(rows: QuerySet[WorkItem], key: int) -> QuerySet[WorkItem]:
    """Of `done_of`, what follows the item with this key: by its time, and by the key among those of one moment."""
    at = WorkItem.objects.filter(pk=key).values_list("acted_at", flat=True).first()
    if at is None:
        return rows.none()
    return rows.filter(acted_at__lte=at).filter(Q(acted_at__lt=at) | Q(pk__lt=key))


def started_of(person_id: int) -> QuerySet[Instance]:
    """Matters that the person handed in, or that are about the person, the newest first."""
    rows = Instance.objects.filter(Q(applicant_id=person_id) | Q(started_by_id=person_id))
    return rows.select_related("applicant").defer(*_STATE).order_by("-pk")


def copied_of(person_id: int) -> QuerySet[Copy]:
    """What the person was shown; unread ones say so."""
    rows = Copy.objects.filter(person_id=person_id).select_related("instance__applicant")
    return rows.defer(*(f"instance__{name}" for name in _STATE)).order_by("-pk")


# The state of the tokens, which no list shows.
_STATE = ("journal", "data", "timers", "tokens")


def _with_instance(rows: Any) -> Any:
    return (
        rows.select_related("instance", "instance__applicant")
        .only(
            "serial", "node", "node_title", "kind", "state", "verdict", "arrived_at", "acted_at", "due_at", "amber_at",
            "light", "read_at", "urged", "person_id", "for_person_id", "instance__title", "instance__process",
            "instance__state", "instance__outcome", "instance__link", "instance__subject_type", "instance__subject_id",
            "instance__started_at", "instance__version_id", "instance__applicant__name",
        )
    )  # fmt: skip


def count_todo(person_id: int) -> int:
    """How many items of processes await the person."""
    return WorkItem.objects.filter(
        person_id=person_id, state__in=WorkItem.SHOWN, instance__state=Instance.State.RUNNING
    ).count()


def instance_of(subject: Any, process: str | None = None) -> Instance | None:
    """The latest instance that decides about this row."""
    rows = Instance.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    return (rows.filter(process=process) if process else rows).order_by("-pk").first()


def trace_of(instance: Instance) -> list[Step]:
    """Every row of the history, the first first."""
    return list(instance.steps.select_related("by_person").order_by("number"))


def nodes_behind(instance: Instance) -> list[tuple[str, str]]:
    """Steps of people that are done and still stand, each once, in the order they were first done."""
    drawing = drawing_of(instance.version_id)
    done = dict.fromkeys(node_of(name) for name, _ in instance.journal if name)
    return [(one, drawing.node(one).name) for one in done if drawing.asks_people(one)]


def places_of(instance: Instance) -> list[tuple[str, str]]:
    """Where it stands now: id and name of each node."""
    drawing = drawing_of(instance.version_id)
    found = dict.fromkeys(node_of(name) or name for name in instance.tokens)
    return [(one, "申请人修改" if one.startswith("@") else drawing.node(one).name) for one in found]


def questions_of(item: WorkItem) -> tuple[Any, ...]:
    """What the step's operation asks of whoever approves, besides the opinion."""
    node = drawing_of(item.instance.version_id).node(item.node)
    if not node.operation:
        return ()
    subject = rights.subject_of(item.instance)
    return rights.questions(rights.operation_named(type(subject), node.operation))


def branches_of(item: WorkItem) -> dict[str, tuple[Any, ...]]:
    """Ways out that whoever approves here has to choose, by gateway; `values={"chosen_flows": [ids]}` answers."""
    drawing = drawing_of(item.instance.version_id)
    ahead = {
        output.bpmn_id
        for spec in [drawing.spec, *drawing.subprocesses.values()]
        for name, task in spec.task_specs.items()
        if name == item.node
        for output in task.outputs
    }
    return {gateway: ways for gateway, ways in drawing.choices.items() if gateway in ahead}
