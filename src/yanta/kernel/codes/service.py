"""The one validate service: forms, imports, API and the hub ask here what a code is.

A set is read once per process and kept until its revision moves. A set that the database does not hold
is answered from the package, so rules and scratch runs need no loading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from yanta.kernel.codes import packaged, providers
from yanta.kernel.codes.rules import CodeTable, Entry, Validated, fold

_tables: dict[str, CodeTable] = {}
_crosswalks: dict[str, dict[str, Mapped]] = {}


class UnknownCodeSet(LookupError):  # noqa: N818 - says what it is
    """No such set: a mistake in code, never in data."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a local code is in the target set; `loss` says that the standard tells less than it did."""

    local: str
    code: str = ""
    loss: bool = False
    reason: str = ""

    @property
    def ok(self) -> bool:
        return bool(self.code)


def table_of(set_id: str) -> CodeTable:
    """The whole set, from memory; a set of master data is read anew, for its source is elsewhere."""
    source = providers.source_of(set_id)
    if source is not None:
        return source.table()
    if set_id not in _tables:
        _tables[set_id] = _stored(set_id) or _packaged(set_id)
    return _tables[set_id]


def validate(set_id: str, value: object, on: date | None = None) -> Validated:
    """Judge one written value: code, alias or name. Validity is judged only when a date is given."""
    source = providers.source_of(set_id)
    return source.validate(value, on=on) if source else table_of(set_id).validate(value, on=on)


def resolve_many(set_id: str, values: Iterable[object], on: date | None = None) -> dict[object, Validated]:
    """Judge the distinct values of a column at once."""
    table = table_of(set_id)
    return {value: table.validate(value, on=on) for value in dict.fromkeys(values)}


def normalise(set_id: str, value: object) -> str | None:
    """The code that a written value means, or None."""
    return validate(set_id, value).code or None


def name_of(set_id: str, code: str) -> str:
    """The name of a code; the code itself when it is unknown, so nothing disappears from a screen."""
    source = providers.source_of(set_id)
    if source is not None:
        return source.names([code]).get(code, code)
    entry = table_of(set_id).entries.get(code)
    return entry.name if entry else code


def full_name_of(set_id: str, code: str) -> str:
    """The name with those above it, which tells namesakes apart: `江苏省/南京市/鼓楼区`."""
    if providers.source_of(set_id) is not None:
        return name_of(set_id, code)
    return table_of(set_id).path_name(code) or code


def choices(set_id: str, on: date | None = None) -> list[tuple[str, str]]:
    """(code, name) pairs to choose from, in the order of the set; without a date, what was never retired."""
    entries = table_of(set_id).entries.values()
    return [(entry.code, entry.name) for entry in entries if _offered(entry, on)]


def as_table(set_id: str) -> list[tuple[str, str]]:
    """(folded written form, code) for joins; fold the other side with `rules.fold`."""
    return list(table_of(set_id).forms.items())


def map_code(crosswalk: str, local: object) -> Mapped:
    """Translate a local code, or its local name, into the standard."""
    forms = _crosswalk(crosswalk)
    found = forms.get(fold(local))
    return found or Mapped(str(local), reason=f"对照表 {crosswalk} 中没有 {local}")


def crosswalk_table(crosswalk: str) -> list[tuple[str, str, bool]]:
    """(folded local form, code, loss) for joins."""
    return [(form, mapped.code, mapped.loss) for form, mapped in _crosswalk(crosswalk).items() if mapped.ok]


def forget_crosswalks() -> None:
    """Crosswalks have no revision, so they are read again from time to time."""
    _crosswalks.clear()


def forget(set_id: str | None = None) -> None:
    """Read again at the next question: one set, or all sets and crosswalks."""
    _crosswalks.clear()
    if set_id is None:
        _tables.clear()
    else:
        _tables.pop(set_id, None)


def revisions() -> dict[str, int]:
    """What this process holds: set → revision."""
    return {set_id: table.revision for set_id, table in _tables.items()}


def _offered(entry: Entry, on: date | None) -> bool:
    return entry.in_force(on) if on is not None else entry.valid_to is None


def _stored(set_id: str) -> CodeTable | None:
    # Fields are declared before models exist, so the models are asked for only now.
    from yanta.kernel.codes import storage

    return storage.table(set_id)


def _packaged(set_id: str) -> CodeTable:
    if set_id not in packaged.cards():
        raise UnknownCodeSet(set_id)
    return packaged.table(set_id)


def _crosswalk(key: str) -> dict[str, Mapped]:
    if key not in _crosswalks:
        from yanta.kernel.codes import storage

        rows = storage.crosswalk(key)
        by_name = {fold(name): Mapped(local, code, loss) for local, name, code, loss in rows if name}
        by_code = {fold(local): Mapped(local, code, loss) for local, _, code, loss in rows}
        _crosswalks[key] = by_name | by_code
    return _crosswalks[key]
