"""What written values mean: each lookup takes tidy text and gives the standard's code, or None."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from yanta.hub.cleaning.places import Places
from yanta.hub.cleaning.sets import national_set, school_tables
from yanta.hub.cleaning.units import Units

_SEXES = {
    "1": ("男 男性 男生 M MALE 男士 先生 BOY"),
    "2": ("女 女性 女生 F FEMALE 女士 小姐 GIRL"),
}
_POLITICAL = {
    "01": "党员 中共党员 正式党员 共产党员 中国共产党员",
    "02": "预备党员 中共预备党员 预备",
    "03": "团员 共青团员 共青团 青年团员",
    "04": "民革 民革党员",
    "05": "民盟 民盟盟员",
    "06": "民建 民建会员",
    "07": "民进 民进会员",
    "08": "农工党 农工民主党 农工民主党党员",
    "09": "致公党",
    "10": "九三 九三学社",
    "11": "台盟",
    "12": "无党派 无党派人士 无党派民主人士",
    "13": "群众 普通公民 普通群众",
}
_COUNTRIES = {
    "CHN": "中国大陆 中华人民共和国 中国(大陆) 内地 P.R.CHINA PRC",
    "HKG": "香港 中国香港 香港特别行政区",
    "MAC": "澳门 中国澳门 澳门特别行政区",
    "TWN": "台湾 中国台湾 台湾省 台湾地区",
    "RUS": "俄罗斯",
    "KOR": "韩国 大韩民国 南韩",
    "PRK": "朝鲜",
    "LAO": "老挝",
    "VNM": "越南",
    "USA": "美国",
    "GBR": "英国",
    "IRN": "伊朗",
    "SYR": "叙利亚",
    "TZA": "坦桑尼亚",
    "COD": "刚果(金)",
    "COG": "刚果(布)",
    "CZE": "捷克",
    "BRN": "文莱",
    "KGZ": "吉尔吉斯斯坦 吉尔吉斯",
}
_TITLES = {
    "教授": "正教授 PROFESSOR PROF PROF. FULLPROFESSOR",
    "副教授": "副教 ASSOCIATEPROFESSOR A/PROF. A/PROF ASSOC.PROF. ASSOCPROF ASSOCIATEPROF.",
    "讲师": "LECTURER ASSISTANTPROFESSOR",
    "助教": "ASSISTANT TEACHINGASSISTANT",
    "高级工程师": "高工 SENIORENGINEER",
    "工程师": "ENGINEER 工",
    "助理工程师": "助工 ASSISTANTENGINEER",
    "高级实验师": "SENIOREXPERIMENTALIST",
    "研究员": "RESEARCHPROFESSOR RESEARCHFELLOW 正研",
    "副研究员": "副研 ASSOCIATERESEARCHPROFESSOR ASSOCIATEPROFESSOROFRESEARCH ASSOCIATERESEARCHFELLOW",
    "助理研究员": "助研 ASSISTANTRESEARCHFELLOW",
    "副研究馆员": "副研馆",
    "研究馆员": "正研馆",
    "高级会计师": "高会",
}
_OLD_ETHNIC = {"36": ["毛难"], "97": ["其他民族", "其它", "未识别"], "05": ["维族"]}


def _spellings(groups: Mapping[str, str]) -> dict[str, str]:
    return {word: code for code, words in groups.items() for word in words.split()}


@dataclass(frozen=True)
class Vocabulary:
    """All lookups of one school on top of the national sets."""

    places: Places
    units: Units
    titles: Mapping[str, str]
    majors: Mapping[str, str]  # every code or name ever used here to the current undergraduate code
    major_units: Mapping[str, str]  # name of a programme to the code of its college
    campuses: Mapping[str, str]
    ethnics: Mapping[str, str]
    politicals: Mapping[str, str]
    countries: Mapping[str, str]
    undergraduate: frozenset[str]
    graduate: Mapping[str, str]
    sexes: Mapping[str, str] = field(default_factory=lambda: _spellings(_SEXES) | {"1": "1", "2": "2"})

    def sex(self, text: str) -> str | None:
        return self.sexes.get(text.upper())

    def ethnic(self, text: str) -> str | None:
        key = text.upper()
        return (
            self.ethnics.get(key)
            or self.ethnics.get(key.removesuffix("族"))
            or self.ethnics.get(key.zfill(2))
        )

    def political(self, text: str) -> str | None:
        return self.politicals.get(text) or self.politicals.get(text.zfill(2))

    def nationality(self, text: str) -> str | None:
        return self.countries.get(text.upper().replace(" ", ""))

    def id_type(self, text: str) -> str | None:
        """Passes of Hong Kong and Macao residents share a name and answer 67: the number tells them apart."""
        if re.fullmatch(r"[1-9A-Z]", text.upper()):
            return text.upper()
        hints = {
            "港澳": "67",
            "香港": "6",
            "澳门": "7",
            "台湾": "8",
            "台胞": "8",
            "护照": "A",
            "军官": "2",
            "士兵": "3",
        }
        hints |= {"户口": "B", "身份证": "1", "永久居": "9", "其他": "Z", "PASSPORT": "A"}
        return next((code for word, code in hints.items() if word in text.upper()), None)

    def org(self, text: str) -> str | None:
        return self.units.find(text)

    def title(self, text: str) -> str | None:
        key = re.sub(r"[(（].*?[)）]|\s", "", text).upper()
        return self.titles.get(key)

    def major_code(self, text: str) -> str | None:
        key = re.sub(r"[TKtk]+$", "", text.strip())
        return self.majors.get(key) or (key if key in self.undergraduate or key in self.graduate else None)

    def major_name(self, text: str) -> str | None:
        key = re.sub(r"[(（].*?[)）]|\s|专业$", "", text)
        return self.majors.get(key) or self.graduate.get(key)

    def place(self, text: str) -> str | None:
        return self.places.find(text)

    def org_of_major(self, text: str) -> str | None:
        """The college of someone who only names a programme: 11级电子信息工程, 会计专业, 数学1802班."""
        key = re.sub(r"[(（].*?[)）]|\s", "", text)
        key = re.sub(r"^\d{2,4}级|\d+班?$|级.*$|班$|专业$", "", re.sub(r"\d{2,4}级?$", "", key))
        return self.major_units.get(key) or self.major_units.get(key.removesuffix("学"))


def load_vocabulary(directory: Path | None) -> Vocabulary:
    """The national sets and whatever the school's reference directory adds."""
    tables = school_tables(directory)
    majors = _table(tables, "校内专业码", "专业代码")
    undergraduate = frozenset(
        re.sub(r"[TK]+$", "", row["code"]) for row in national_set("MOE_UNDERGRAD_2025")
    )
    graduate = {row["code"]: row["code"] for row in national_set("MOE_GRADUATE_2022")}
    return Vocabulary(
        places=Places(
            national_set("GBT2260_XZQH"), national_set("GBT2260_HISTORY"), _table(tables, "旧代码", "现代码")
        ),
        units=Units(_table(tables, "单位码", "单位名称"), _table(tables, "旧名称", "现单位码")),
        titles=_titles(_table(tables, "职称")),
        majors=_majors(majors),
        major_units=_major_units(majors),
        campuses=_campuses(_table(tables, "校区码", "名称")),
        ethnics=_ethnics(),
        politicals=_politicals(),
        countries=_countries(),
        undergraduate=undergraduate,
        graduate=graduate | {row["name"]: row["code"] for row in national_set("MOE_GRADUATE_2022")},
    )


