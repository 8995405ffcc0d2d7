"""What the pages of this package show, read from the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Q

from yanta.kernel.codes import queries
from yanta.kernel.codes.bindings import Binding, bindings, bound_to
from yanta.kernel.codes.models import CodeSet, DataElement, Proposal
from yanta.kernel.codes.rules import CodeTable, Entry, fold

MOST_ROWS = 60
TONES = {"complete": "success", "master-data": "success", "school": "info", "complete-single-source": "info"}


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One code in the list: how many stand below it, how many rows use it."""

    entry: Entry
    below: int
    used: int
    path: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """The codes at one place of a set, or those that a search found."""

    lines: Sequence[CodeLine]
    total: int
    ancestors: Sequence[Entry]


def tone_of(code_set: CodeSet) -> str:
    return TONES.get(code_set.verdict, "warning")


def code_page(table: CodeTable, *, under: str, text: str, page: int, used: Counter[str]) -> CodePage:
    """One level of the tree; a flat set is one level; a search goes through all."""
    found = _matching(table, text) if text else table.children.get(under, [])
    shown = found[(page - 1) * MOST_ROWS : page * MOST_ROWS]
    lines = [
        CodeLine(
            entry,
            len(table.children.get(entry.code, ())),
            used[entry.code],
            table.path_name(entry.parent) if text and entry.parent else "",
        )
        for entry in shown
    ]
    return CodePage(lines, len(found), table.ancestors(under) if under else ())


def used_codes(usages: Sequence[queries.Usage]) -> Counter[str]:
    used: Counter[str] = Counter()
    for usage in usages:
        used.update(usage.counts)
    return used


def off_standard(table: CodeTable, usages: Sequence[queries.Usage]) -> list[tuple[str, str, int]]:
    """(field, value, rows) of values in live rows that the set does not know."""
    return [
        (usage.title, value, rows)
        for usage in usages
        for value, rows in usage.counts.items()
        if value not in table.entries
    ]


def open_effects(code_set: CodeSet) -> list[queries.Effect]:
    """What the retirements under way would do to live rows."""
    retirements = code_set.proposals.filter(kind=Proposal.Kind.RETIRE, status__in=["proposed", "approved"])
    return queries.effects(code_set, retirements.values_list("code", "successor"))


def editions_of(code_set: CodeSet) -> list[CodeSet]:
    """The other editions of the same standard."""
    return list(CodeSet.objects.filter(family=code_set.family).exclude(pk=code_set.pk).order_by("-edition"))


@dataclass(frozen=True, slots=True)
class SubsetLine:
    """One subset of the dictionary: how many elements it has, how many are kept somewhere."""

    source: str
    subset: str
    title: str
    elements: int
    kept: int


def subsets(text: str = "") -> list[tuple[str, list[SubsetLine]]]:
    """The dictionary by standard; a search keeps subsets in which an element matches."""
    rows = DataElement.objects.order_by("position")
    if text:
        rows = rows.filter(
            Q(identifier__iexact=text) | Q(name__contains=text) | Q(subset_title__contains=text)
        )
    kept = bindings()
    lines = []
    for (source, subset, title), group in groupby(rows, key=lambda e: (e.source, e.subset, e.subset_title)):
        elements = list(group)
        lines.append(
            SubsetLine(source, subset, title, len(elements), sum(_is_kept(e, kept) for e in elements))
        )
    return [(source, list(group)) for source, group in groupby(lines, key=lambda line: line.source)]


@dataclass(frozen=True, slots=True)
class ElementLine:
    element: DataElement
    sets: Sequence[tuple[str, str]]
    kept: Sequence[Binding]
    corrected: bool


def elements_of(subset: str) -> list[ElementLine]:
    """The elements of a subset with where each is kept."""
    titles = dict(CodeSet.objects.values_list("set_id", "title"))
    return [
        ElementLine(
            element,
            [(set_id, titles.get(set_id, set_id)) for set_id in element.code_sets],
            bound_to(source=element.source, subset=element.subset, identifier=element.identifier),
            element.stated_length not in ("", element.length),
        )
        for element in DataElement.objects.filter(subset=subset).order_by("position")
    ]


def suggestions(table: CodeTable, text: str, *, limit: int = 20) -> list[dict[str, str]]:
    """Codes whose code, name or alias begins with or contains the text, then those that look like it."""
    if not text.strip():
        found = [entry.code for entry in list(table.entries.values())[:limit]]
    else:
        exact = table.code_of(text)
        matching = [entry.code for entry in _matching(table, text)[:limit]]
        found = list(dict.fromkeys([*([exact] if exact else []), *matching, *table.near(text)]))
    return [
        {"code": code, "name": table.entries[code].name, "path": table.path_name(code)}
        for code in found[:limit]
    ]


def _matching(table: CodeTable, text: str) -> list[Entry]:
    wanted = fold(text)
    meant = table.code_of(text)
    found = [e for e in table.entries.values() if e.code == meant or wanted in fold(e.code + "\n" + e.name)]
    return sorted(found, key=lambda entry: entry.code != meant)


def _is_kept(element: DataElement, kept: Sequence[Binding]) -> bool:
    return any(
        one.keeps(source=element.source, subset=element.subset, identifier=element.identifier) for one in kept
    )
