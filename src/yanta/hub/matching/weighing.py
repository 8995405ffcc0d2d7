"""Levels of every candidate pair, weights learned or given, and the score that is their sum."""

import math

import duckdb

from .comparisons import COMPARISONS, ID, KEYS_OF_ONE_PERSON, NAME, Comparison, code

# How many pairs the given weights count for against those the data teach.
TRUST = 200.0
SAMPLE = 10_000

_NAME_DOUBT = ("one_character", "surname", "different")
_ID_AGREES = (
    "lv_id in ("
    + ", ".join(str(code(ID, each)) for each in ("same", "same_body", "near_valid", "near"))
    + ")"
)
_NAME_AGREES = ", ".join(str(code(NAME, each)) for each in ("same", "former", "letters", "letters_lossy"))


def _level_sql(comparison: Comparison) -> str:
    cases = " ".join(f"when {level.condition} then {n}" for n, level in enumerate(comparison.levels, 1))
    return f"case when not coalesce({comparison.compared}, false) then 0 {cases} else 0 end::utinyint as lv_{comparison.name}"


def _rarity_sql(comparison: Comparison) -> str:
    cases = " ".join(
        f"when {n} then {level.rarity}" for n, level in enumerate(comparison.levels, 1) if level.rarity
    )
    return f"case lv_{comparison.name} {cases} else 0 end::float as t_{comparison.name}" if cases else ""


def _pairs_sql(pairs: str) -> str:
    """Levels and rarities of the pairs (l, r) of a table."""
    levels = ", ".join(_level_sql(each) for each in COMPARISONS)
    rarities = ", ".join(filter(None, (_rarity_sql(each) for each in COMPARISONS)))
    source = "l.source <> r.source as across"
    return f"""
        select p.l, p.r, {source}, {levels}, {rarities}
        from {pairs} p join feature l on l.i = p.l join feature r on r.i = p.r
    """


def compare(db: duckdb.DuckDBPyConnection, *, pairs: str, into: str) -> None:
    """Fill table `into` with the levels of the pairs."""
    db.execute(f"create or replace table {into} as {_pairs_sql(pairs)}")


def _counts(db: duckdb.DuckDBPyConnection, table: str, where: str) -> dict[str, dict[int, int]]:
    """How often each level of each comparison occurs, nothing-to-compare left out."""
    parts = [
        f"select '{each.name}', lv_{each.name}, count(*) from {table} where {where} and lv_{each.name} > 0 group by 2"
        for each in COMPARISONS
    ]
    counts: dict[str, dict[int, int]] = {each.name: {} for each in COMPARISONS}
    for name, level, n in db.execute(" union all ".join(parts)).fetchall():
        counts[name][level] = n
    return counts


def _random_pairs(db: duckdb.DuckDBPyConnection, rows: int) -> None:
    """A fixed pseudo-random choice, so that two runs learn the same."""
    db.execute(f"""
        create or replace table chance as
        select (hash(n) % {rows})::integer as l, (hash(n, 'other') % {rows})::integer as r
        from range({min(SAMPLE, 5 * rows)}) t(n) where hash(n) % {rows} <> hash(n, 'other') % {rows}
    """)
    compare(db, pairs="chance", into="chance_level")


def _blend(given: float, n: int, total: int) -> float:
    """What was given, drawn towards what was counted; a rare level that did not occur stays possible."""
    return max((given * TRUST + n) / (TRUST + total), given / 4)


def weights(db: duckdb.DuckDBPyConnection, *, rows: int) -> dict[str, list[float]]:
    """Bits per comparison and level; rarity is added where the level has one.

    Pairs of different departments with one valid identity number and one name teach how often the other
    fields of one person agree; pairs drawn by chance teach how often those of two people do.
    """
    known = _counts(db, "level", f"across and lv_id = {code(ID, 'same')} and lv_name = {code(NAME, 'same')}")
    _random_pairs(db, rows)
    chance = _counts(db, "chance_level", f"lv_id <> {code(ID, 'same')}")
    return {each.name: _bits(each, known[each.name], chance[each.name]) for each in COMPARISONS}


def _bits(comparison: Comparison, known: dict[int, int], chance: dict[int, int]) -> list[float]:
    known_total, chance_total = sum(known.values()), sum(chance.values())
    bits = []
    for n, level in enumerate(comparison.levels, 1):
        m = _blend(level.m, known.get(n, 0), known_total) if comparison.learned else level.m
        u = 1.0 if level.rarity else _blend(level.u, chance.get(n, 0), chance_total)
        bits.append(math.log2(m / u))
    return bits


def _weight_sql(comparison: Comparison, bits: list[float]) -> str:
    name = comparison.name
    cases = " ".join(
        f"when {n} then {weight:.4f}" + (f" + t_{name}" if level.rarity else "")
        for n, (level, weight) in enumerate(zip(comparison.levels, bits, strict=True), 1)
    )
    weight = f"case lv_{name} {cases} else 0 end"
    if comparison.implied_by_id:
        weight = f"case when {_ID_AGREES} then least(0, {weight}) else {weight} end"
    return f"({weight})::float as w_{name}"


def _own_key() -> str:
    """True where the pair agrees on something that only one person has."""
    by_name = {each.name: each for each in COMPARISONS}
    parts = []
    for name in KEYS_OF_ONE_PERSON:
        good = [n for n, level in enumerate(by_name[name].levels, 1) if level.rarity]
        parts.append(f"lv_{name} in ({', '.join(map(str, good))})")
    return "(" + " or ".join(parts) + ")"


def score(db: duckdb.DuckDBPyConnection, *, levels: str, into: str, bits: dict[str, list[float]]) -> None:
    """Fill table `into` with the weight of each comparison and their sum as `evidence`."""
    weight_sql = ", ".join(_weight_sql(each, bits[each.name]) for each in COMPARISONS)
    total = " + ".join(f"w_{each.name}" for each in COMPARISONS)
    names = ", ".join(str(code(NAME, each)) for each in _NAME_DOUBT)
    kept = ", ".join(f"lv_{each.name}" for each in COMPARISONS)
    db.execute(f"""
        create or replace table {into} as
        select *, ({total})::float as evidence,
            {_own_key()} as own, lv_name > 0 and lv_name not in ({names}) as named,
            lv_id = {code(ID, "different_valid")}
                or (lv_id = {code(ID, "near_valid")} and lv_name not in ({_NAME_AGREES})) as forbidden
        from (select l, r, {kept}, {weight_sql} from {levels})
    """)
