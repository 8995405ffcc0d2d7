"""Finding: one statement over the index, kept to what the actor may see."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from yanta.kernel.base import Actor
from yanta.kernel.base.texts import clean_text
from yanta.kernel.search.registry import searchable_of, searchables
from yanta.kernel.search.tokens import is_han, query_of, sound_of

LONGEST = 60
# Counting stops here: nobody pages through more, and a common character stays quick.
COUNTED = 1000
# A pattern that no sound has.
NEVER = "\x01"


@dataclass(frozen=True, slots=True)
class Found:
    """One row that was found."""

    resource: str
    object_id: int
    title: str
    subtitle: str
    url: str
    score: int


@dataclass(slots=True)
class Group:
    """What was found of one noun; `count` is capped at a thousand."""

    resource: str
    label: str
    icon: str
    count: int = 0
    found: list[Found] = field(default_factory=list)

    @property
    def has_more(self) -> bool:
        return self.count > len(self.found)


def find(text: str, *, actor: Actor, per_group: int = 5, resource: str = "") -> list[Group]:
    """What the actor may see of what matches, best first; similar-sounding things when nothing matches."""
    wanted = clean_text(text)[:LONGEST]
    scope = _scope(actor, resource)
    if not wanted or scope is None:
        return []
    rows = _run(_EXACT, _exact_values(wanted), scope, per_group)
    if not rows and len(wanted) > 1:
        rows = _run(_ALIKE, {"sound": sound_of(wanted)[0]}, scope, per_group)
    return _grouped(rows, actor)


def _exact_values(wanted: str) -> dict[str, Any]:
    # What may be pinyin is compared as pinyin; what holds Han characters cannot be.
    spelled = "" if is_han(wanted) else "".join(c for c in wanted.lower() if c.isalnum())
    return {
        "number": wanted.upper(), "number_prefix": _prefix(wanted.upper()), "title": wanted,
        "title_prefix": _prefix(wanted), "inside": f"%{_prefix(wanted)}", "words": query_of(wanted),
        "sound_prefix": _prefix(spelled) if spelled else NEVER,
    }  # fmt: skip


def _prefix(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


# What begins alike comes before what merely contains, also where there is more than anybody looks through.
_BEGINS = """upper(number) LIKE %(number_prefix)s OR title LIKE %(title_prefix)s OR sound LIKE %(sound_prefix)s
  OR initials LIKE %(sound_prefix)s"""
_EXACT = f"""
(SELECT resource, object_id, title, subtitle, url,
  CASE WHEN upper(number) = %(number)s THEN 100 WHEN title = %(title)s THEN 95
       WHEN title LIKE %(title_prefix)s THEN 80 WHEN upper(number) LIKE %(number_prefix)s THEN 70
       WHEN sound LIKE %(sound_prefix)s THEN 65 ELSE 60 END AS score
 FROM search_searchentry WHERE ({_BEGINS}) AND ({{scope}}) LIMIT {COUNTED})
UNION ALL
(SELECT resource, object_id, title, subtitle, url, CASE WHEN title LIKE %(inside)s THEN 50 ELSE 30 END
 FROM search_searchentry
 WHERE words @@ %(words)s::tsquery AND NOT ({_BEGINS}) AND ({{scope}}) LIMIT {COUNTED})"""
_ALIKE = """
SELECT resource, object_id, title, subtitle, url,
  CASE WHEN sound = %(sound)s THEN 20 ELSE (similarity(sound, %(sound)s) * 15)::int END AS score
FROM search_searchentry WHERE sound %% %(sound)s AND ({scope}) LIMIT 1000"""
_RANKED = """
WITH hits AS ({hits}),
ranked AS (SELECT *, count(*) OVER own AS total, max(score) OVER own AS best,
  row_number() OVER (PARTITION BY resource ORDER BY score DESC, length(title), title, object_id) AS place
  FROM hits WINDOW own AS (PARTITION BY resource))
SELECT resource, object_id, title, subtitle, url, score, total FROM ranked WHERE place <= %(per_group)s
ORDER BY best DESC, resource, place"""


def _run(hits: str, values: dict[str, Any], scope: tuple[str, dict[str, Any]], per_group: int) -> list[Any]:
    condition, reached = scope
    statement = _RANKED.format(hits=hits.format(scope=condition))
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, **reached, "per_group": per_group})
        return list(cursor.fetchall())


def _scope(actor: Actor, only: str) -> tuple[str, dict[str, Any]] | None:
    """Everything of some nouns, subtrees of others, one's own of yet others: as few conditions as reaches differ."""
    whole: list[str] = []
    own: list[str] = []
    by_paths: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for searchable in searchables():
        if only and searchable.key != only:
            continue
        reach = actor.reach(searchable.permission)
        unowned = searchable.model.org_path is None and searchable.model.person_path is None
        if reach.everything or (unowned and not reach.nothing):
            whole.append(searchable.key)
            continue
        if reach.paths:
            by_paths[reach.paths].append(searchable.key)
        if reach.own and actor.person_id is not None:
            own.append(searchable.key)
    parts: list[str] = ["resource = ANY(%(whole)s)"] if whole else []
    values: dict[str, Any] = {"whole": whole, "own": own, "person": actor.person_id}
    if own:
        parts.append("(resource = ANY(%(own)s) AND person_id = %(person)s)")
    for n, (paths, keys) in enumerate(by_paths.items()):
        below = " OR ".join(f"unit_path LIKE %(path{n}_{m})s" for m in range(len(paths)))
        parts.append(f"(resource = ANY(%(keys{n})s) AND ({below}))")
        values |= {f"keys{n}": keys} | {f"path{n}_{m}": _prefix(path) for m, path in enumerate(paths)}
    return (" OR ".join(parts), values) if parts else None


def _grouped(rows: list[Any], actor: Actor) -> list[Group]:
    seen = _still_visible(rows, actor)
    groups: dict[str, Group] = {}
    for *columns, total in rows:
        found = Found(*columns)
        searchable = searchable_of(found.resource)
        if searchable is None or found.object_id not in seen[found.resource]:
            continue
        group = groups.setdefault(
            found.resource, Group(found.resource, searchable.label, searchable.icon, count=total)
        )
        group.found.append(found)
    return sorted(groups.values(), key=_is_reference)


def _is_reference(group: Group) -> bool:
    """People and matters first: catalogues have many entries and short codes, which begin like anything."""
    searchable = searchable_of(group.resource)
    return searchable is not None and searchable.is_reference


def _still_visible(rows: list[Any], actor: Actor) -> dict[str, set[int]]:
    """The index may be behind a row that moved; what is shown is asked of the rows themselves."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        wanted[row[0]].append(row[1])
    seen: dict[str, set[int]] = defaultdict(set)
    for key, ids in wanted.items():
        searchable = searchable_of(key)
        if searchable is not None:
            visible = searchable.model.objects.visible_to(actor, searchable.permission)
            seen[key] = set(visible.filter(pk__in=ids).values_list("pk", flat=True))
    return seen
