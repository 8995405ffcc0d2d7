"""One matter told: where it stands on one line, what is decided about, and everything that was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from yanta.kernel.base import Actor
from yanta.kernel.files.models import StoredFile
from yanta.kernel.resource import records, resource_of
from yanta.kernel.resource.opening import opens
from yanta.kernel.workflow import front, queries, rights
from yanta.kernel.workflow.ahead import ahead_of, several
from yanta.kernel.workflow.drawing import drawing_of
from yanta.kernel.workflow.models import Instance, Step, WorkItem
from yanta.kernel.workflow.papers import papers_of
from yanta.kernel.workflow.verbs import Verb
from yanta.kernel.workflow.views import listing

_TONES = {
    Verb.APPROVE: "success", Verb.REFUSE: "danger", Verb.RETURN: "warning", Verb.WITHDRAW: "warning", Verb.END: "danger",
    Verb.ESCALATE: "warning", Verb.URGE: "warning", Verb.FINISH: "success",
}  # fmt: skip
OPEN = (WorkItem.State.TODO, WorkItem.State.OFFERED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    what: str
    who: str
    when: datetime
    tone: str
    text: str
    note: str
    took: str
    files: list[StoredFile]


def told(target: WorkItem | Instance, actor: Actor) -> dict[str, Any]:
    """Everything that a page about a matter shows."""
    instance = target.instance if isinstance(target, WorkItem) else target
    items = list(instance.items.select_related("person", "for_person").order_by("serial"))
    steps = queries.trace_of(instance)
    return {
        "instance": instance,
        "state": (listing.said_of(instance), listing.tone_of(instance)),
        "line": line_of(instance, items),
        "now_with": _now_with(items),
        "entries": list(timeline(steps, items)),
        "copies": list(instance.copies.select_related("person").order_by("pk")),
        "papers": papers_of(instance, actor),
        "opens_original": bool(instance.link) and opens(instance.link, actor),
        **about(target, instance, actor),
    }


def about(target: WorkItem | Instance, instance: Instance, actor: Actor) -> dict[str, Any]:
    """The row that is decided about, as far as this person may see it; whoever decides now reads all of it."""
    subject = rights.subject_of(instance)
    resource = resource_of(type(subject))
    may = resource is not None and front.standing(instance, actor).may(resource.permission("view"))
    if resource is None or not may:
        return {"groups": [], "row": subject, "resource": resource}
    groups = records.facts_of(resource, subject, front.standing(instance, actor))
    said = resource.in_full(subject, actor=actor) if _decides(target, actor) else {}
    steps = [name for _, name in queries.places_of(instance) if name] if instance.is_open else []
    known = (records.FactGroup(one.title, one.note, list(worded(one.facts, said, steps))) for one in groups)
    return {"groups": [one for one in known if one.facts], "row": subject, "resource": resource}


def _decides(target: WorkItem | Instance, actor: Actor) -> bool:
    if not isinstance(target, WorkItem) or target.state != WorkItem.State.TODO:
        return False
    return target.person_id == actor.person_id


def worded(
    facts: Iterable[records.Fact], said: Mapping[str, str], steps: Sequence[str]
) -> Iterable[records.Fact]:
    """Facts for deciding: without what nobody has said yet; a row that waits does so for the steps that are open."""
    for fact in facts:
        value = said.get(fact.name) or fact.value
        if steps and fact.name in ("state", "status") and value.startswith("待"):
            value = gettext("待%(step)s") % {"step": "、".join(map(gettext, steps))}
        if value:
            yield replace(fact, value=value)


def line_of(instance: Instance, items: list[WorkItem]) -> list[dict[str, Any]]:
    """The steps of people: what is done and where it stands, as drawn; then what is still to come, and with whom."""
    drawing = drawing_of(instance.version_id)
    done = {node for node, _ in queries.nodes_behind(instance)}
    now = {node for node, _ in queries.places_of(instance)} if instance.is_open else set()
    line = [_start(instance)]
    for node in drawing.people_nodes():
        if node.node_id not in now | done:
            continue
        here = [item for item in items if item.node == node.node_id and item.state != WorkItem.State.DROPPED]
        state = "current" if node.node_id in now else "done"
        line.append({"label": node.name, "state": state, **_who(here, state)})
    line += [
        {"label": one.name, "state": "todo", "who": one.who, "when": None}
        for one in ahead_of(instance)
        if one.node not in now
    ]
    if instance.state == Instance.State.ENDED:
        ended = "refused" if instance.outcome in ("refused", "terminated", "withdrawn") else "done"
        line.append(
            {"label": listing.said_of(instance), "state": ended, "when": instance.ended_at, "who": ""}
        )
    return line


def _start(instance: Instance) -> dict[str, Any]:
    is_back = instance.is_open and any(token.startswith("@") for token in instance.tokens)
    who = instance.applicant.name if instance.applicant else ""
    state = "current" if is_back else "done"
    return {
        "label": "修改后提交" if is_back else "提交",
        "state": state,
        "who": who,
        "when": instance.started_at,
    }


def _who(items: list[WorkItem], state: str) -> dict[str, Any]:
    shown = [one for one in items if (one.state in OPEN) == (state == "current")] or items
    names = list(dict.fromkeys(one.person.name for one in shown if one.person))
    when = max((one.acted_at for one in items if one.acted_at), default=None) if state == "done" else None
    return {"who": several(names), "when": when}


def _now_with(items: list[WorkItem]) -> str:
    found: dict[str, list[str]] = {}
    for one in items:
        if one.state in OPEN:
            name = one.person.name if one.person else gettext("尚无人办理")
            found.setdefault(gettext(one.node_title), []).append(name)
    return "；".join(f"{node}：{'、'.join(dict.fromkeys(names))}" for node, names in found.items())


def who_did(step: Step) -> str:
    """Whoever acted, and for whom; the machine by its name in the reader's language."""
    name = step.by_name if step.by_person_id else gettext(step.by_name)
    return name + (gettext("（代 %(name)s）") % {"name": step.for_name} if step.for_name else "")


def timeline(steps: Iterable[Step], items: Iterable[WorkItem]) -> Iterable[Entry]:
    """The latest first; a decision says how long it took."""
    steps = list(steps)
    by_serial = {item.serial: item for item in items}
    files = StoredFile.objects.in_bulk({key for step in steps for key in step.attachments})
    for step in reversed(steps):
        item = by_serial.get(step.item or 0)
        took = (
            listing.span(step.at - item.arrived_at)
            if item and step.verb in (Verb.APPROVE, Verb.REFUSE, Verb.RETURN)
            else ""
        )
        who = who_did(step)
        what = gettext("：").join(
            gettext(word) for word in (step.node_title, step.get_verb_display()) if word
        )
        to = gettext("给 %(names)s") % {"names": step.to_names} if step.to_names else ""
        note = gettext("；").join(filter(None, (to, gettext(step.note) if step.note else "")))
        kept = [files[key] for key in step.attachments if key in files]
        yield Entry(what, who, step.at, _TONES.get(Verb(step.verb), ""), step.opinion, note, took, kept)
