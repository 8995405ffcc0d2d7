"""Organisations of the school: code, full, short or former name to the current first-level unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Rows = Iterable[Mapping[str, str]]

_SPLIT = re.compile(r"[、,，;；/]")


class Units:
    """Names of units to first-level codes; a name that means two units means none."""

    def __init__(self, units: Rows, history: Rows) -> None:
        rows = list(units)
        parents = {row["单位码"]: row.get("上级单位码", "") for row in rows}
        self.codes = frozenset(code for code, parent in parents.items() if not parent)
        self._top = {code: self._root(code, parents) for code in parents}
        self._names = self._former(history)
        self._names |= {name: target for name, target in self._short(rows).items() if target}
        self._names |= {row["单位名称"]: self._top[row["单位码"]] for row in rows if row.get("上级单位码")}
        self._names |= {row["单位名称"]: row["单位码"] for row in rows if not row.get("上级单位码")}

    def find(self, text: str) -> str | None:
        """The first-level unit; brackets and a leading school name are tried without."""
        if text in self._top:
            return self._top[text]
        for key in self._keys(re.sub(r"\s", "", text)):
            if found := self._names.get(key):
                return found
        return None

    @staticmethod
    def _keys(text: str) -> Iterable[str]:
        yield text
        yield text.replace("(", "（").replace(")", "）")
        bare = re.sub(r"[(（\[].*?[)）\]]", "", text)
        yield bare
        own = re.sub(r"^(本校|我校|母校|原|[\u4e00-\u9fff]{2,8}大学(?=.{3,}))", "", bare)
        yield own
        yield re.sub(r"^原", "", own)

    @staticmethod
    def _root(code: str, parents: Mapping[str, str]) -> str:
        seen = {code}
        while (parent := parents.get(code, "")) and parent not in seen:
            seen.add(parent)
            code = parent
        return code

    def _former(self, history: Rows) -> dict[str, str]:
        """A unit that was split has no single heir: its name decides nothing."""
        found: dict[str, str] = {}
        for row in history:
            target = self._top.get(row["现单位码"], row["现单位码"])
            for name in (row["旧名称"],):
                found[name] = target if found.get(name, target) == target else ""
        return found

    def _short(self, rows: list[Mapping[str, str]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in rows:
            target = self._top[row["单位码"]]
            bare = re.sub(r"[(（].*?[)）]", "", row["单位名称"])
            for name in {*_SPLIT.split(row.get("简称", "")), bare} - {""}:
                found[name] = target if found.get(name, target) == target else ""
        return found
