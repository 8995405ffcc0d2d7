"""`@operation`: the one way in which state changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, cast

import pghistory
from django.db import DataError, models, transaction

from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.models import Record
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.base.scope import permission_of
from yanta.kernel.operation.parameters import Parameter, parameters_of, subject_of

P = ParamSpec("P")
R = TypeVar("R")

_registry: list[Operation[..., Any]] = []
# Who is asked before a verb is carried out on a row: True when it has been done another way, as a step of a process.
_detours: list[Callable[[Operation[..., Any], Any, Actor, dict[str, Any]], bool]] = []
# The rows of the operation's own model that were written while it runs; checked before it commits.
_written: ContextVar[dict[type[models.Model], set[Any]] | None] = ContextVar("written", default=None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row of a bulk action."""

    subject: Any
    refusal: str = ""

    @property
    def done(self) -> bool:
        return not self.refusal


class Operation(Generic[P, R]):
    """A verb with its permission, its question form and its guard rails; called like the function itself."""

    def __init__(
        self,
        function: Callable[P, R],
        title: str,
        *,
        model: type[models.Model] | None = None,
        icon: str = "player-play",
        danger: bool = False,
        confirm: str = "",
        bulk: bool = True,
        when: Callable[[Any], bool] | None = None,
        roles: tuple[str, ...] = (),
    ) -> None:
        self.function, self.title, self.icon = function, title, icon
        self.danger, self.confirm, self.bulk, self.when, self.roles = danger, confirm, bulk, when, roles
        self._model = model
        update_wrapper(self, function)

    @property
    def name(self) -> str:
        return self.function.__name__

    @cached_property
    def on_collection(self) -> bool:
        return self._model is not None and subject_of(self.function) is None

    @cached_property
    def model(self) -> type[Record]:
        found = self._model or subject_of(self.function)
        if found is None or not issubclass(found, Record):
            raise TypeError(f"{self.function.__qualname__}: name the record it acts on, or give model=")
        return found

    @cached_property
    def permission(self) -> str:
        return permission_of(self.model, self.name)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(parameters_of(self.function, self.model))

    def offered_to(self, actor: Actor, subject: Any | None = None) -> bool:
        """Whether the button is shown: the actor may, and the row is in a state in which it makes sense."""
        if not actor.may(self.permission):
            return False
        return subject is None or self.when is None or bool(self.when(subject))

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        actor = kwargs.get("actor")
        if not isinstance(actor, Actor):
            raise TypeError(f"{self.name}() needs actor=")
        subject = args[0] if args else None
        if any(detour(self, subject, actor, kwargs) for detour in _detours):
            # What such a verb answers is the row, which its callers have.
            return cast(R, None)
        if not actor.may(self.permission):
            self._refused(actor, subject, "无权限")
            raise NotAllowed(f"您没有“{self.title}”的权限", rule=self.permission)
        try:
            return self._carried_out(subject, actor, args, kwargs)
        except OutOfScope:
            self._refused(actor, subject, "超出范围")
            raise
        except DataError as error:
            # A parameter that no field of a form has bounded.
            raise Refused("填写的内容太长，或数字超出范围，没有保存", rule="values") from error

    def _carried_out(self, subject: Any, actor: Actor, args: Any, kwargs: Any) -> R:
        context = pghistory.context(operation=self.permission, actor=actor.name)
        with transaction.atomic(), context, _tracking() as rows:
            if isinstance(subject, Record):
                self._hold(subject, actor)
            result = self.function(*args, **kwargs)
            self._check_written(rows, result, actor)
            self._record(actor, subject if subject is not None else result, kwargs)
        return result

    def try_out(self, subject: Any, actor: Actor, parameters: dict[str, Any]) -> None:
        """Carry it out and undo it: raises what the verb itself would refuse with, and changes nothing."""
        with transaction.atomic():
            self._carried_out(subject, actor, (subject,), parameters)
            transaction.set_rollback(True)

    def on_each(self, subjects: Iterable[Any], *, actor: Actor, **parameters: Any) -> list[Outcome]:
        """The same verb on many rows; a refused row does not stop the others."""
        outcomes = []
        for subject in subjects:
            try:
                self(subject, actor=actor, **parameters)  # type: ignore[arg-type]
                outcomes.append(Outcome(subject))
            except Refused as refusal:
                outcomes.append(Outcome(subject, refusal.message))
        return outcomes

    def _hold(self, subject: Record, actor: Actor) -> None:
        """Lock the row, read it afresh, and make sure that it lies in the actor's scope."""
        model = type(subject)
        rows = model.objects.visible_to(actor, self.permission).filter(pk=subject.pk)
        if not rows.exists():
            raise OutOfScope(f"这条{model._meta.verbose_name}不在您的管理范围内", rule=self.permission)
        locked = model._base_manager.select_for_update(of=("self",), no_key=True)
        subject.refresh_from_db(from_queryset=locked)

    def _check_written(self, rows: dict[type[models.Model], set[Any]], result: Any, actor: Actor) -> None:
        """No row of the operation's model may have been written beyond the actor's scope."""
        keys = set(rows.get(self.model, ()))
        if isinstance(result, self.model):
            keys.add(result.pk)
        if not keys or actor.is_system:
            return
        present = self.model._base_manager.filter(pk__in=keys).count()
        if self.model.objects.visible_to(actor, self.permission).filter(pk__in=keys).count() < present:
            raise OutOfScope("操作结果超出您的管理范围，未保存", rule=self.permission)

    def _record(self, actor: Actor, subject: Any, kwargs: dict[str, Any]) -> None:
        kept = [p.name for p in self.parameters if p.recorded]
        asked = {name: kwargs[name] for name in kept if kwargs.get(name) is not None}
        target = subject if isinstance(subject, models.Model) else None
        audit.record(self.permission, actor=actor, subject=target, summary=self.title, data=asked)

    def _refused(self, actor: Actor, subject: Any, why: str) -> None:
        target = subject if isinstance(subject, models.Model) else None
        audit.record(
            self.permission, actor=actor, subject=target, summary=f"{self.title}：{why}", outcome="refused"
        )

    def __repr__(self) -> str:
        return f"<operation {self.function.__module__}.{self.name}>"


