"""Running matters taken over into another version, on purpose: by node ids, and saying what cannot be moved."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from yanta.kernel.base import Actor, Refused
from yanta.kernel.workflow.drawing import drawing_of
from yanta.kernel.workflow.matter import Matter, State
from yanta.kernel.workflow.models import Instance, Version, WorkItem
from yanta.kernel.workflow.moving import proceed
from yanta.kernel.workflow.tokens import Run, node_of
from yanta.kernel.workflow.verbs import Verb


@dataclass(frozen=True, slots=True)
class Moving:
    """What would become of one matter: `reason` says why it cannot be moved."""

    instance: Instance
    stands: tuple[str, ...]
    reason: str = ""


def preview(version: Version) -> list[Moving]:
    """Every running matter of the process that is in another version."""
    rows = Instance.objects.filter(process=version.process.key).exclude(state=Instance.State.ENDED)
    return [_judged(one, version) for one in rows.exclude(version=version).order_by("pk")]


def _judged(instance: Instance, version: Version) -> Moving:
    old = drawing_of(instance.version_id)
    stands = tuple(old.node(node_of(name)).name for name in instance.tokens)
    try:
        _moved(Matter.load(instance.pk, locked=False), version)
    except Refused as refusal:
        return Moving(instance, stands, refusal.message)
    return Moving(instance, stands)


def _moved(matter: Matter, version: Version) -> Run:
    """The same completions in the new drawing; it must then stand at the same nodes."""
    drawing = drawing_of(version.pk)
    run = Run(drawing, matter.decide, matter.instance.journal[:1])
    for name, choices in matter.instance.journal[1:]:
        if not run.has(name):
            title = matter.drawing.node(node_of(name)).name
            raise Refused(f"新版本里走不到已经办过的“{title}”", rule="migrate")
        run.complete(name, choices)
    there = {token.name for token in run.tokens}
    for item in matter.open_items():
        if item.kind in (WorkItem.Kind.SIGN, WorkItem.Kind.ADDED) and item.token not in there:
            raise Refused(f"新版本里没有正在办的“{item.node_title}”，或不在这个位置", rule="migrate")
    return run


def migrate(version: Version, *, actor: Actor) -> list[Moving]:
    """Move what can be moved; the rest keeps its version, with the reason."""
    return [
        one if one.reason else _carried_out(one.instance, version, one.stands, actor)
        for one in preview(version)
    ]


def _carried_out(instance: Instance, version: Version, stands: tuple[str, ...], actor: Actor) -> Moving:
    try:
        with transaction.atomic():
            matter = Matter.load(instance.pk)
            if matter.instance.state == Instance.State.ENDED:
                raise Refused("已经办结", rule="migrate")
            old = matter.instance.version_id
            run = _moved(matter, version) if matter.instance.journal else None
            step = matter.begin(Verb.MIGRATE, actor, note=str(version))
            step.did.update({"from_version": old, "version": version.pk})
            matter.instance.version, matter.drawing = version, drawing_of(version.pk)
            if run is not None:
                matter.run = run
                matter.moved("journal", [list(entry) for entry in run.journal])
                _retitled(matter)
                proceed(matter)
            matter.save()
    except Refused as refusal:
        return Moving(instance, stands, refusal.message)
    return Moving(matter.instance, stands)


def _retitled(matter: Matter) -> None:
    for item in matter.open_items():
        if item.state != State.DONE and item.node in matter.drawing.nodes:
            matter.change(item, node_title=matter.node(item).name[:120])
