"""Which rows a permission reaches: the one place where scope becomes SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Model, Q

from yanta.kernel.base import circles
from yanta.kernel.base.actor import Actor

if TYPE_CHECKING:
    from yanta.kernel.base.models import Record


def permission_of(model: type[Model], verb: str) -> str:
    """`equipment.item.view`."""
    return f"{model._meta.app_label}.{model._meta.model_name}.{verb}"


def _joined(path: str, last: str) -> str:
    return last if path == "self" else f"{path}__{last}"


def scope_of(model: type[Record], actor: Actor, permission: str) -> Q | None:
    """The filter that keeps what the actor reaches; None keeps everything, an empty `pk__in` nothing."""
    reach = actor.reach(permission)
    nobodys = model.org_path is None and model.person_path is None
    if reach.everything or (nobodys and not reach.nothing and not reach.only_rows):
        return None
    kept = Q(pk__in=())
    if model.org_path is not None:
        for path in reach.paths:
            kept |= Q(**{f"{_joined(model.org_path, 'path')}__startswith": path})
    if reach.own and model.person_path is not None and actor.person_id is not None:
        kept |= Q(**{_own_key(model.person_path): actor.person_id})
    if model.person_path is not None:
        for circle in reach.circles:
            kept |= Q(**{f"{_own_key(model.person_path)}__in": circles.people_of(circle)})
    label = model._meta.label_lower
    rows = [key for name, key in reach.rows if name == label]
    return kept | Q(pk__in=rows) if rows else kept


def _own_key(person_path: str) -> str:
    return "pk" if person_path == "self" else f"{person_path}_id"


def path_of_row(row: Any) -> str | None:
    """The organisation path of a saved row, or None when it has none."""
    if row.org_path is None:
        return None
    value = row
    for step in [] if row.org_path == "self" else row.org_path.split("__"):
        value = getattr(value, step, None)
        if value is None:
            return None
    return str(value.path)


def person_of_row(row: Any) -> int | None:
    """The id of the person whom a row belongs to, if it is a person's."""
    if row.person_path is None:
        return None
    if row.person_path == "self":
        return int(row.pk)
    *steps, last = row.person_path.split("__")
    value = row
    for step in steps:
        value = getattr(value, step, None)
    return getattr(value, f"{last}_id", None)
