"""What the university already knows of a person. Forms arrive filled with it, official documents are written from it.

Whoever keeps a datum says so once and answers in bulk; whoever needs it asks by name and knows no one:

```python
@elements(Element("student.number", "学号", standard="XH", owner="教务处"))
def of_students(person_ids, names, *, on): ...  # {person_id: {"student.number": Known(...)}}
```
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

Kind = Literal["text", "number", "date", "month", "code", "photo", "rows"]


@dataclass(frozen=True, slots=True)
class Element:
    """One data element of a person; `rows` has `columns`, such as the courses with their marks.

    `standard` is the identifier in JY/T 1001–1006, `aliases` are what forms call it beside its label.
    """

    name: str
    label: str
    kind: Kind = "text"
    standard: str = ""
    owner: str = ""
    code_set: str = ""
    aliases: tuple[str, ...] = ()
    columns: tuple[Element, ...] = ()
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A value with where it comes from.

    `value` is a str, Decimal, date, bytes (a photo) or a list of mappings by column name (rows); `shown` is how a
    person reads it; `origin` names field and row; `dispute` is the page on which "this is wrong" is said.
    """

    value: Any
    shown: str
    source: str = ""
    owner: str = ""
    origin: str = ""
    confirmed_on: date | None = None
    dispute: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the data centre adds to a value: which delivery it came with, when that was, where it is disputed."""

    source: str = ""
    owner: str = ""
    confirmed_on: date | None = None
    dispute: str = ""


Answers = Mapping[int, Mapping[str, Known]]
Provider = Callable[..., Answers]
Explainer = Callable[[Collection[int], Collection[str]], Mapping[int, Mapping[str, Provenance]]]

_declared: dict[str, Element] = {}
_providers: dict[str, Provider] = {}
_explainers: list[Explainer] = []


def elements(*offered: Element) -> Callable[[Provider], Provider]:
    """Decorator of `def f(person_ids, names, *, on) -> {person_id: {name: Known}}`; what is not known is left out."""

    def declare(provider: Provider) -> Provider:
        for one in offered:
            if one.name in _declared:
                raise TypeError(f"two providers answer for {one.name}")
            _declared[one.name], _providers[one.name] = one, provider
        return provider

    return declare


def provenance(explainer: Explainer) -> Explainer:
    """Decorator of `def f(person_ids, names) -> {person_id: {name: Provenance}}`, by whom values pass on their way."""
    _explainers.append(explainer)
    return explainer


def declared() -> Mapping[str, Element]:
    """Every element that somebody answers for, by name."""
    return dict(_declared)


def element_named(name: str) -> Element:
    if name not in _declared:
        raise LookupError(f"nobody answers for the element {name}")
    return _declared[name]


def known(person_ids: Collection[int], names: Iterable[str], *, on: date) -> dict[int, dict[str, Known]]:
    """What is known of these people on this day; one call of each provider, however many people there are."""
    asked: dict[Provider, list[str]] = {}
    for name in names:
        element_named(name)
        asked.setdefault(_providers[name], []).append(name)
    found: dict[int, dict[str, Known]] = {person: {} for person in person_ids}
    for provider, wanted in asked.items():
        for person, values in provider(list(person_ids), wanted, on=on).items():
            found[person].update(values)
    for explainer in _explainers:
        for person, facts in explainer(
            list(found), [name for names in asked.values() for name in names]
        ).items():
            for name in facts.keys() & found[person].keys():
                found[person][name] = _explained(found[person][name], facts[name])
    return found


def where_disputed(person_id: int, names: Iterable[str]) -> dict[str, str]:
    """The pages on which these values are said to be wrong, or to be missing."""
    wanted = list(names)
    found: dict[str, str] = {}
    for explainer in _explainers:
        for name, said in explainer([person_id], wanted).get(person_id, {}).items():
            found |= {name: said.dispute} if said.dispute else {}
    return found


def _explained(value: Known, said: Provenance) -> Known:
    return replace(
        value, source=said.source or value.source, owner=said.owner or value.owner,
        confirmed_on=said.confirmed_on or value.confirmed_on, dispute=said.dispute or value.dispute,
    )  # fmt: skip
