"""One matter in hand: the instance, its tokens, whom it asks; every change goes into the open row of the history."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.workflow import assignees, conditions, declare, live, rights, storing
from yanta.kernel.workflow.bpmn.gateways import CHOSEN
from yanta.kernel.workflow.bpmn.settings import NodeSettings
from yanta.kernel.workflow.declare import Declared
from yanta.kernel.workflow.drawing import Drawing, drawing_of
from yanta.kernel.workflow.models import Copy, Instance, Step, WorkItem
from yanta.kernel.workflow.outbox import Post
from yanta.kernel.workflow.tokens import Run
from yanta.kernel.workflow.verbs import Verb

State = WorkItem.State
WITH_APPLICANT = "@applicant"
REMEMBERED = ("state", "verdict", "person_id", "for_person_id", "node", "token", "round", "group", "waits")
GOING_ON = (
    "state", "outcome", "journal", "tokens", "timers", "data", "last_step", "last_item", "seal", "problem", "wake_at", "ended_at",
    "version_id", "title",
)  # fmt: skip


class Matter:
    """Loaded with its row locked, changed in memory, saved at once."""

    def __init__(
        self, instance: Instance, items: Iterable[WorkItem], *, now: datetime, subject: Any = None
    ) -> None:
        self.instance, self.now = instance, now
        self.items = {item.serial: item for item in items}
        self._loaded = {name: getattr(instance, name) for name in GOING_ON} | {
            "timers": dict(instance.timers)
        }
        self.drawing: Drawing = drawing_of(instance.version_id)
        self.post = Post()
        self.steps: list[Step] = []
        self.copies: list[Copy] = []
        # Whether anybody stands in for anybody, as far as is known.
        self.has_deputies = True
        self._subject = subject
        self._names: dict[str, Any] | None = None
        self._fresh: set[int] = set()
        self._touched: dict[int, set[str]] = {}
        self._noted: set[int] = set()

    @classmethod
    def load(cls, instance_id: int, *, locked: bool = True, now: datetime | None = None) -> Matter:
        """The matter as it stands; locked until the transaction ends."""
        now = now or timezone.now()
        instance, items, has_deputies = storing.read(instance_id, timezone.localdate(now), locked=locked)
        matter = cls(instance, items, now=now)
        matter.has_deputies = has_deputies
        return matter

    # What it is about.

    @cached_property
    def declaration(self) -> Declared:
        found: Declared = declare.declared(rights.base_of(self.instance))
        return found

    @property
    def subject(self) -> Any:
        if self._subject is None:
            self._subject = rights.subject_of(self.instance)
        return self._subject

    @cached_property
    def run(self) -> Run:
        return live.taken(self.instance, self.drawing, self.decide)

    def names(self) -> Mapping[str, Any]:
        """What conditions may read: what the system declares, and what was answered on the way."""
        if self._names is None:
            self._names = {
                CHOSEN: [], "verdict": "", **self.declaration.data(self.subject), **self.instance.data
            }  # fmt: skip
        return self._names

    def decide(self, text: str) -> Any:
        return conditions.evaluate(text, self.names())

    def forget_names(self) -> None:
        """After an operation the row may say something else."""
        self._names = None

    def asking(self) -> assignees.Asking:
        return assignees.Asking(
            subject=lambda: self.subject, unit_path=self._unit_path,
            applicant_id=self.instance.applicant_id, on=timezone.localdate(self.now), data=self.names,
            decisions=self.drawing.decisions, deciders=self.deciders,
        )  # fmt: skip

    def _unit_path(self) -> str:
        return str(self.instance.unit.path) if self.instance.unit else ""

    # Whom it asks.

    def node(self, item: WorkItem) -> NodeSettings:
        return self.drawing.node(item.node)

    def open_items(self) -> list[WorkItem]:
        return [item for item in self.items.values() if item.state in WorkItem.OPEN]

    def together(self, item: WorkItem) -> list[WorkItem]:
        """Those asked in the same round."""
        return [one for one in self.items.values() if one.round == item.round]

    def approvals(self) -> list[WorkItem]:
        """Signatures that still stand: their node has not been gone back to."""
        standing = {name for name, _ in self.instance.journal} | set(self.instance.tokens)
        return [
            item
            for item in self.items.values()
            if item.state == State.DONE and item.verdict in ("approve", "skip") and item.token in standing
        ]

    def deciders(self, node: str) -> list[int]:
        """Who approved at a node the last time it was decided."""
        done = [item for item in self.approvals() if item.node == node and item.person_id]
        last = max((item.round for item in done), default=0)
        return list(dict.fromkeys(item.person_id for item in done if item.round == last and item.person_id))

    # Changing it.

    def begin(
        self, verb: Verb, actor: Actor, *, item: WorkItem | None = None, node: NodeSettings | None = None, **said: Any
    ) -> Step:  # fmt: skip
        """Open the next row of the history; whatever changes until the next one belongs to it."""
        self._close()
        at = node or (self.node(item) if item else None)
        title = item.node_title if item else at.name if at else ""
        self.instance.last_step += 1
        step = Step(
            instance=self.instance, number=self.instance.last_step, at=self.now, verb=verb, before=list(self.instance.tokens),
            node=at.node_id if at else "", node_title=title, item=item.serial if item else None,
            by_person_id=actor.person_id, by_name=actor.signature[:80], did={}, **said,
        )  # fmt: skip
        self.steps.append(step)
        return step

    def _close(self) -> None:
        if not self.steps or self.steps[-1].seal:
            return
        step = self.steps[-1]
        step.after = list(self.instance.tokens)
        if self._noted:
            step.did["items"] = {str(key): remembered(self.items[key]) for key in sorted(self._noted)}
        self._noted = set()
        step.seal = self.instance.seal = sealed(step, self.instance.seal)

    def moved(self, *move: Any) -> None:
        """Note a movement of tokens in the open row, and where they stand now."""
        self.steps[-1].did.setdefault("moves", []).append(list(move))
        self.instance.journal = self.run.journal
        self.instance.tokens = [token.name for token in self.run.tokens]

    def complete(self, token: str) -> None:
        """The token goes on."""
        name, choices = self.run.complete(token)
        self.moved("go", name, choices)

    def rewind(self, node: str) -> None:
        """The last completion of a node, and all that followed from it, has not been."""
        fresh = self.run.rewound(node)
        self.run = fresh
        self.moved("back", node, fresh.asked)

    def restart(self) -> None:
        """From the beginning, in the same version."""
        self.run = Run(self.drawing, self.decide)
        self.moved("again", *self.run.journal[0][1:])

    def leave_with_applicant(self) -> None:
        """No token anywhere until the applicant hands in again."""
        self.steps[-1].did.setdefault("moves", []).append(["none"])
        self.__dict__.pop("run", None)
        self.instance.journal, self.instance.tokens, self.instance.timers = [], [WITH_APPLICANT], {}

    def change(self, item: WorkItem, **values: Any) -> None:
        for name, value in values.items():
            setattr(item, name, value)
        self._touched.setdefault(item.serial, set()).update(values)
        self._noted.add(item.serial)

    def add(self, token: str, node: NodeSettings, **values: Any) -> WorkItem:
        """Somebody more is asked."""
        self.instance.last_item += 1
        serial = self.instance.last_item
        values = {"round": serial, "group": serial, "arrived_at": self.now, "waits": [], **values}
        item = WorkItem(
            instance=self.instance, serial=serial, token=token, node=node.node_id, node_title=node.name[:120], **values
        )  # fmt: skip
        self.items[serial] = item
        self._fresh.add(serial)
        self._noted.add(serial)
        return item

    def copy_to(self, people: Iterable[int], actor: Actor, *, note: str = "", node: str = "") -> None:
        self.copies += [
            Copy(
                instance=self.instance,
                person_id=one,
                by_name=actor.signature,
                note=note[:300],
                node_title=node,
            )
            for one in people
        ]

    def save(self) -> None:
        """Everything that changed, in one message to the database."""
        self._close()
        times = [datetime.fromisoformat(one) for one in self.instance.timers.values()]
        self.instance.wake_at = min(times, default=None)
        storing.write([*self._written_items(), *self._written_instance()])
        if self.copies:
            Copy.objects.bulk_create(self.copies, ignore_conflicts=True)
        self.post.send(self.instance)
        if "run" in self.__dict__ and self.instance.is_open:
            live.keep(self.instance.pk, self.run)

    def _written_instance(self) -> list[storing.Statement]:
        """What changed of it; nothing of that would be searched for, so whoever listens to saves is not told."""
        changed = (name for name in GOING_ON if getattr(self.instance, name) != self._loaded[name])
        written = storing.table(Instance).update(self.instance, (*changed, "updated_at"), self.now)
        return [written, *storing.table(Step).insert(self.steps, self.now)]

    def _written_items(self) -> list[storing.Statement]:
        items = storing.table(WorkItem)
        added = [self.items[serial] for serial in sorted(self._fresh)]
        changed = [self.items[serial] for serial in sorted(self._touched.keys() - self._fresh)]
        return [
            *(items.update(one, self._changed(one), self.now) for one in changed),
            *items.insert(added, self.now),
        ]

    def _changed(self, item: WorkItem) -> tuple[str, ...]:
        """In one order whatever happened first, so that few statements are composed."""
        untold = {"untold"} if item.untold else set()
        return (*sorted(self._touched[item.serial] | untold), "updated_at")


def remembered(item: WorkItem) -> list[Any]:
    """What the history keeps of an item after a change."""
    return [getattr(item, name) for name in REMEMBERED]


def sealed(step: Step, before: str) -> str:
    """A digest of the row and of the one before it: a row that is altered or missing shows."""
    told = [
        before, step.number, step.at.timestamp(), step.verb, step.node, step.item, step.by_person_id, step.by_name,
        step.for_name, step.to_names, step.opinion, step.note, step.attachments, step.before, step.after, step.did,
    ]  # fmt: skip
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
