"""What a roster of persons looks like when it arrives, when it is clean, and why a row is held back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from yanta.hub.loading import expressions as sql
from yanta.kernel.codes import packaged

if TYPE_CHECKING:
    import duckdb

# Column of the clean row -> code set that its values are mapped to.
CODED = {
    "sex": "GBT2261_1_XB",
    "id_type": "JYT1001_SFZJLX",
    "ethnic": "GBT3304_MZ",
    "political": "GBT4762_ZZMM",
    "nationality": "GBT2659_GJDQ",
}
DELIVERED = (
    "key", "name", "sex", "birth_on", "id_type", "id_no", "ethnic", "political", "nationality",
    "org_code", "entry_on", "email", "phone", "bank_account",
)  # fmt: skip
SEALED = ("id_no", "phone", "bank_account")
KEPT = (
    "key", "digest", "run", "name", "sex", "birth_on", "id_type", "id_index", "ethnic", "political",
    "nationality", "native_place", "org_code", "entry_on", "email", "sealed",
)  # fmt: skip
COMPARED = (
    "name", "sex", "birth_on", "id_type", "id_no", "ethnic", "political", "nationality", "native_place",
    "org_code", "entry_on", "email", "phone", "bank_account",
)  # fmt: skip


def spellings_of(set_id: str) -> Iterator[tuple[str, str]]:
    """Every written form of every code of a set."""
    for entry in packaged.entries_of(set_id):
        yield entry.code, entry.code
        yield entry.name, entry.code
        if entry.name.endswith("族"):
            yield entry.name[:-1], entry.code
    yield from packaged.aliases_of(set_id)


def spellings() -> dict[str, dict[str, str]]:
    """For each coded column: the code of every written form."""
    return {column: dict(spellings_of(set_id)) for column, set_id in CODED.items()}


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the divisions, past ones included, that identity numbers are held against."""
    connection.register(
        "given", pa.table({"code": [entry.code for entry in packaged.entries_of("GBT2260_HISTORY")]})
    )
    connection.execute("CREATE OR REPLACE TABLE division AS SELECT * FROM given")
    connection.unregister("given")


def _tidied(delivered: str) -> str:
    """First step: every cell by itself; coded columns and the unit have been cleaned before."""
    columns = {
        "key": sql.identifier("key"),
        "name": sql.name("name"),
        "id_given": sql.identifier("id_no"),
        "birth_text": sql.text("birth_on"),
        "entry_text": sql.text("entry_on"),
        "phone": sql.identifier("phone"),
        "bank_account": sql.identifier("bank_account"),
        "email": f"lower({sql.text('email')})",
    }
    ready = ", ".join(["org_code", *CODED, *(f"{column}_lost" for column in CODED)])
    listed = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    tidied = f"SELECT place + 2 AS line, {ready}, {listed} FROM {delivered}"
    return f"SELECT *, {sql.raised('id_given')} AS id_no FROM ({tidied})"


def _mapped(tidied: str) -> str:
    """Second step: the division by join, dates from text."""
    return (
        f"SELECT t.*, d.code AS native_place, {sql.day('birth_text')} AS birth_on, {sql.day('entry_text')} AS entry_on "
        f"FROM ({tidied}) t LEFT JOIN division d ON d.code = t.id_no[1:6]"
    )


WRONG_CHECK = "证件号校验位不符"  # told by arithmetic over the whole column, see checks.py


def reasons() -> dict[str, str]:
    """Why a row is held back: the sentence and when it is true."""
    card = "coalesce(id_type, '1') = '1'"
    unmapped = {
        f"{label}无法对应标准代码": f"{column}_lost"
        for column, label in zip(CODED, ("性别", "证件类型", "民族", "政治面貌", "国籍"), strict=True)
    }
    return {
        "缺少编号": "key IS NULL",
        "缺少姓名": "name IS NULL",
        "证件号行政区划不存在": f"({card} AND id_no IS NOT NULL AND native_place IS NULL)",
        "出生日期无法识别": "(birth_on IS NULL AND birth_text IS NOT NULL)",
        "出生日期与证件号不符": f"({card} AND length(id_no) = 18 AND birth_on IS NOT NULL AND id_no[7:14] <> strftime(birth_on, '%Y%m%d'))",
        "手机号格式不符": "(phone IS NOT NULL AND NOT regexp_full_match(phone, '1[3-9][0-9]{9}'))",
        "邮箱格式不符": "(email IS NOT NULL AND NOT regexp_full_match(email, '[^@ ]+@[^@ ]+[.][a-z]+'))",
        "入校日期无法识别": "(entry_on IS NULL AND entry_text IS NOT NULL)",
        **unmapped,
    }


def clean_query(delivered: str, *, secret: str) -> str:
    """The clean roster with `reasons` (null when good) and a digest that tells nothing without the key.

    The engine's hash may change with its version: then one landing rewrites every row with what it holds already.
    """
    told = ", ".join(
        f"CASE WHEN {test} THEN {sql.quoted(sentence)} END" for sentence, test in reasons().items()
    )
    # Sentences are put together for the few rows that need one.
    any_fault = " OR ".join(reasons().values())
    digest = f"(hash({sql.quoted(secret)}, {', '.join(COMPARED)}) >> 1)::BIGINT AS digest"
    return (
        f"SELECT line, key, {', '.join(COMPARED)}, {digest}, CASE WHEN {any_fault} THEN concat_ws('；', {told}) END AS reasons "
        f"FROM ({_mapped(_tidied(delivered))})"
    )


def repeated_query(delivered: str) -> str:
    """The keys that stand more than once in the file, each with its first place."""
    keyed = f"SELECT place, {sql.identifier('key')} AS key FROM {delivered}"
    return f"SELECT key, min(place) AS first_place FROM ({keyed}) GROUP BY 1 HAVING count(*) > 1"


def standing_query(delivered: str) -> str:
    """For each line whose key is known already or stands twice: what the table holds, which line was first."""
    keyed = f"SELECT place, {sql.identifier('key')} AS key FROM {delivered}"
    return (
        f"SELECT place, k.key IS NOT NULL AS is_known, k.digest, first_place "
        f"FROM ({keyed}) LEFT JOIN known k USING (key) LEFT JOIN repeated r USING (key) "
        "WHERE k.key IS NOT NULL OR first_place IS NOT NULL ORDER BY place"
    )


def classified_query(delivered: str, *, secret: str) -> str:
    """Clean rows of one part with what is to be done: insert, update, keep or hold back."""
    secrets = ", ".join(f"coalesce({name}, '')" for name in SEALED)
    plain = ", ".join(f"c.{name}" for name in KEPT if name not in {"id_index", "sealed", "run"})
    repeated = "CASE WHEN s.first_place + 2 < c.line THEN '编号重复' END"
    return (
        f"SELECT c.line, c.id_no, concat_ws('\x1f', {secrets}) AS secret, {plain}, "
        f"nullif(concat_ws('；', c.reasons, {repeated}), '') AS reasons, "
        "coalesce(c.id_type, '1') = '1' AS is_card, coalesce(s.is_known, false) AS is_known, "
        f"coalesce(s.digest = c.digest, false) AS is_same FROM ({clean_query(delivered, secret=secret)}) c "
        "LEFT JOIN (SELECT * FROM standing WHERE place BETWEEN $first AND $last) s ON s.place = c.line - 2"
    )