def _table(tables: Iterable[list[dict[str, str]]], *columns: str) -> list[dict[str, str]]:
    """The rows of the reference table that has these columns; none if the school has no such table."""
    return next((rows for rows in tables if rows and set(columns) <= rows[0].keys()), [])


def _titles(rows: list[dict[str, str]]) -> dict[str, str]:
    names = {row["name"]: row["code"] for row in national_set("GBT8561_ZYJSZW")}
    column = next((key for key in (rows[0] if rows else {}) if key != "职称"), "")
    names |= {row["职称"]: row[column] for row in rows}
    return names | {
        word: names[name] for name, words in _TITLES.items() if name in names for word in words.split()
    }


def _majors(rows: list[dict[str, str]]) -> dict[str, str]:
    """Codes and names in force win over those of old catalogues, whose digits have been given anew."""
    found = {row["当时名称"]: row["专业代码"] for row in rows if row.get("当时名称")}
    found |= {row["1998年目录代码"]: row["专业代码"] for row in rows if row.get("1998年目录代码")}
    for row in national_set("MOE_UNDERGRAD_2025"):
        code = re.sub(r"[TK]+$", "", row["code"])
        found |= {row["name"]: code, code: code}
    for row in rows:
        found |= {row[key]: row["专业代码"] for key in ("校内专业码", "专业名称", "专业代码")}
    return found


def _major_units(rows: list[dict[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for name in (row.get("当时名称", ""), row["专业名称"]):
            if name:
                found[name] = found[name.removesuffix("学")] = row.get("学院码", "")
    return {name: code for name, code in found.items() if code}


def _campuses(rows: list[dict[str, str]]) -> dict[str, str]:
    """A campus by its name, without 校区, and by the initials of its pinyin."""
    from pypinyin import Style, lazy_pinyin

    found: dict[str, str] = {}
    for row in rows:
        stem = row["名称"].removesuffix("校区")
        initials = "".join(lazy_pinyin(stem, style=Style.FIRST_LETTER)).upper()
        found |= {row["名称"]: row["校区码"], stem: row["校区码"], initials: row["校区码"]}
    return found


def _ethnics() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in national_set("GBT3304_MZ"):
        letters = re.match(r"[A-Z]{2}", row["note"])
        names = [row["code"], row["name"], row["name"].removesuffix("族"), *_OLD_ETHNIC.get(row["code"], [])]
        found |= dict.fromkeys([*names, letters.group()] if letters else names, row["code"])
    return found


def _politicals() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in national_set("GBT4762_ZZMM"):
        found |= {row["code"]: row["code"], row["name"]: row["code"], row["note"]: row["code"]}
    return found | _spellings(_POLITICAL)


def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in national_set("GBT2659_GJDQ"):
        names = (row["code"], row["name"], row["alpha2"], row["name_en"].upper().replace(" ", ""))
        found |= {name: row["code"] for name in names if name}
    return found | _spellings(_COUNTRIES)
