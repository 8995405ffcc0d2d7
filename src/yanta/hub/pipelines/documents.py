"""What a version of a pipeline says: pairs of column and field with their steps, keys, rules. Kept as JSON."""

from __future__ import annotations

import dataclasses
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import orjson

from yanta.kernel.base import Refused, ciphers

Mode = Literal["write", "fill", "check"]
MODES: dict[str, str] = {
    "write": "写入（权威来源）",
    "fill": "只补空白",
    "check": "只核对，不写入",
}
ABSENT: dict[str, str] = {
    "keep": "保留，只计数",
    "mark": "按下面的规则标记离开",
    "hold": "拦下，由人决定",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One field of the target: from which column (or constant), cleaned how, translated by what, written how."""

    field: str
    source: str = ""
    constant: str = ""
    steps: tuple[str, ...] = ("tidy",)
    crosswalk: str = ""
    mode: Mode = "write"
    erases: bool = False
    suggested: bool = False
    why: str = ""

    @property
    def is_constant(self) -> bool:
        return not self.source

    @classmethod
    def of(cls, given: dict[str, Any]) -> Pair:
        return cls(**{**given, "steps": tuple(given.get("steps", ("tidy",)))})


@dataclass(frozen=True, slots=True)
class Match:
    """By what a link is found where no key is delivered: facts of the linked row, tried in this order."""

    field: str
    columns: dict[str, str] = dataclasses.field(default_factory=dict)
    rules: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, given: dict[str, Any]) -> Match:
        return cls(given["field"], dict(given["columns"]), tuple(tuple(rule) for rule in given["rules"]))


@dataclass(frozen=True, slots=True)
class Document:
    """A whole version. `absent` says what becomes of rows that the source deleted, or that its whole list no longer names;
    more than `removal_percent` of the target at once wait for somebody's consent."""

    key: str
    pairs: tuple[Pair, ...] = ()
    matches: tuple[Match, ...] = ()
    creates: bool = True
    absent: str = "keep"
    mark_field: str = ""
    mark_value: str = ""
    is_whole: bool = False
    partition: str = ""
    threshold_percent: int = 20
    threshold_rows: int = 0
    removal_percent: int = 5

    @classmethod
    def of(cls, given: dict[str, Any]) -> Document:
        plain = {name: value for name, value in given.items() if name not in ("pairs", "matches")}
        pairs = tuple(Pair.of(one) for one in given.get("pairs", ()))
        return cls(**plain, pairs=pairs, matches=tuple(Match.of(one) for one in given.get("matches", ())))

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(orjson.dumps(asdict(self)))
        return found

    @property
    def digest(self) -> str:
        return ciphers.sm3_hex(orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS))

    @property
    def confirmed(self) -> tuple[Pair, ...]:
        """The pairs that a person stands for; suggestions take no part in a run."""
        return tuple(pair for pair in self.pairs if not pair.suggested)

    def pair(self, field_name: str) -> Pair | None:
        return next((pair for pair in self.pairs if pair.field == field_name), None)

    def match(self, field_name: str) -> Match | None:
        return next((match for match in self.matches if match.field == field_name), None)

    def with_pair(self, pair: Pair) -> Document:
        """With this pair in place of any other of the same field or column."""
        others = tuple(
            one
            for one in self.pairs
            if one.field != pair.field and (pair.is_constant or one.source != pair.source)
        )
        return replace(self, pairs=(*others, pair))

    def without(self, *, source: str = "", field_name: str = "") -> Document:
        kept = tuple(
            one for one in self.pairs if not ((source and one.source == source) or one.field == field_name)
        )
        return replace(self, pairs=kept)

    @property
    def source_columns(self) -> list[str]:
        """Every column that a run must read, once each."""
        named = [pair.source for pair in self.confirmed]
        named += [column for match in self.matches for column in match.columns.values()]
        return [name for name in dict.fromkeys([*named, self.partition]) if name]


def check(document: Document, *, columns: set[str] | None = None) -> None:
    """Refused when a version cannot be run at all; `columns` are those the source has."""
    fields = [pair.field for pair in document.confirmed]
    if len(fields) != len(set(fields)):
        raise Refused("同一字段只能对应一列")
    if document.key not in fields:
        raise Refused("还没有给主键字段指定来源列，无法判断是新增还是变更")
    missing = [name for name in document.source_columns if columns is not None and name not in columns]
    if missing:
        raise Refused(f"来源表里没有这些列：{'、'.join(missing)}")
    if document.absent == "mark" and not document.mark_field:
        raise Refused("请指定用哪个字段标记离开")
    if not 0 <= document.threshold_percent <= 100:
        raise Refused("隔离比例的上限应在 0 到 100 之间")
    if not 0 <= document.removal_percent <= 100:
        raise Refused("一次标记离开的比例上限应在 0 到 100 之间")
