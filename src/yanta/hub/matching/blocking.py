"""Which pairs of rows are worth comparing: those that share a key."""

import duckdb

# kind: what makes the key. One met by too many rows is dropped; the same value beside a name then still works.
KEYS: dict[str, tuple[str, ...]] = {
    "id": ("case when id_cn then left(id, 17) else id end",),
    "ug": ("ug",),
    "ug before": ("ug_before",),
    "staff": ("staff",),
    "grad": ("grad",),
    "other": ("other",),
    "card": ("card",),
    "payee": ("payee",),
    "exam": ("exam",),
    "phone": ("phone",),
    "email": ("email",),
    "bank": ("bank",),
    "dorm": ("name", "dorm"),
    "name, birth": ("name", "birth"),
    "former name, birth": ("former", "birth"),
    "name, month": ("name", "month"),
    "letters, birth": ("py", "birth"),
    "latin letters, birth": ("lat", "birth"),
    "surname, birth, unit": ("left(name, 1)", "birth", "org"),
    "name, phone": ("name", "phone"),
    "name, home phone": ("name", "home"),
    "name, id head": ("name", "case when id_cn then left(id, 9) end"),
    "name, id tail": ("name", "case when id_cn then right(id, 9) end"),
    "name, id digits": ("name", "case when id_cn then list_sort(string_split(left(id, 17), '')) end"),
}

# Keys of different kinds that mean the same thing share a space.
SPACES = {
    "ug before": "ug",
    "former name, birth": "name, birth",
    "latin letters, birth": "letters, birth",
    "name, home phone": "name, phone",
}

_PAIRS = """
create or replace table candidate as
with known as (
    select k, i from key qualify count(*) over (partition by k) between 2 and {largest}
)
select distinct a.i as l, b.i as r
from known a join known b on a.k = b.k and a.i < b.i
{only}
union
{asymmetric}
"""

# A name that lost a character, and a row that nothing but its name and unit places, look around by themselves.
_LOSSY = """
select least(a.i, b.i) as l, greatest(a.i, b.i) as r
from feature a join feature b on a.birth = b.birth and a.org = b.org and a.i <> b.i and a.lossy
"""
_BARE = """
select least(a.i, b.i) as l, greatest(a.i, b.i) as r
from feature a join feature b on a.name = b.name and a.org = b.org and a.i <> b.i
where a.id is null and a.month is null and a.phone is null
  and a.ug is null and coalesce(a.staff, a.grad, a.other, a.exam, a.email, a.bank) is null
qualify count(*) over (partition by a.i) <= 12
"""


def candidates(db: duckdb.DuckDBPyConnection, *, largest_bucket: int, new_only: bool) -> None:
    """Fill table `candidate` (l < r) with every pair that shares a key."""
    parts = [_keys(SPACES.get(kind, kind), values) for kind, values in KEYS.items()]
    db.execute("create or replace table key as " + " union all ".join(parts))
    only = "where a.i in (select i from fresh) or b.i in (select i from fresh)" if new_only else ""
    asymmetric = f"({_LOSSY}) union ({_BARE})"
    db.execute(_PAIRS.format(largest=largest_bucket, only=only, asymmetric=asymmetric))
    db.execute("drop table key")


def _keys(space: str, values: tuple[str, ...]) -> str:
    present = " and ".join(f"({value}) is not null" for value in values)
    return f"select hash('{space}', {', '.join(values)}) as k, i from feature where {present}"
