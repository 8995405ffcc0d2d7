"""Native places: a division's name in any length, or a code of any year, to the current county code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

Rows = Iterable[Mapping[str, str]]

_PROVINCE = re.compile(r"(维吾尔自治区|壮族自治区|回族自治区|自治区|特别行政区|省|市)$")
_PEOPLES = (
    "蒙古族|蒙古|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克|傣族|黎族|傈僳族|佤族|畲族"
    "|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯|锡伯族|普米族|怒族|塔吉克"
    "|裕固族|保安族|独龙族|鄂温克族|鄂伦春|各族"
)
_CITY = re.compile(rf"(({_PEOPLES})+自治州|地区|盟|市|林区)$")
_COUNTY = re.compile(rf"(({_PEOPLES})*自治县|({_PEOPLES})*自治旗|县|区|市|旗)$")
_JOINTS = re.compile(r"[\s,，、·/\-]+")


class Places:
    """Divisions by every way of writing them, and old codes by what became of them."""

    def __init__(self, current: Rows, history: Rows, changes: Rows) -> None:
        rows = list(history)
        self.ever = frozenset(row["code"] for row in rows)
        # The history was transcribed with a few wrong names; today's table was checked.
        self._current = {row["code"]: row["name"] for row in current}
        self._seats = {ending.sub("", name) for name in self._upper() for ending in (_PROVINCE, _CITY)}
        self._successors = dict(self._moved(rows, changes))
        self._spellings = self._all_spellings(rows)

    def _upper(self) -> Iterator[str]:
        return (name for code, name in self._current.items() if code.endswith("00"))

    def find(self, text: str) -> str | None:
        """The current county code, or None when the text stops at the city or means no place we know."""
        if re.fullmatch(r"\d{6}", text):
            code = self.successor(text)
            return code if code in self._current and not code.endswith("00") else None
        return self._spellings.get(_JOINTS.sub("", text)) or None

    def successor(self, code: str) -> str:
        return code if code in self._current else self._successors.get(code, code)

    def _moved(self, rows: list[Mapping[str, str]], changes: Rows) -> Iterator[tuple[str, str]]:
        """Revoked codes to current ones: by name within the province, then as the school's table says."""
        stems: dict[tuple[str, str], list[str]] = {}
        for code, name in self._current.items():
            if not code.endswith("00"):
                stems.setdefault((code[:2], _COUNTY.sub("", name)), []).append(code)
        for row in rows:
            code = row["code"]
            if code not in self._current and (found := self._heir(code, row["name"], stems)):
                yield code, found
        for change in changes:
            yield change["旧代码"], change["现代码"]

    @staticmethod
    def _heir(code: str, name: str, stems: Mapping[tuple[str, str], list[str]]) -> str | None:
        found = stems.get((code[:2], _COUNTY.sub("", name)), [])
        near = [other for other in found if other[:4] == code[:4]]
        choice = near or found
        return choice[0] if len(choice) == 1 else None

    def _all_spellings(self, rows: list[Mapping[str, str]]) -> dict[str, str]:
        spellings: dict[str, str] = {}
        for code, name in self._current.items():
            if not code.endswith("00"):
                self._add(spellings, code, name, code)
        # Former names count only where no current division is written so.
        former: dict[str, str] = {}
        for row in rows:
            target = self.successor(row["code"])
            if target != row["code"] and target in self._current:
                self._add(former, row["code"], row["name"], target)
                self._add(former, target, row["name"], target)
        return former | spellings

    def _add(self, spellings: dict[str, str], code: str, name: str, target: str) -> None:
        province = self._forms(f"{code[:2]}0000", _PROVINCE)
        city = self._forms(f"{code[:4]}00", _CITY)
        stem = _COUNTY.sub("", name)
        # 陕西宝鸡 is the city and not the former 宝鸡县: a city's name alone never means a county.
        counties = {name, stem} if len(stem) > 1 and stem not in self._seats else {name}
        for parts in product(province, city, counties):
            written = "".join(parts)
            if spellings.setdefault(written, target) != target:
                spellings[written] = ""

    def _forms(self, code: str, ending: re.Pattern[str]) -> set[str]:
        name = self._current.get(code, "")
        if not name or name in ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"):
            return {""}
        return {"", name, ending.sub("", name) or name, *_prefecture(name)}


def _prefecture(name: str) -> set[str]:
    """甘孜藏族自治州 is also written 甘孜州."""
    stem = _CITY.sub("", name)
    return {f"{stem}州"} if name.endswith("自治州") else set()
