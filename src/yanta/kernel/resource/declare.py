"""The declaration of a noun."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.db.models import QuerySet

from yanta.kernel.base import Actor, System
from yanta.kernel.base.models import Record
from yanta.kernel.base.scope import permission_of

if TYPE_CHECKING:
    from yanta.kernel.operation import Operation
    from yanta.kernel.resource.records import FactGroup

VERBS = ("view", "add", "edit", "delete", "import", "export")

# Who may do what unless a resource says otherwise; "*" is every verb and every action.
STANDARD_ACCESS: Mapping[str, str] = {
    "clerk": "*", "head": "view export", "engineer": "view export", "auditor": "view", "leader": "view",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields of a form or a record page, in the order a person thinks."""

    title: str
    fields: Sequence[str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Excel in and out: `key` finds the row that is already there; `columns` default to the form's fields."""

    key: Sequence[str]
    columns: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A list column that a field path cannot express: `value` computes it from the row, having joined `needs`."""

    name: str
    label: str
    value: Callable[[Any], Any]
    kind: str = "text"
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """A tab on the record page: rows of another resource whose `path` leads to this row."""

    title: str
    model: type[Record]
    path: str
    columns: Sequence[str] = ()


Further = Callable[[Any, Actor], Sequence[tuple[str, str]]]
_further: list[Further] = []


def further_pages(source: Further) -> Further:
    """Decorator: pages about rows of any noun that a package brings along: `def f(row, actor) -> [(title, address)]`."""
    _further.append(source)
    return source


class Resource:
    """Subclass, fill in, `@register`. Every attribute but `model` and `columns` may be left out."""

    model: ClassVar[type[Record]]
    columns: ClassVar[Sequence[str | Column]] = ()
    filters: ClassVar[Sequence[str]] = ()
    search: ClassVar[Sequence[str]] = ()
    form: ClassVar[Sequence[Section]] = ()
    facts: ClassVar[Sequence[Section]] = ()
    related: ClassVar[Sequence[Related]] = ()
    sheet: ClassVar[Sheet | None] = None
    actions: ClassVar[Sequence[Operation[..., Any]]] = ()
    access: ClassVar[Mapping[str, str]] = STANDARD_ACCESS
    order: ClassVar[Sequence[str]] = ("-pk",)
    icon: ClassVar[str] = "table"
    title: ClassVar[str] = ""
    owner: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    send: ClassVar[str] = ""
    in_menu: ClassVar[bool] = True
    in_search: ClassVar[bool] = True
    # What words mean rather than whom or what they are about; found after everything else.
    is_reference: ClassVar[bool] = False
    per_page: ClassVar[int] = 25

    @cached_property
    def key(self) -> str:
        """`equipment.item`."""
        return self.model._meta.label_lower

    @cached_property
    def label(self) -> str:
        """What the menu and the list's head call it, in plain Chinese."""
        return self.title or str(self.model._meta.verbose_name)

    @cached_property
    def noun(self) -> str:
        """One of them."""
        return str(self.model._meta.verbose_name)

    @cached_property
    def config(self) -> Any:
        return apps.get_app_config(self.model._meta.app_label)

    @cached_property
    def area(self) -> str:
        return self.config.area if isinstance(self.config, System) else "平台"

    @cached_property
    def owning_department(self) -> str:
        """The department that answers for these data: the resource's own, else its system's."""
        return self.owner or getattr(self.config, "owner", "信息中心")

    @cached_property
    def base_url(self) -> str:
        return f"/{self.key.replace('.', '/')}/"

    @cached_property
    def computed_columns(self) -> dict[str, Column]:
        return {one.name: one for one in self.columns if isinstance(one, Column)}

    @cached_property
    def form_fields(self) -> tuple[str, ...]:
        return tuple(name for section in self.form for name in section.fields)

    @cached_property
    def sheet_columns(self) -> tuple[str, ...]:
        if self.sheet is None:
            return ()
        extra = tuple(name for name in self.sheet.key if name not in self.form_fields)
        return tuple(self.sheet.columns) or extra + self.form_fields

    @cached_property
    def verbs(self) -> tuple[str, ...]:
        """What can be done with these rows at all: what the declaration makes possible and gives to some role."""
        possible = {"view", "export"}
        if self.form:
            possible |= {"add", "edit", "delete"}
        if self.sheet:
            possible.add("import")
        given = {verb for verbs in self.access.values() for verb in verbs.split()}
        return tuple(verb for verb in VERBS if verb in possible and (verb in given or "*" in given))

    def permission(self, verb: str) -> str:
        return permission_of(self.model, verb)

    def rows(self) -> QuerySet[Any]:
        """Where lists, records and the API read from; override to annotate."""
        return self.model.objects.all()

    def visible_to(self, actor: Actor, verb: str = "view") -> QuerySet[Any]:
        return self.rows().visible_to(actor, self.permission(verb))  # type: ignore[attr-defined]

    # Hooks, each a sentence of the business.

    def initial(self, actor: Actor) -> dict[str, Any]:
        """What a new form already knows."""
        return {}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        """More pages about a row, as buttons of its record page: (title, address)."""
        return ()

    def pages_for(self, row: Any, actor: Actor) -> Sequence[tuple[str, str]]:
        """Those of its pages that are open to this person; override where a page asks for more than seeing the row."""
        return self.pages(row)

    def all_pages(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        """The noun's own pages and what other packages add."""
        return [*self.pages_for(row, actor), *(page for source in _further for page in source(row, actor))]

    def further_facts(self, row: Any) -> Sequence[FactGroup]:
        """Facts that no field holds, above the declared ones: what a form that people draw has asked and was told."""
        return ()

    def in_full(self, row: Any, *, actor: Actor) -> Mapping[str, str]:
        """What the facts mask and whoever decides about this row has to read, by their names; noted who read it."""
        return {}

    def refusal_to_edit(self, row: Any) -> str | None:
        """Why this row may not be changed now, or None."""
        return None

    def refusal_to_delete(self, row: Any) -> str | None:
        """Why this row may not be deleted, or None."""
        return None

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        """Store the row; override where saving means more (numbering, an event)."""
        row.save()
