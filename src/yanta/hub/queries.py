"""Reads of the hub: what is known of a person, where it comes from, who says otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import orjson
from django.apps import apps
from django.db.models import Q

from yanta.hub import rules
from yanta.hub.elements import ELEMENTS, Element
from yanta.hub.models import Authority, Correction, ElementChange, ElementValue, RowPerson, SourceRow
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import ciphers
from yanta.kernel.base.texts import masked
from yanta.kernel.codes import service as codes
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.masterdata.models import Programme

# Column of the clean row that states an element, where it is called otherwise.
MOST_OPTIONS = 300
CLEAN_COLUMNS = {"birth_date": "birth_on"}


@dataclass(frozen=True)
class Statement:
    """What one row of one source says."""

    source: str
    department: str
    row: SourceRow
    value: str
    shown: str
    agrees: bool


@dataclass
class ValueView:
    """One element of a person as a page shows it."""

    element: Element
    value: str
    shown: str
    code: str = ""
    department: str = ""
    source: str = ""
    basis: str = ""
    basis_code: str = ""
    confirmed_at: datetime | None = None
    row: SourceRow | None = None
    run_id: int | None = None
    changes: int = 0
    pending: Correction | None = None
    statements: list[Statement] = field(default_factory=list)

    @property
    def is_masked(self) -> bool:
        return self.element.is_sensitive and bool(self.value)

    @property
    def is_contested(self) -> bool:
        return any(not one.agrees for one in self.statements)


def text_of(value: ElementValue | None) -> str:
    """The value in clear."""
    if value is None:
        return ""
    return ciphers.unseal(bytes(value.sealed)) if value.sealed else value.value


def value_of(person: Person, element: str) -> str:
    """The merged value, else what the person's record holds."""
    found = ElementValue.objects.filter(person=person, element=element).first()
    if found is not None:
        return text_of(found)
    held = getattr(person, ELEMENTS[element].field, None) if ELEMENTS[element].field else None
    if isinstance(held, OrgUnit):
        return str(held.code)
    return str(held) if held else ""


def owner_of(person: Person, element: str) -> OrgUnit | None:
    """The unit that answers for the value: its source's, else the first authority's."""
    value = (
        ElementValue.objects.filter(person=person, element=element).select_related("source__owner").first()
    )
    if value is not None and value.source is not None and value.source.owner is not None:
        return value.source.owner
    first = (
        Authority.objects.filter(element=element, source__owner__isnull=False, population__in=_populations_of(person))
        .order_by("rank").first()
    )  # fmt: skip
    if first is not None:
        return first.source.owner
    owning = Person.Standard.owner
    return OrgUnit.objects.filter(name=owning).first()


def _first_authorities(person: Person) -> dict[str, str]:
    """By element, the unit that would be believed first: it answers for values that no run has delivered."""
    rows = Authority.objects.filter(source__owner__isnull=False, population__in=_populations_of(person))
    return dict(rows.order_by("-rank").values_list("element", "source__owner__name"))


_POPULATIONS = {
    "undergraduate": "本科生", "postgraduate": "研究生", "staff": "教职工", "retired": "离退休", "alumni": "校友",
}  # fmt: skip


def _populations_of(person: Person) -> list[str]:
    roles = person.affiliations.filter(valid_to=None).values_list("role", flat=True)
    return [_POPULATIONS[role] for role in roles if role in _POPULATIONS] or ["其他"]


def deciders_of(unit: OrgUnit | None, *, on: date) -> list[int]:
    """The people who may decide corrections for a unit: its clerks and heads."""
    if unit is None:
        return []
    grants = RoleGrant.objects.filter(role__in=["clerk", "head"], org_unit=unit, valid_from__lte=on)
    current = grants.exclude(valid_to__lt=on).exclude(account__person=None)
    return sorted(set(current.values_list("account__person_id", flat=True)))


def wording(element: Element, value: str) -> str:
    """How a value is read: codes by their name."""
    if not value:
        return ""
    if element.code_set:
        return codes.name_of(element.code_set, value) or value
    if element.name == "org_code":
        return _unit_names().get(value, value)
    if element.name == "major_code":
        programme = Programme.objects.filter(Q(catalogue_code=value) | Q(code=value)).first()
        return programme.name if programme else value
    return value


def ends_of(correction: Correction, sealed: bytes | memoryview[int] | None) -> str:
    """One side of a correction as it is read; of what is sensitive only the ends, the whole is for whoever decides."""
    element = ELEMENTS[correction.element]
    text = wording(element, ciphers.unseal(bytes(sealed)) if sealed else "")
    return masked(text) if element.is_sensitive else text


