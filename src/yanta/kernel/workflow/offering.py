"""Services (事项): an operation that hands something in, and the process that decides it, as people look for them.

```python
service(
    "leave", "请假", area="学工", owner="学工部", apply=services.apply, process="leave.absence", who=("student",),
    guide="离校或不能上课时申请，三天以内辅导员批准。", basis=("《学生管理规定》第二十条",), days=1, icon="plane-departure",
    materials=(Material("诊断证明", note="病假"), Material("本人照片", element="person.photo")),
)
```

Declared in a system's `workflows.py`, beside the process. What is asked stands in the operation's parameters: those marked
`FromElement` are filled from what the university knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core import checks

from yanta.kernel.access import roles
from yanta.kernel.base import Actor, areas, elements
from yanta.kernel.operation import Operation, Parameter

Channel = str
CHANNELS = {"online": "网上办理", "counter": "网上申请，窗口领取", "self": "即时办结"}


@dataclass(frozen=True, slots=True)
class Material:
    """A paper that is asked for; with `element`, it is not asked of whom the university knows it."""

    name: str
    element: str = ""
    note: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class AskedIf:
    """A question of the operation that is put only where another was answered with one of these."""

    question: str
    other: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """One thing a person can apply for.

    `who` are the roles it is for (empty: everyone), `refusal` says why a certain person may not today, `for_others` are
    the roles that may apply for another person, `days` is the promise in working days, `words` are what people call it.
    `url`: where one applies if not on the hall's own page. `choices`: for a question that links to a row, the few rows
    that this person means, as key and words, where all that may be linked would be too many.
    """

    key: str
    title: str
    area: str
    owner: str
    apply: Operation[..., Any] | None = None
    process: str | None = None
    who: tuple[str, ...] = ()
    guide: str = ""
    basis: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    days: int | None = None
    icon: str = "file-text"
    channel: Channel = "online"
    fee: str = "免费"
    words: tuple[str, ...] = ()
    for_others: tuple[str, ...] = ()
    opens_on: date | None = None
    closes_on: date | None = None
    refusal: Callable[[Actor, date], str | None] | None = None
    url: str = ""
    order: int = 50
    asked_if: tuple[AskedIf, ...] = ()
    choices: Mapping[str, Callable[[Actor], Sequence[tuple[int, str]]]] = field(
        default_factory=dict, hash=False
    )

    @property
    def questions(self) -> tuple[Parameter, ...]:
        return self.apply.parameters if self.apply else ()

    def is_for(self, actor: Actor) -> bool:
        """Whether the actor belongs to those it is meant for."""
        return not self.who or actor.has_role(*self.who)

    def why_not(self, actor: Actor, *, on: date) -> str | None:
        """Why this person cannot apply today, in words, or None."""
        if not self.is_for(actor) and not self.is_taken_for_others_by(actor):
            return f"这一事项面向{'、'.join(roles.ROLES[role].title for role in self.who)}"
        if self.apply is not None and not actor.may(self.apply.permission):
            return "您的身份没有开通这一事项"
        closed = self.closed(on)
        return closed or (self.refusal(actor, on) if self.refusal else None)

    def closed(self, on: date) -> str | None:
        if self.opens_on and on < self.opens_on:
            return f"{self.opens_on:%Y-%m-%d} 开始受理"
        if self.closes_on and on > self.closes_on:
            return f"{self.closes_on:%Y-%m-%d} 已截止受理"
        return None

    def is_taken_for_others_by(self, actor: Actor) -> bool:
        return bool(self.for_others) and actor.has_role(*self.for_others)


@dataclass(frozen=True, slots=True)
class Bundle:
    """一件事: several services asked for at once; each question is put once, and the matters go their ways side by side.

    `optional` are keys that a person may leave out.
    """

    key: str
    title: str
    services: tuple[str, ...]
    who: tuple[str, ...] = ()
    guide: str = ""
    icon: str = "stack-2"
    optional: tuple[str, ...] = ()

    def is_for(self, actor: Actor) -> bool:
        return not self.who or actor.has_role(*self.who)


_services: dict[str, Service] = {}
_bundles: dict[str, Bundle] = {}
_sources: list[Callable[[], Iterable[Service]]] = []


def service(key: str, title: str, *, area: str, owner: str, **options: Any) -> Service:
    """Declare a service; the options are the fields of `Service`."""
    if key in _services:
        raise TypeError(f"two services are called {key}")
    _services[key] = Service(key, title, area, owner, **options)
    return _services[key]


def bundle(key: str, title: str, *, services: Iterable[str], **options: Any) -> Bundle:
    """Declare one application for several services; those that this school does not offer are left out."""
    if key in _bundles:
        raise TypeError(f"two bundles are called {key}")
    _bundles[key] = Bundle(key, title, tuple(services), **options)
    return _bundles[key]


def bundles() -> list[tuple[Bundle, list[Service]]]:
    """Every bundle with those of its services that are offered; one of a single service is none."""
    known = {one.key: one for one in offered()}
    found = [(one, [known[key] for key in one.services if key in known]) for one in _bundles.values()]
    return [(one, services) for one, services in found if len(services) > 1]


def services_from(source: Callable[[], Iterable[Service]]) -> Callable[[], Iterable[Service]]:
    """Decorator: a function that names further services, such as those designed in the browser."""
    _sources.append(source)
    return source


def offered() -> list[Service]:
    """Every service, declared or designed, in the order of areas and within one by `order`."""
    found = dict(_services)
    for source in _sources:
        for one in source():
            found.setdefault(one.key, one)
    return sorted(found.values(), key=lambda one: (one.area, one.order, one.title))


def declared() -> dict[str, Service]:
    """Those declared in code, by key."""
    return dict(_services)


def service_named(key: str) -> Service:
    """The service of this key; LookupError if nobody offers it."""
    if key in _services:
        return _services[key]
    for source in _sources:
        for one in source():
            if one.key == key:
                return one
    raise LookupError(f"no service is called {key}")


def service_of_process(process: str) -> Service | None:
    """The service that this process decides; where several share it, nothing tells which one is meant."""
    found = [one for one in offered() if one.process == process]
    return found[0] if len(found) == 1 else None


@checks.register
def check_services(**_: Any) -> list[checks.CheckMessage]:
    """Every service declared in code."""
    return [message for one in _services.values() for message in _faults(one)]


def _faults(one: Service) -> Iterator[checks.CheckMessage]:
    known = elements.declared()
    if one.apply is None and not one.url:
        yield _error(1, f"service {one.key} cannot be applied for", "Give `apply=` or `url=`.")
    unknown = [role for role in (*one.who, *one.for_others) if role not in roles.ROLES]
    if unknown:
        yield _error(2, f"service {one.key}: no role {unknown}", f"One of {', '.join(roles.ROLES)}.")
    asked = [*(p.element for p in one.questions), *(m.element for m in one.materials)]
    for name in sorted({name for name in asked if name and name not in known}):
        yield _error(3, f"service {one.key}: nobody answers for the element {name}", "See `elements.py`.")
    if one.for_others and one.apply and "applicant" not in {p.name for p in one.questions}:
        hint = "Take `applicant: Person | None = None`; the hall passes whom it is for."
        yield _error(7, f"service {one.key} is for others but its operation knows nobody else", hint)
    yield from _mute(one)
    yield from _hanging_on_nothing(one)
    if one.channel not in CHANNELS:
        yield _error(5, f"service {one.key}: no channel {one.channel!r}", f"One of {', '.join(CHANNELS)}.")
    if one.area not in areas():
        yield _error(8, f"service {one.key}: no area {one.area}", f"Those of the menu: {', '.join(areas())}.")
    if not one.guide:
        yield _error(6, f"service {one.key} says nobody what it is for", "Give `guide=`.")


def _mute(one: Service) -> Iterator[checks.CheckMessage]:
    for question in one.questions:
        if question.label.isascii():
            hint = 'Write `Annotated[str, Label("…")]`, or name it like a field of the model.'
            yield _error(4, f"service {one.key}: question {question.name!r} has no Chinese label", hint)


def _hanging_on_nothing(one: Service) -> Iterator[checks.CheckMessage]:
    names = {question.name for question in one.questions}
    if stray := sorted({name for each in one.asked_if for name in (each.question, each.other)} - names):
        yield _error(9, f"service {one.key}: its operation does not ask {stray}", "See `asked_if=`.")


def _error(number: int, message: str, hint: str) -> checks.Error:
    return checks.Error(message, hint=hint, id=f"offering.E{number:03d}")
