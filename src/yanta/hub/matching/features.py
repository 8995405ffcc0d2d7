"""Turns clean rows into what comparisons read: normal values and how rare each of them is."""

import math

import duckdb

# Two figures per field. How many other people a value is expected to belong to that the data do not show:
# namesakes are plenty, a telephone may be a parent's or handed on, a number is another's only through a slip.
# And for how much of another person each further name beside the value counts. A second name beside a number
# counts for nothing here: where names differ, the comparison of names says so.
OTHERS = {
    "name": (0.25, 1.0),
    "py": (0.5, 1.0),
    "birth": (0.5, 1.0),
    "month": (0.5, 1.0),
    "phone": (0.1, 1.0),
    "email": (0.02, 0.5),
    "bank": (0.01, 0.3),
    "id": (0.005, 0.05),
    "staff": (0.008, 0.2),
    "ug": (0.008, 0.2),
    "grad": (0.008, 0.2),
    "other": (0.01, 0.2),
    "card": (0.02, 0.5),
    "payee": (0.02, 0.5),
    "exam": (0.008, 0.2),
    "dorm": (0.1, 1.0),
    "org": (0.5, 1.0),
    "native": (0.5, 1.0),
    "ethnic": (0.5, 1.0),
}

# What is only ever asked whether it is equal is carried as eight bytes.
_CODE = "create or replace temp macro code(x) as case when x is not null then hash(x) end"

# Bytes outnumber characters where a name is not Latin; that is cheaper to see than any pattern.
_VALUES = """
create or replace table value as
select
    i, row_id, source, role,
    nullif(name_key, '') as name,
    nullif(replace(replace(replace(former_name, ' ', ''), '·', ''), '.', ''), '') as former,
    code(p.letters) as py, code(q.letters) as lat,
    coalesce(name_lossy, false) as lossy,
    strlen(name_key) > length(name_key) as han,
    coalesce(sex, case when id_valid then id_sex end) as sex_known,
    coalesce(birth_on, case when id_valid then id_birth_on end) as birth,
    coalesce(birth_month, strftime(case when id_valid then id_birth_on end, '%Y-%m')) as month,
    nullif(id_no, '') as id, coalesce(id_valid, false) as id_ok, id_sex,
    id_birth_on is not null and length(id_no) = 18 as id_cn,
    coalesce(id_type, '') as id_type,
    code(phone) as phone, code(home_phone) as home, code(email) as email, code(bank_account) as bank,
    code(org_code) as org, code(native_place) as native, code(ethnic) as ethnic,
    code(staff_no) as staff, ug_no as ug, former_ug_no as ug_before, code(grad_no) as grad,
    code(other_no) as other, code(card_no) as card, code(payee_no) as payee, code(exam_no) as exam,
    code(dorm_bed) as dorm
from clean
left join spelling p on p.written = name_pinyin
left join spelling q on q.written = latin_name
"""

# Letters in order make one key of LI ZIHAN, Zihan Li and lizihan.
_SPELLING = """
create or replace table spelling as
select written, list_aggregate(list_sort(string_split(letters, '')), 'string_agg', '') as letters
from (select written, regexp_replace(lower(written), '[^a-z]', '', 'g') as letters
      from (select name_pinyin as written from clean union select latin_name from clean))
where length(letters) > 3
"""

_PERSONS = """
select sum(persons)::double from (
    select greatest(count(distinct birth), 1) as persons from value where name is not null group by name)
"""

# Rarity: bits that an agreement on this value is worth. Names are counted by the birth dates they come
# with, everything else by the names it comes with, so that many rows of one person count once. Only values
# of more than one are kept: most have the same rarity, that of a value seen with one person alone.
_RARITY = """
create or replace table rarity_{column} as
select {column}, log2({persons} / (greatest(count(*) - {free}, 0) * {share} + {unseen}))::float as r
from (select distinct {column}, {by} from value where {column} is not null and {by} is not null)
group by {column} having count(*) > 1
"""


def build(db: duckdb.DuckDBPyConnection) -> float:
    """Fill table `feature` from table `clean`; the answer is the estimated number of people."""
    db.execute(_CODE)
    db.execute(_SPELLING)
    db.execute(_VALUES)
    row = db.execute(_PERSONS).fetchone()
    persons = max(float(row[0] or 1), 2.0) if row else 2.0
    for column, (unseen, share) in OTHERS.items():
        by = "birth" if column in ("name", "py") else "name"
        free = 1 if share == 1 else 2
        db.execute(
            _RARITY.format(column=column, by=by, persons=persons, unseen=unseen, share=share, free=free)
        )
    joins = " ".join(
        f"left join rarity_{column} on rarity_{column}.{column} = value.{column}" for column in OTHERS
    )
    rarities = ", ".join(
        f"coalesce(rarity_{column}.r, {math.log2(persons / unseen)})::float as r_{column}"
        for column, (unseen, _) in OTHERS.items()
    )
    db.execute(f"create or replace table feature as select value.*, {rarities} from value {joins}")
    for column in ("value", "spelling", *(f"rarity_{column}" for column in OTHERS)):
        db.execute(f"drop table {column}")
    return persons
