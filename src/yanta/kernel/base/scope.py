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


class _NotLoadedError(Exception):
    """A link on the way was never fetched."""


def covers(row: Any, actor: Actor, permission: str) -> bool | None:
    """`scope_of` for one saved row, by what is loaded of it; None where the database has to be asked."""
    reach = actor.reach(permission)
    if reach.nothing:
        return False
    if scope_of(type(row), actor, permission) is None or (row._meta.label_lower, row.pk) in reach.rows:
        return True
    try:
        if reach.paths and _lies_below(row, reach.paths):
            return True
        if reach.own and actor.person_id is not None and _owner(row) == actor.person_id:
            return True
    except _NotLoadedError:
        return None
    return None if reach.circles and row.person_path is not None else False


def _lies_below(row: Any, paths: tuple[str, ...]) -> bool:
    if row.org_path is None:
        return False
    unit = _followed(row, [] if row.org_path == "self" else row.org_path.split("__"))
    return unit is not None and str(unit.path).startswith(paths)


def _owner(row: Any) -> int | None:
    if row.person_path is None or row.person_path == "self":
        return row.pk if row.person_path else None
    *steps, last = row.person_path.split("__")
    found = _followed(row, steps)
    return None if found is None else getattr(found, f"{last}_id")


def _followed(row: Any, steps: list[str]) -> Any:
    """Where the links lead, without a question to the database; None where one of them is empty."""
    for step in steps:
        field = row._meta.get_field(step)
        if getattr(row, field.attname) is None:
            return None
        if not field.is_cached(row):
            raise _NotLoadedError
        row = getattr(row, step)
    return row


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