def _unit_names() -> dict[str, str]:
    return dict(OrgUnit.objects.values_list("code", "name"))


def record_of(person: Person, *, with_others: bool) -> list[ValueView]:
    """Every element that is known of the person; `with_others` adds what the other departments say."""
    values = {
        v.element: v
        for v in ElementValue.objects.filter(person=person).select_related("source__owner", "row")
    }
    pending = {c.element: c for c in Correction.objects.filter(person=person, state=Correction.State.OPEN)}
    changes: dict[str, int] = defaultdict(int)
    for element in ElementChange.objects.filter(person=person).values_list("element", flat=True):
        changes[element] += 1
    said = statements_of(person) if with_others else {}
    owners = _first_authorities(person)
    views = []
    for element in ELEMENTS.values():
        view = _view(person, element, values.get(element.name))
        view.department = view.department or owners.get(element.name, Person.Standard.owner)
        view.changes, view.pending = changes[element.name], pending.get(element.name)
        view.statements = [_compared(element, view.value, one) for one in said.get(element.name, [])]
        if view.value or view.pending:
            views.append(view)
    return views


def _view(person: Person, element: Element, value: ElementValue | None) -> ValueView:
    clear = text_of(value) if value is not None else value_of(person, element.name)
    shown = rules.as_shown(element.name, clear) if element.is_sensitive else wording(element, clear)
    view = ValueView(element, clear, shown, code=clear if element.code_set else "")
    if value is None:
        view.basis = "系统录入"
        return view
    view.basis, view.basis_code = value.get_basis_display(), value.basis
    view.confirmed_at, view.row, view.run_id = value.confirmed_at, value.row, value.run_id
    if value.source is not None:
        view.source, view.department = value.source.title, value.source.department
    return view


@dataclass(frozen=True)
class _Said:
    row: SourceRow
    value: str


def payload_of(row: SourceRow) -> dict[str, Any]:
    """Original and clean cells of a row."""
    opened: dict[str, Any] = orjson.loads(ciphers.unseal(bytes(row.payload)))
    return opened


def rows_of(person: Person) -> list[SourceRow]:
    """The rows that are this person's now."""
    links = RowPerson.objects.filter(person=person, is_current=True).select_related("row__source")
    return sorted(
        (link.row for link in links), key=lambda row: (row.source.code, row.file, row.sheet, row.row)
    )


def statements_of(person: Person) -> dict[str, list[_Said]]:
    """Element to what each of the person's rows says of it."""
    said: dict[str, list[_Said]] = defaultdict(list)
    for row in rows_of(person):
        clean = payload_of(row)["clean"] or {}
        for name in ELEMENTS:
            value = clean.get(CLEAN_COLUMNS.get(name, name))
            if value:
                said[name].append(_Said(row, str(value)))
    return said


def _compared(element: Element, value: str, said: _Said) -> Statement:
    shown = rules.as_shown(element.name, said.value) if element.is_sensitive else wording(element, said.value)
    source = said.row.source
    return Statement(source.title, source.department, said.row, said.value, shown, said.value == value)


@cache
def users_of(standard: str) -> tuple[str, ...]:
    """Systems whose tables are bound to the element."""
    found: dict[str, None] = {}
    for model in apps.get_models():
        fields = getattr(getattr(model, "Standard", None), "fields", {})
        if any(name.rpartition(".")[2] == standard for name in fields.values()):
            found[str(model._meta.app_config.verbose_name)] = None
    return tuple(found)


def history_of(person: Person, element: str) -> Iterable[ElementChange]:
    return (
        ElementChange.objects.filter(person=person, element=element)
        .select_related("run", "source", "correction")
        .order_by("-changed_at")
    )


def change_texts(change: ElementChange) -> tuple[str, str]:
    """Before and after as shown, sensitive values masked."""
    element = ELEMENTS[change.element]
    texts = []
    for plain, sealed in ((change.before, change.before_sealed), (change.after, change.after_sealed)):
        clear = ciphers.unseal(bytes(sealed)) if sealed else plain
        texts.append(rules.as_shown(element.name, clear) if element.is_sensitive else wording(element, clear))
    return texts[0], texts[1]


def options_of(element: Element) -> list[tuple[str, str]]:
    """The codes one may choose from, for sets that fit a list."""
    if not element.code_set:
        return []
    found = codes.choices(element.code_set)
    return found if len(found) <= MOST_OPTIONS else []
