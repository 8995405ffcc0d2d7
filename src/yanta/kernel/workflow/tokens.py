"""Where a matter stands: Spiff moves the tokens, a journal of what was completed says all there is to say.

The journal is a list of `[token, choices]`: what was completed or fired, and what the conditions behind it came to. A state
is rebuilt by completing the same again, with the same choices; going back is leaving out one completion and whatever cannot
happen without it. So withdraw and free return are right in parallel branches and behind a join too.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins import EndEventMixin  # type: ignore[import-untyped]  # brings no types
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent  # type: ignore[import-untyped]  # brings no types
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow  # type: ignore[import-untyped]  # brings no types
from SpiffWorkflow.exceptions import SpiffWorkflowException  # type: ignore[import-untyped]  # brings no types
from SpiffWorkflow.util.task import TaskState  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.base import Refused
from yanta.kernel.workflow.drawing import Drawing

Choices = dict[str, Any]
Journal = list[list[Any]]
Decide = Callable[[str], Any]

logging.getLogger("spiff").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Token:
    """One place where the matter stands; `name` is the path of its node and how often it was reached."""

    name: str
    node: str
    waits_for_event: bool = False


class _Engine:
    """In place of Spiff's, which would evaluate Python."""

    def __init__(self) -> None:
        self.decide: Decide = self._refuse
        self.known: Choices = {}
        self.made: Choices = {}

    @staticmethod
    def _refuse(text: str) -> Any:
        raise Refused(f"流程条件“{text}”在这里没有数据可用", rule="condition")

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        if expression not in self.made:
            self.made[expression] = (
                self.known[expression] if expression in self.known else self.decide(expression)
            )
        return self.made[expression]

    def execute(self, task: Any, script: str, external_context: Any = None) -> Any:
        raise Refused("流程里的脚本不会执行", rule="condition")

    call_service = execute


class Run:
    """The tokens of one matter."""

    def __init__(self, drawing: Drawing, decide: Decide, journal: Journal | None = None) -> None:
        self.drawing = drawing
        self.engine = _Engine()
        self.decide_by(decide)
        self.journal: Journal = []
        self.names: dict[Any, str] = {}
        self.seen: Counter[str] = Counter()
        self.stops: list[tuple[Any, Token]] | None = None
        first = journal[0][1] if journal else {}
        self.workflow = BpmnWorkflow(drawing.spec, dict(drawing.subprocesses), script_engine=self.engine)
        self._move(lambda: None, "", first)
        for name, choices in (journal or [])[1:]:
            self.complete(name, choices)

    def decide_by(self, decide: Decide) -> None:
        """What conditions not yet met are asked of; `asked` is what it answered."""
        self.asked: Choices = {}

        def noting(text: str) -> Any:
            self.asked[text] = _plain(decide(text))
            return self.asked[text]

        self.engine.decide = noting
        self.decide = decide

    @property
    def tokens(self) -> list[Token]:
        """Stops and waits, in the order of the tree."""
        return [token for _, token in self._open_tasks()]

    @property
    def is_over(self) -> bool:
        return bool(self.workflow.is_completed())

    def end_event(self) -> str:
        """The last end event that was reached."""
        ends = [
            task
            for task in self.workflow.get_tasks(state=TaskState.COMPLETED)
            if isinstance(task.task_spec, EndEventMixin) and task.task_spec.bpmn_id
        ]
        return str(max(ends, key=lambda task: task.last_state_change).task_spec.bpmn_id) if ends else ""

    def has(self, name: str) -> bool:
        return any(token.name == name for token in self.tokens)

    def complete(self, name: str, choices: Choices | None = None) -> list[Any]:
        """The work at a stop is done, or the event has come; returns the entry of the journal."""
        task = next((task for task, token in self._open_tasks() if token.name == name), None)
        if task is None:
            raise Refused("这个环节已经不在当前进程里，请刷新后再办", rule="token")
        return self._move(lambda: self._pass(task), name, choices or {})

    def _pass(self, task: Any) -> None:
        if isinstance(task.task_spec, CatchingEvent):
            task._set_internal_data(event_fired=True)
            task.task_spec._update(task)
        else:
            task.run()

    def _move(self, what: Callable[[], None], name: str, known: Choices) -> list[Any]:
        self.engine.known, self.engine.made = known, {}
        self.stops = None
        try:
            what()
            self.workflow.do_engine_steps()
        except SpiffWorkflowException as error:
            raise Refused(f"流程走不下去：{_reason(error)}", rule="bpmn") from error
        entry = [name, {text: _plain(value) for text, value in self.engine.made.items()}]
        self.journal.append(entry)
        self._open_tasks()
        return entry

    def _open_tasks(self) -> list[tuple[Any, Token]]:
        """Looked for once after each movement."""
        if self.stops is None:
            self.stops = self._found()
        return self.stops

    def _found(self) -> list[tuple[Any, Token]]:
        found = []
        for task in self.workflow.get_tasks(state=TaskState.READY | TaskState.WAITING | TaskState.STARTED):
            spec = task.task_spec
            event = isinstance(spec, CatchingEvent) and task.has_state(TaskState.WAITING)
            if not event and not (spec.manual and task.has_state(TaskState.READY)):
                continue
            if task.id not in self.names:
                path = ">".join([*_parents(task), spec.name])
                self.seen[path] += 1
                self.names[task.id] = f"{path}#{self.seen[path]}"
            found.append((task, Token(self.names[task.id], str(spec.bpmn_id or spec.name), event)))
        return found

    def rewound(self, node: str) -> Run:
        """As if the last completion of this node had not happened, nor anything that follows from it."""
        last = max((at for at, (name, _) in enumerate(self.journal) if node_of(name) == node), default=None)
        if last is None:
            raise Refused("这个环节还没有办过，不能退回到那里", rule="return")
        fresh = Run(self.drawing, self.decide, self.journal[:last])
        for name, choices in self.journal[last + 1 :]:
            if fresh.has(name):
                fresh.complete(name, choices)
        return fresh


def node_of(token: str) -> str:
    """The id of the node that a token's name ends with."""
    return token.rpartition("#")[0].rpartition(">")[2]


def _parents(task: Any) -> list[str]:
    path: list[str] = []
    workflow = task.workflow
    while workflow.parent_task_id is not None:
        parent = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        path.insert(0, parent.task_spec.name)
        workflow = parent.workflow
    return path


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str | list) or value is None else str(value)


def _reason(error: BaseException) -> str:
    """What a person can use: the refusal within, if there is one."""
    inner = error.__cause__ or getattr(error, "exception", None)
    if isinstance(inner, Refused):
        return inner.message
    return _reason(inner) if isinstance(inner, BaseException) else str(error)[:200]
