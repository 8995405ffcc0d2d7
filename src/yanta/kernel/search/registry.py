"""Which nouns can be searched, and what of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Field, Model
from django.db.models.signals import post_delete, post_save

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.scope import permission_of

if TYPE_CHECKING:
    from yanta.kernel.base.models import Record

Text = Callable[[Any], str]
NUMBER_NAMES = ("number", "code")
DIGEST = re.compile(r"[0-9a-fA-F]{32,}")


@dataclass(frozen=True, slots=True)
class Searchable:
    """How rows of one model enter the index; `body` are field paths, sealed ones are never among them."""

    model: type[Record]
    key: str
    label: str
    icon: str
    permission: str
    body: tuple[str, ...]
    joins: tuple[str, ...]
    number: str
    title: Text
    subtitle: Text
    url: Text
    is_reference: bool = False


_registered: dict[str, Searchable] = {}


def register(
    model: type[Record],
    *,
    body: Sequence[str],
    label: str = "",
    icon: str = "table",
    address: str = "",
    title: Text = str,
    subtitle: Text | None = None,
    number: str | None = None,
    is_reference: bool = False,
) -> Searchable:
    """Put a model into the search box; its rows are indexed whenever one is saved or deleted."""
    key = model._meta.label_lower
    base = address or f"/{key.replace('.', '/')}/"
    open_paths = tuple(path for path in body if not isinstance(_field_at(model, path), SealedField))
    numbers = [path for path in open_paths if path in NUMBER_NAMES]
    searchable = Searchable(
        model=model, key=key, label=label or str(model._meta.verbose_name), icon=icon,
        permission=permission_of(model, "view"), body=open_paths, joins=_joins(model, open_paths),
        number=number if number is not None else (numbers or [""])[0],
        title=title, subtitle=subtitle or _subtitle_of(model, open_paths), url=lambda row: f"{base}{row.pk}/",
        is_reference=is_reference,
    )  # fmt: skip
    _registered[key] = searchable
    post_save.connect(_saved, sender=model, dispatch_uid=f"search:{key}")
    post_delete.connect(_deleted, sender=model, dispatch_uid=f"search:{key}")
    return searchable


def searchables() -> list[Searchable]:
    return list(_registered.values())


def searchable_of(key: str) -> Searchable | None:
    return _registered.get(key)


def value_at(row: Any, path: str) -> str:
    """The text at a path like `student__department__name`; '' where the way ends early."""
    *steps, last = path.split("__")
    for step in steps:
        row = getattr(row, step, None)
        if row is None:
            return ""
    display = getattr(row, f"get_{last}_display", None)
    value = display() if display else getattr(row, last, None)
    return "" if value is None else str(value)


def _field_at(model: type[Model], path: str) -> Field[Any, Any] | Any:
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]  # paths of the index follow foreign keys
    return model._meta.get_field(last)


def _joins(model: type[Record], body: Sequence[str]) -> tuple[str, ...]:
    paths = [path.rpartition("__")[0] for path in body if "__" in path]
    paths += [path for path in body if "__" not in path and model._meta.get_field(path).is_relation]
    paths += [path for path in (model.org_path, model.person_path) if path and path != "self"]
    paths += model.title_needs
    return tuple(dict.fromkeys(path for path in paths if path))


def _subtitle_of(model: type[Record], body: Sequence[str]) -> Text:
    """What tells namesakes apart: the other searched values and the unit; spellings and digests are for finding only."""
    shown = [path for path in body if not path.endswith("sort_name")]
    shown += [model.org_path] if model.org_path and model.org_path != "self" else []

    def subtitle(row: Any) -> str:
        title = str(row)
        values = dict.fromkeys(value_at(row, path) for path in shown)
        told = (one for one in values if one and one not in title and not DIGEST.fullmatch(one))
        return " · ".join(told)[:300]

    return subtitle


def _saved(sender: type[Model], instance: Any, raw: bool = False, **_: Any) -> None:
    from yanta.kernel.search import indexing

    searchable = searchable_of(sender._meta.label_lower)
    if searchable is not None and not raw:
        indexing.index_row(searchable, instance)


def _deleted(sender: type[Model], instance: Any, **_: Any) -> None:
    from yanta.kernel.search import indexing

    indexing.drop_rows(sender._meta.label_lower, [instance.pk])
