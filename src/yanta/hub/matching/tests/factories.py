"""Clean rows of invented people for the matching tests."""

from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa
from pypinyin import lazy_pinyin

from yanta.hub.matching import Decision, MatchResult, match
from yanta.hub.schema import CLEAN

SCHEMA = pa.schema([field for field in CLEAN if field.name != "issues"])
_CHECK = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CROWD = "王一明 李二强 张三丰 刘思远 陈武成 杨柳青 黄七斤 赵八方 吴久安 周时珍 徐百川 孙千里 马万年 朱元璋 胡天宝 郭地生"


def id_number(division: str, born: str, serial: str) -> str:
    """An identity number with its right check character."""
    body = division + born + serial
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _CHECK, strict=True)) % 11]


def row(name: str, *, source: str = "card", **known: Any) -> dict[str, Any]:
    """A clean row as intake would write it."""
    made: dict[str, Any] = {
        "source": source,
        "name": name,
        "name_key": name.replace("·", "").replace(" ", ""),
    }
    made["name_pinyin"] = "".join(lazy_pinyin(name)).replace(" ", "").lower()
    if born := known.pop("born", None):
        made |= {"birth_on": date.fromisoformat(born), "birth_month": born[:7]}
    if number := known.get("id_no"):
        made |= _inside(number)
    return made | known


def _inside(number: str) -> dict[str, Any]:
    if not number[:17].isdecimal():
        return {"id_type": "A", "id_valid": True}
    right = id_number(number[:6], number[6:14], number[14:17]) == number
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return {"id_type": "1", "id_valid": False}
    return {
        "id_type": "1",
        "id_valid": right,
        "id_birth_on": born,
        "id_sex": "1" if int(number[16]) % 2 else "2",
    }


@cache
def crowd() -> list[dict[str, Any]]:
    """Others, each known to two departments, so that chance agreement has a measure."""
    rows = []
    for n, name in enumerate(_CROWD.split() * 12):
        born = f"{1970 + n % 35}{1 + n % 12:02d}{1 + n % 28:02d}"
        known = {
            "id_no": id_number("610113", born, f"{n:03d}"),
            "sex": str(1 + n % 2),
            "org_code": f"1{n % 9:02d}00",
        }
        rows += [row(name, source="personnel", **known), row(name, source="finance", **known)]
    return rows


def table(*rows: dict[str, Any]) -> pa.Table:
    """The rows numbered from 1, then the crowd."""
    numbered = [each | {"row_id": n} for n, each in enumerate([*rows, *crowd()], 1)]
    return pa.Table.from_pylist(numbered, schema=SCHEMA)


def matched(*rows: dict[str, Any], decisions: tuple[Decision, ...] = (), **options: Any) -> "Found":
    """Match the rows in a crowd."""
    return Found(match(table(*rows), decisions=decisions, **options), len(rows))


class Found:
    """What matching said of the rows that the test is about."""

    def __init__(self, result: MatchResult, size: int) -> None:
        self.result, self.size = result, size
        columns = (result.clusters[name].to_pylist() for name in ("row_id", "person_key"))
        self.key: dict[int, str] = dict(zip(*columns, strict=True))

    @property
    def groups(self) -> list[list[int]]:
        """Row numbers that are one person, the smallest first."""
        people: dict[str, list[int]] = {}
        for n in range(1, self.size + 1):
            people.setdefault(self.key[n], []).append(n)
        return sorted(people.values())

    @property
    def doubts(self) -> set[tuple[int, int]]:
        """Pairs of the rows that a person is asked about."""
        pairs = zip(
            self.result.doubtful["left"].to_pylist(), self.result.doubtful["right"].to_pylist(), strict=True
        )
        return {pair for pair in pairs if max(pair) <= self.size}

    def decision(self, left: int, right: int) -> dict[str, Any]:
        """The explained score of a pair."""
        return next(d for d in self.result.decisions.to_pylist() if (d["left"], d["right"]) == (left, right))
