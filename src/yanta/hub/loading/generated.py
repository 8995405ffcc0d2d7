"""A roster of any size with the faults that real ones have, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import duckdb

from yanta.hub.loading import expressions, roster
from yanta.kernel.codes import packaged

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建文辉力浩宇轩子涵欣怡梓晨思雨佳琪博"
UNITS = [f"{number}00" for number in range(101, 121)]

# Share of rows, and what is wrong with the cell.
FAULTS = {
    "name": [(0.04, "name[1] || ' ' || name[2:]"), (0.01, "name[1] || '　' || name[2:]")],
    "sex": [
        (0.3, "CASE sex WHEN '1' THEN '男' ELSE '女' END"),
        (0.05, "CASE sex WHEN '1' THEN 'M' ELSE 'F' END"),
    ],
    "ethnic": [(0.4, "'汉族'"), (0.1, "'汉'")],
    "political": [(0.3, "'共青团员'"), (0.02, "'无'"), (0.002, "'不是党员吧'")],
    "birth_on": [
        (0.1, "replace(birth_on, '-', '/')"),
        (0.1, "replace(birth_on, '-', '')"),
        (0.05, "replace(birth_on, '-', '.')"),
        (0.003, "'2001-02-30'"),
        (0.002, "'1988-08-08'"),
    ],
    "id_no": [
        (0.02, "lower(id_no)"),
        (0.01, "id_no || ' '"),
        (0.004, "id_no[1:17] || (CASE id_no[18] WHEN '1' THEN '2' ELSE '1' END)"),
        (0.01, "''"),
    ],
    "phone": [
        (0.03, "phone[1:3] || ' ' || phone[4:7] || ' ' || phone[8:11]"),
        (0.02, "'无'"),
        (0.002, "phone[1:10]"),
    ],
    "email": [(0.05, "upper(email)"), (0.1, "''"), (0.001, "replace(email, '@', '#')")],
    "bank_account": [(0.02, "bank_account[1:4] || ' ' || bank_account[5:]"), (0.05, "'-'")],
    "org_code": [(0.02, "' ' || org_code")],
    "entry_on": [(0.1, "replace(entry_on, '-', '/')")],
}


def write(file: Path, *, rows: int, changed: float = 0.0) -> None:
    """Write the roster; `changed` is the share of rows that carry another telephone than the first time."""
    engine = duckdb.connect(config={"threads": 2})
    divisions = [entry.code for entry in packaged.entries_of("GBT2260_XZQH") if not entry.code.endswith("00")]
    engine.execute(
        "CREATE TABLE division AS SELECT unnest(?) AS code, generate_subscripts(?, 1) - 1 AS n",
        [divisions] * 2,
    )
    query = _dirty(_people(rows, len(divisions), changed))
    engine.execute(f"COPY ({query}) TO '{file}' (FORMAT csv, HEADER true)")


def _people(rows: int, divisions: int, changed: float) -> str:
    """Right rows: every identity number carries its check character."""
    letter = expressions.check_letter("seventeen")
    phone = f"CASE WHEN hash(i, 77) % 10000 < {round(changed * 10000)} THEN 5 ELSE 0 END"
    base = f"""
        SELECT i, hash(i) AS h, (DATE '1960-01-01' + (hash(i, 1) % 17000)::INTEGER) AS born,
               d.code || strftime(DATE '1960-01-01' + (hash(i, 1) % 17000)::INTEGER, '%Y%m%d')
                      || lpad((hash(i, 2) % 1000)::VARCHAR, 3, '0') AS seventeen
        FROM range({rows}) t(i) JOIN division d ON d.n = hash(i, 3) % {divisions}
    """
    given = f"'{GIVEN}'[1 + (hash(i, 5) % {len(GIVEN)})::INTEGER]"
    second = f"CASE WHEN h % 5 > 0 THEN '{GIVEN}'[1 + (hash(i, 6) % {len(GIVEN)})::INTEGER] ELSE '' END"
    return f"""
        SELECT i, lpad(i::VARCHAR, 10, '0') AS key,
               '{SURNAMES}'[1 + (hash(i, 4) % {len(SURNAMES)})::INTEGER] || {given} || {second} AS name,
               (1 + (1 + seventeen[17]::INTEGER) % 2)::VARCHAR AS sex, strftime(born, '%Y-%m-%d') AS birth_on,
               '1' AS id_type, seventeen || {letter} AS id_no, lpad((1 + h % 56)::VARCHAR, 2, '0') AS ethnic,
               lpad((1 + hash(i, 7) % 13)::VARCHAR, 2, '0') AS political, 'CHN' AS nationality,
               {UNITS}[1 + (hash(i, 8) % {len(UNITS)})::INTEGER] AS org_code,
               strftime(born + 6700 + (hash(i, 9) % 400)::INTEGER, '%Y-%m-%d') AS entry_on,
               'u' || i || '@campus.example' AS email,
               '16' || ({phone}) || lpad((hash(i, 10) % 100000000)::VARCHAR, 8, '0') AS phone,
               '62998' || lpad((hash(i, 11) % 100000000000000)::VARCHAR, 14, '0') AS bank_account
        FROM ({base})
    """


def _dirty(people: str) -> str:
    columns = ", ".join(
        f"{_faulty(column, place)} AS {column}" for place, column in enumerate(roster.DELIVERED)
    )
    return f"SELECT {columns} FROM ({people}) ORDER BY i"


def _faulty(column: str, place: int) -> str:
    """The cell, spoilt in the given shares of rows; a thousandth of the keys stands twice."""
    if column == "key":
        return "CASE WHEN i % 1000 = 999 THEN lpad((i - 1)::VARCHAR, 10, '0') ELSE key END"
    cases, reached = "", 0.0
    for share, spoilt in FAULTS.get(column, []):
        reached += share
        cases += f" WHEN hash(i, {100 + place}) % 1000000 < {round(reached * 1_000_000)} THEN {spoilt}"
    return f"CASE{cases} ELSE {column} END" if cases else column
