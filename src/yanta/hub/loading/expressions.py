"""SQL that cleans and checks one column at a time, over whole columns.

Every expression tests cheaply whether a value is already clean and works only on those that are not.
"""

from __future__ import annotations

MISSING = ("", "-", "--", "—", "/", "\\", "无", "未知", "不详", "NULL", "null", "N/A", "空")
_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000\u00a0"
_NARROW = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + "  "
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_MISSING_LIST = ", ".join(quoted(marker) for marker in MISSING)


def narrow(column: str) -> str:
    """Full width to half width; only the values that hold a wide character are worked on."""
    return (
        f"CASE WHEN strlen({column}) = length({column}) OR NOT regexp_matches({column}, '[！-～\u3000\u00a0]') "
        f"THEN {column} ELSE translate({column}, {quoted(_WIDE)}, {quoted(_NARROW)}) END"
    )


def present(column: str) -> str:
    """Null instead of the many ways to write that nothing is known; only short values can be one."""
    return f"CASE WHEN length({column}) <= 4 AND {column} IN ({_MISSING_LIST}) THEN NULL ELSE {column} END"


def text(column: str) -> str:
    """Trimmed, half width, single blanks."""
    trimmed = f"trim({narrow(column)})"
    return present(
        f"(CASE WHEN contains({column}, '  ') THEN regexp_replace({trimmed}, '\\s+', ' ', 'g') ELSE {trimmed} END)"
    )


def name(column: str) -> str:
    """No blanks inside Han names, one kind of dot."""
    blanks = f"(contains({column}, ' ') OR contains({column}, '\u3000') OR regexp_matches({column}, '[•‧∙⋅・･．.]'))"
    tidy = f"translate(replace(translate({column}, '\u3000', ' '), ' ', ''), '•‧∙⋅・･．.', '········')"
    latin = f"strlen({column}) = length({column})"
    return f"CASE WHEN {latin} THEN nullif(trim(upper({column})), '') WHEN {blanks} THEN {tidy} ELSE {present(column)} END"


def identifier(column: str) -> str:
    """Upper case, half width, no blanks."""
    plain = f"strlen({column}) = length({column}) AND NOT contains({column}, ' ') AND NOT contains({column}, chr(39))"
    dirty = f"upper(regexp_replace({narrow(column)}, '[\\s'']', '', 'g'))"
    return present(f"(CASE WHEN {plain} THEN upper({column}) ELSE {dirty} END)")


def day(column: str) -> str:
    """A date in any usual spelling, or a spreadsheet's serial number; null when it is none of them."""
    digits = f"regexp_replace({column}, '[年月/.]', '-', 'g')"
    return (
        f"CASE WHEN {column} IS NULL THEN NULL "
        f"WHEN length({column}) = 10 AND {column}[5] = '-' THEN try_cast({column} AS DATE) "
        f"WHEN length({column}) = 8 THEN try_cast({column}[1:4] || '-' || {column}[5:6] || '-' || {column}[7:8] AS DATE) "
        f"WHEN length({column}) = 5 THEN DATE '1899-12-30' + try_cast({column} AS INTEGER) "
        f"ELSE try_cast(rtrim({digits}, '日 ') AS DATE) END"
    )


def check_letter(column: str) -> str:
    """The check character that belongs to the first 17 digits (GB 11643); null if they are none."""
    parts = [f"try_cast({column}[{first}:{last}] AS INTEGER)" for first, last in ((1, 6), (7, 12), (13, 17))]
    terms = [
        f"{weight} * (({parts[place // 6]} // {10 ** ((4 if place >= 12 else 5) - place % 6)}) % 10)"
        for place, weight in enumerate(_WEIGHTS)
    ]
    return f"'10X98765432'[1 + (({' + '.join(terms)}) % 11)]"


def raised(column: str) -> str:
    """15-digit identity numbers as the 18-digit ones they became."""
    seventeen = f"({column}[1:6] || '19' || {column}[7:15])"
    long = f"coalesce({seventeen} || {check_letter(seventeen)}, {column})"
    return f"CASE WHEN length({column}) = 15 THEN {long} ELSE {column} END"