@contextmanager
def _tracking() -> Iterator[dict[type[models.Model], set[Any]]]:
    """Collects what is saved until the block ends; an inner operation's rows count for the outer one too."""
    outer = _written.get()
    rows: dict[type[models.Model], set[Any]] = {}
    token = _written.set(rows)
    try:
        yield rows
    finally:
        _written.reset(token)
        if outer is not None:
            for model, keys in rows.items():
                outer.setdefault(model, set()).update(keys)


def _note(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    rows = _written.get()
    if rows is not None and issubclass(sender, Record):
        rows.setdefault(sender, set()).add(instance.pk)


models.signals.post_save.connect(_note, dispatch_uid="operation-written")


def detour(way: Callable[[Operation[..., Any], Any, Actor, dict[str, Any]], bool]) -> Any:
    """Decorator: `def f(operation, subject, actor, parameters) -> bool`, asked before every verb (ADR 32)."""
    _detours.append(way)
    return way


def operation(title: str, **options: Any) -> Callable[[Callable[P, R]], Operation[P, R]]:
    """Declare a verb. Options: model, icon, danger, confirm, bulk, when, roles (see docs/reference/operation.md)."""

    def declare(function: Callable[P, R]) -> Operation[P, R]:
        declared = Operation(function, title, **options)
        _registry.append(declared)
        return declared

    return declare


def operations_of(model: type[models.Model]) -> list[Operation[..., Any]]:
    """Every verb declared on a model."""
    return [declared for declared in _registry if declared.model is model]
