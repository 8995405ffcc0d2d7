"""Merged values with their provenance: what is new, changed or gone, and what a correction holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from yanta.hub.elements import ELEMENTS, SENSITIVE
from yanta.hub.storing.delivery import Golden
from yanta.hub.storing.staging import execute, fetch, stage
from yanta.kernel.base import ciphers

# A value that a department put right stands until the source delivers something it has not been told is wrong.
_HELD = "v.basis = 'correction' AND n.digest = v.refuted_digest"
_DIFFERS = f"v.digest <> n.digest AND NOT ({_HELD})"


def store(
    golden: Iterable[Golden], *, run_id: int, persons: Mapping[str, int], row_ids: Mapping[int, int],
    sources: Mapping[int, int],
) -> set[int]:  # fmt: skip
    """Merge the values in; answers the persons of whom something changed. `sources` is the source of each row."""
    kept = [one for one in golden if one.value and one.element in ELEMENTS]
    stage(
        "run_value",
        "person_id bigint, element text, value text, sealed bytea, digest bytea, basis text, row_id bigint, source_id bigint",
        _staged(kept, persons, row_ids, sources),
    )
    touched = _log(run_id)
    _write(run_id)
    return touched


def _staged(
    golden: list[Golden], persons: Mapping[str, int], row_ids: Mapping[int, int], sources: Mapping[int, int]
) -> Iterable[tuple[Any, ...]]:
    digests = ciphers.blind_index_many([one.value for one in golden])
    sealed = iter(ciphers.seal_many([one.value for one in golden if one.element in SENSITIVE]))
    for one, digest in zip(golden, digests, strict=True):
        row = row_ids.get(one.row_id) if one.row_id is not None else None
        secret = one.element in SENSITIVE
        yield (
            persons[one.person_key], one.element, "" if secret else one.value, next(sealed) if secret else None, digest,
            one.basis, row, sources.get(row) if row is not None else None,
        )  # fmt: skip


def _log(run_id: int) -> set[int]:
    """History of values that change or go; the persons touched, new values included."""
    columns = "person_id, element, before, before_sealed, after, after_sealed, source_id, run_id, changed_at, created_at, updated_at"
    execute(
        f"""INSERT INTO hub_elementchange ({columns})
        SELECT v.person_id, v.element, v.value, v.sealed, n.value, n.sealed, n.source_id, %s, now(), now(), now()
        FROM run_value n JOIN hub_elementvalue v USING (person_id, element) WHERE {_DIFFERS}""",
        [run_id],
    )
    execute(
        f"""INSERT INTO hub_elementchange ({columns})
        SELECT v.person_id, v.element, v.value, v.sealed, '', NULL, v.source_id, %s, now(), now(), now()
        FROM hub_elementvalue v WHERE {_GONE}""",
        [run_id],
    )
    touched = fetch(
        f"""SELECT n.person_id FROM run_value n LEFT JOIN hub_elementvalue v USING (person_id, element)
        WHERE v.id IS NULL OR {_DIFFERS} UNION SELECT v.person_id FROM hub_elementvalue v WHERE {_GONE}"""
    )
    return {person for (person,) in touched}


# Only of persons whom the run knows, and never a corrected value: silence is no contradiction.
_GONE = """v.basis <> 'correction'
    AND NOT EXISTS (SELECT 1 FROM run_value n WHERE n.person_id = v.person_id AND n.element = v.element)"""


def _write(run_id: int) -> None:
    execute(f"DELETE FROM hub_elementvalue v WHERE {_GONE}")
    execute(
        f"""UPDATE hub_elementvalue v SET value = n.value, sealed = n.sealed, digest = n.digest, basis = n.basis,
                source_id = n.source_id, row_id = n.row_id, run_id = %s, correction_id = NULL, refuted_digest = NULL,
                confirmed_at = now(), updated_at = now()
        FROM run_value n WHERE v.person_id = n.person_id AND v.element = n.element AND {_DIFFERS}""",
        [run_id],
    )
    # The same value from another row or by another right: its provenance follows, its person is not touched.
    execute(
        """UPDATE hub_elementvalue v SET basis = n.basis, source_id = n.source_id, row_id = n.row_id, run_id = %s,
                correction_id = NULL, refuted_digest = NULL, confirmed_at = now(), updated_at = now()
        FROM run_value n WHERE v.person_id = n.person_id AND v.element = n.element AND v.digest = n.digest
          AND (v.basis, v.source_id, v.row_id) IS DISTINCT FROM (n.basis, n.source_id, n.row_id)""",
        [run_id],
    )
    execute(
        """INSERT INTO hub_elementvalue (person_id, element, value, sealed, digest, basis, source_id, row_id, run_id,
                                         confirmed_at, created_at, updated_at)
        SELECT n.person_id, n.element, n.value, n.sealed, n.digest, n.basis, n.source_id, n.row_id, %s, now(), now(), now()
        FROM run_value n LEFT JOIN hub_elementvalue v USING (person_id, element) WHERE v.id IS NULL""",
        [run_id],
    )
