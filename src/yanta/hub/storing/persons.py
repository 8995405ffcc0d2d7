"""Persons and which rows are theirs: numbers for life, links that end but never vanish."""

from __future__ import annotations

from collections.abc import Mapping

from yanta.hub.storing.delivery import Delivery
from yanta.hub.storing.staging import execute, fetch, stage
from yanta.kernel.base.bulk import new_ids
from yanta.kernel.people.models import Person
from yanta.kernel.people.services import new_person_numbers


def person_of_key(keys: set[str]) -> tuple[dict[str, int], dict[str, tuple[int, str]]]:
    """Persons already known by their number, and a fresh id and number for every other key."""
    known = dict(fetch("SELECT number, id FROM people_person WHERE number = ANY(%s)", [list(keys)]))
    fresh = sorted(keys - known.keys())
    ids, numbers = new_ids(Person, len(fresh)), new_person_numbers(len(fresh)) if fresh else []
    created = {key: (pk, number) for key, pk, number in zip(fresh, ids, numbers, strict=True)}
    return known | {key: pk for key, (pk, _) in created.items()}, created


def link(delivery: Delivery, *, run_id: int, persons: Mapping[str, int], row_ids: Mapping[int, int]) -> int:
    """Make the links say what the matcher found; answers how many rows changed their person."""
    unscored: tuple[float | None, str] = (None, "")
    rows = (
        (row_ids[line_id], persons[key], *delivery.scores.get(line_id, unscored))
        for line_id, key in delivery.clusters.items()
    )
    stage("run_link", "row_id bigint, person_id bigint, score float8, why text", rows)
    moved = execute(
        """UPDATE hub_rowperson p SET is_current = false, until_run_id = %s, updated_at = now()
        FROM run_link l WHERE p.row_id = l.row_id AND p.is_current AND p.person_id <> l.person_id""",
        [run_id],
    )
    execute(
        """INSERT INTO hub_rowperson (row_id, person_id, score, why, since_run_id, is_current, created_at, updated_at)
        SELECT l.row_id, l.person_id, l.score, left(coalesce(l.why, ''), 300), %s, true, now(), now() FROM run_link l
        WHERE NOT EXISTS (SELECT 1 FROM hub_rowperson p WHERE p.row_id = l.row_id AND p.is_current)""",
        [run_id],
    )
    if moved:
        _redirect(run_id)
    return moved


def _redirect(run_id: int) -> None:
    """A person without rows points at whoever took most of them; one that has rows again stands alone."""
    execute(
        """UPDATE people_person p SET merged_into_id = t.person_id, updated_at = now()
        FROM (SELECT DISTINCT ON (o.person_id) o.person_id AS old, c.person_id
              FROM hub_rowperson o JOIN hub_rowperson c ON c.row_id = o.row_id AND c.is_current
              WHERE o.until_run_id = %s AND NOT EXISTS
                    (SELECT 1 FROM hub_rowperson x WHERE x.person_id = o.person_id AND x.is_current)
              GROUP BY o.person_id, c.person_id ORDER BY o.person_id, count(*) DESC, c.person_id) t
        WHERE p.id = t.old""",
        [run_id],
    )
    execute(
        """UPDATE people_person p SET merged_into_id = NULL, updated_at = now()
        WHERE p.merged_into_id IS NOT NULL
          AND EXISTS (SELECT 1 FROM hub_rowperson x WHERE x.person_id = p.id AND x.is_current AND x.since_run_id = %s)""",
        [run_id],
    )


def earlier_keys() -> dict[int, str]:
    """The person number that each stored row belongs to now."""
    return dict(
        fetch(
            "SELECT l.row_id, p.number FROM hub_rowperson l JOIN people_person p ON p.id = l.person_id WHERE l.is_current"
        )
    )
