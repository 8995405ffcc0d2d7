"""Invented people and the rows departments would keep of them, with the truth of who is who.

Nobody here exists: divisions, telephones and accounts are drawn at random. `dirt` scales every defect.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import pyarrow as pa
from pypinyin import Style, lazy_pinyin

from yanta.hub.schema import CLEAN

Row = dict[str, Any]

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单仇解查区朴翟盖缪宁"
)
OLD = "国建华文明志平军杰强伟永海峰玉兰英芳秀桂珍淑琴春红霞丽敏静燕艳娟梅玲凤云莲荣翠萍新成德生林福祥庆东宝胜利民忠义学"
YOUNG = "子涵宇轩浩然梓萱欣怡诗雨晨思佳一诺奕泽博文俊熙雅婷嘉琪梦瑶可馨若曦语彤瑞雪晓静皓铭煜辰睿哲逸航天乐明远清妍璐"
RARE = "堃喆玥珺昉翀赟淼骉燚犇垚祎旻彧曌頔"
SIMILAR = {"涵": "函", "宇": "字", "晨": "辰", "欣": "新", "萱": "宣", "浩": "皓", "丽": "莉", "英": "瑛", "华": "桦", "伟": "纬"}
HOMOPHONES = {"子": "梓", "涵": "晗", "宇": "雨", "轩": "萱", "怡": "仪", "静": "婧", "佳": "嘉", "文": "雯", "明": "铭", "国": "帼"}
POPULAR = ("子涵", "浩然", "宇轩", "梓涵", "欣怡", "一诺", "子轩", "雨桐", "伟", "静", "敏", "建国", "秀英", "桂兰")
UIGUR = ("阿卜杜拉", "买买提", "古丽娜", "热依汗", "艾力", "帕提古丽", "吐尔逊", "米热", "库尔班", "伊力亚斯")
TIBETAN = ("扎西", "卓玛", "次仁", "平措", "央金", "多吉", "格桑", "旺堆", "德吉", "索朗")
FOREIGN = ("NGUYEN VAN", "KUZNETSOV", "IQBAL", "KIM", "SMITH", "GARCIA", "OKAFOR", "TANAKA", "VONGSA", "ISLAM")
FOREIGN_GIVEN = ("MINH", "DMITRY", "SANA", "MINJUN", "ANNA", "LUIS", "CHIDI", "YUKI", "KHAM", "TASNIM", "HUY", "OLGA", "AMIR", "LINH")
DIVISIONS = tuple(f"{p}{c:02d}{d:02d}" for p in (11, 13, 14, 21, 32, 33, 37, 41, 42, 43, 44, 51, 61, 62) for c in (1, 3, 5, 7) for d in (2, 4, 11, 24))
UNITS = tuple(f"1{n:02d}00" for n in range(1, 21))
CHECK = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@cache
def pinyin(name: str) -> str:
    """Toneless letters of a name."""
    return "".join(lazy_pinyin(name, style=Style.NORMAL)).replace(" ", "").lower()


def checked(body: str) -> str:
    """A 17-digit body with its check character."""
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, CHECK, strict=True)) % 11]


def is_checked(number: str) -> bool:
    """True if the last character fits."""
    return number[:17].isdigit() and checked(number[:17]) == number


@dataclass
class Human:
    """One invented person."""

    key: int
    name: str
    sex: str
    birth: date
    id_no: str
    id_type: str = "1"
    former: str = ""
    latin: str = ""
    phone: str = ""
    home: str = ""
    email: str = ""
    bank: str = ""
    unit: str = ""
    ethnic: str = "01"
    numbers: dict[str, str] = field(default_factory=dict)


@dataclass
class Roster:
    """Clean rows, the person of each, and which of a person's rows share a key at all."""

    rows: pa.Table
    person: list[int]
    group: list[int]


class School:
    """Draws people and lets departments write them down."""

    def __init__(self, seed: int, dirt: float) -> None:
        self.random, self.dirt, self.rows, self.truth = Random(seed), dirt, [], []  # type: ignore[var-annotated]
        self.count, self.serial = 0, defaultdict(int)  # type: ignore[var-annotated]
        self.switchboards = [self._phone() for _ in range(40)]
        self.old_cards: list[str] = []
        self.recent: list[Human] = []

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def bad(self, share: float) -> bool:
        """A defect: its share grows with the dirt."""
        return self.random.random() < share * self.dirt

    def _phone(self) -> str:
        return f"1{self.random.choice('56')}{self.random.randrange(10**9):09d}"

    def _next(self, kind: str) -> int:
        self.serial[kind] += 1
        return int(self.serial[kind])

    # people

    def human(self, *, born: tuple[int, int]) -> Human:
        """A new person; sometimes somebody's namesake, twin or child."""
        r = self.random
        birth = date(born[0], 1, 1) + timedelta(days=r.randrange(365 * (born[1] - born[0] + 1)))
        sex = r.choice("12")
        human = Human(self._next("human"), self._name(born[0]), sex, birth, "", unit=r.choice(UNITS))
        human.id_no = self._id(birth, sex)
        human.phone, human.home = self._phone(), self._phone()
        human.email = f"{pinyin(human.name)[:10]}{r.randrange(10**5)}@mail.example"
        human.bank = f"6299{r.randrange(10**15):015d}"
        kind = r.random()
        self._turn_special(human, kind)
        if self.recent and kind > 0.94:
            self._relate(human, r.choice(self.recent[-300:]), kind)
        self.recent.append(human)
        if self.chance(0.02):
            human.former = human.name[0] + self._given(born[0])
        return human

    def _turn_special(self, human: Human, kind: float) -> None:
        r = self.random
        if kind < 0.012:
            human.name = f"{r.choice(FOREIGN)} {r.choice(FOREIGN_GIVEN)}"
            human.latin, human.id_type, human.ethnic = human.name, "A", ""
            human.id_no = f"{r.choice('EGKP')}{r.randrange(10**8):08d}"
        elif kind < 0.03:
            human.name, human.ethnic = f"{r.choice(UIGUR)}·{r.choice(UIGUR)}", "05"
        elif kind < 0.045:
            human.name, human.ethnic = r.choice(TIBETAN) + r.choice(TIBETAN), "04"

    def _relate(self, human: Human, other: Human, kind: float) -> None:
        if other.id_type != "1" or "·" in other.name:
            return
        if kind > 0.985:  # twins: family name, birthday, home and often the telephone
            human.birth, human.home, human.unit = other.birth, other.home, other.unit
            human.name = other.name[:-1] + self.random.choice(YOUNG)
            body = other.id_no[:14] + f"{(int(other.id_no[14:17]) + self.random.choice((1, 2, 3))) % 1000:03d}"
            human.id_no, human.sex = checked(body), "1" if int(body[16]) % 2 else "2"
            human.phone = other.phone if self.chance(0.3) else human.phone
        elif kind > 0.96:  # namesakes, some of one class, some born on one day
            human.name, human.sex = other.name, other.sex
            human.unit = other.unit if self.chance(0.5) else human.unit
            if self.chance(0.25):
                human.birth, human.id_no = other.birth, self._id(other.birth, other.sex)
        else:  # kin at one university: the child gives a parent's telephone
            human.name = other.name[0] + human.name[1:]
            human.home = other.phone
            human.phone = other.phone if self.chance(0.4) else human.phone

    def _name(self, born: int) -> str:
        r = self.random
        surname = SURNAMES[min(int(r.expovariate(0.045)), len(SURNAMES) - 1)]
        return surname + self._given(born)

    def _given(self, born: int) -> str:
        r = self.random
        if self.chance(0.12):
            return r.choice(POPULAR)
        pool = YOUNG if born > 1988 else OLD
        given = r.choice(pool) + ("" if self.chance(0.2) else r.choice(pool))
        return given[:-1] + r.choice(RARE) if self.chance(0.01) else given

    def _id(self, birth: date, sex: str) -> str:
        serial = self.random.randrange(100) * 10 + self.random.randrange(5) * 2 + (sex == "1")
        return checked(f"{self.random.choice(DIVISIONS)}{birth:%Y%m%d}{serial:03d}")

    # what a department writes

    def write(self, human: Human, source: str, **known: Any) -> None:
        row: Row = {"source": source, "file": source, "sheet": "", "org_code": human.unit, **self._named(human, source), **known}
        row["sex"] = None if self.bad(0.03) else human.sex if not self.bad(0.003) else "3"[:0] or ("1" if human.sex == "2" else "2")
        if self.bad(0.02):
            row["org_code"] = self.random.choice((None, *UNITS))
        row = {key: value or None for key, value in row.items()}
        self._append(human, row)
        if self.bad(0.005):
            self._append(human, dict(row))

    def _append(self, human: Human, row: Row) -> None:
        self.count += 1
        self.rows.append(row | {"row_id": self.count, "row": self.count})
        self.truth.append(human.key)

    def _named(self, human: Human, source: str) -> Row:
        """The name as this department has it."""
        r, name, lossy = self.random, human.name, False
        if human.former and self.bad(0.12):
            name = human.former
        rare = next((c for c in name if c in RARE), "")
        if rare and self.bad(0.2):
            name, lossy = name.replace(rare, r.choice(("?", pinyin(rare), "□"))), True
        elif self.bad(0.004) and human.id_type == "1":
            swaps = {**SIMILAR} if self.chance(0.5) else {**HOMOPHONES}
            name = name[0] + "".join(swaps.get(c, c) for c in name[1:])
        elif self.bad(0.001) and len(name) == 3:
            name = name[:2] + r.choice(YOUNG)
        if human.id_type == "A" and self.chance(0.3):
            name = " ".join(reversed(name.split()))
        latin = human.latin
        if source in ("graduate", "research") and human.id_type == "1":
            letters = [pinyin(human.name[:1]), pinyin(human.name[1:])]
            latin = " ".join(letters if self.chance(0.7) else reversed(letters)).title()
        key = name.replace("·", "").replace(" ", "").upper()
        return {
            "name": name, "name_key": key, "name_lossy": lossy, "latin_name": latin,
            "name_pinyin": pinyin(name).replace("?", "").replace("□", "").replace("·", ""),
            "former_name": human.former if source == "personnel" or self.chance(0.05) else None,
        }

    def id_card(self, human: Human, *, held: float) -> Row:
        """The identity number as typed."""
        if not self.chance(held):
            return {}
        number = human.id_no
        if human.id_type == "1":
            number = self._typed(number)
        row: Row = {"id_no": number, "id_type": human.id_type, "id_valid": human.id_type != "1" or is_checked(number)}
        if human.id_type == "1":
            row |= self._inside(number)
        return row

    def _typed(self, number: str) -> str:
        r = self.random
        if self.bad(0.006):
            at = r.randrange(6, 16)
            return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        if self.bad(0.005):
            at = r.randrange(6, 18)
            return number[:at] + str(r.randrange(10)) + number[at + 1 :]
        if number[6:8] == "19" and self.bad(0.003):  # a 15-digit number typed wrongly is raised without notice
            at = r.randrange(8, 16)
            return checked(number[:at] + number[at + 1] + number[at] + number[at + 2 : 17])
        return number

    @staticmethod
    def _inside(number: str) -> Row:
        try:
            born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        except ValueError:
            return {"id_valid": False}
        return {"id_birth_on": born, "id_sex": "1" if int(number[16]) % 2 else "2"}

    def born(self, human: Human, *, held: float, day: float = 0.85) -> Row:
        """The birth date as typed: a day, a month, a slip, nothing."""
        if not self.chance(held):
            return {}
        on = human.birth
        if self.bad(0.003):
            on += timedelta(days=self.random.choice((1, -1, 9, 30, 365)))
        month = f"{on:%Y-%m}"
        return {"birth_on": on, "birth_month": month} if self.chance(day) else {"birth_month": month}

    def reached(self, human: Human, *, held: float) -> Row:
        """A telephone: the own one, an old one, a parent's, the office's."""
        if not self.chance(held):
            return {}
        if self.bad(0.06):
            return {"phone": self._phone()}
        if self.bad(0.02):
            return {"phone": human.home}
        if self.bad(0.01):
            return {"phone": self.random.choice(self.switchboards)}
        return {"phone": human.phone}

    def maybe(self, key: str, value: str | None, held: float) -> Row:
        return {key: value} if value and self.chance(held) else {}

    def card(self, human: Human, number: Row) -> None:
        reuse = self.old_cards and self.bad(0.02)
        card = self.old_cards.pop() if reuse else f"{100000 + self._next('card')}"
        if self.chance(0.05):
            self.old_cards.append(card)
        self.write(human, "card", card_no=card, **number, **self.id_card(human, held=0.6), **self.reached(human, held=0.5))

    def library(self, human: Human, number: Row) -> None:
        self.write(human, "library", **number, **self.id_card(human, held=0.4), **self.reached(human, held=0.5))

    def finance(self, human: Human, number: Row) -> None:
        self.write(
            human, "finance", payee_no=str(10000 + self._next("payee")), **number, **self.id_card(human, held=0.85),
            **self.maybe("bank_account", human.bank, 0.95), **self.reached(human, held=0.7),
        )


def _undergraduate(school: School, human: Human, *, year: int, here: bool) -> None:
    r = school.random
    number = f"{year}{human.unit[1:3]}{school._next(f'ug{year}{human.unit}'):05d}"
    exam = f"{year % 100}61{r.randrange(10**10):010d}"
    before = human.numbers.get("ug")
    human.numbers["ug"] = number
    native = {"native_place": human.id_no[:6]} if human.id_type == "1" else {}
    own = lambda held: school.maybe("ug_no", number, held)  # noqa: E731 - the shortest way to say it eight times
    bed = f"1-{r.randrange(20):02d}-A-{r.randrange(600)}-{r.randrange(6)}"
    if here:
        school.write(
            human, "academic", ug_no=number, exam_no=exam, ethnic=human.ethnic, **native, **school.id_card(human, held=0.97),
            **school.born(human, held=0.97), former_ug_no=before,
        )
        school.write(
            human, "student_affairs", **own(0.99), **school.id_card(human, held=0.5), **school.born(human, held=0.8),
            **school.reached(human, held=0.95), home_phone=human.home, **school.maybe("email", human.email, 0.7),
            **school.maybe("bank_account", human.bank, 0.7), ethnic=human.ethnic, **native, dorm_bed=bed,
        )
        school.card(human, own(0.98))
        school.library(human, own(0.97))
        school.write(human, "dormitory", **own(0.93), **school.reached(human, held=0.7), **school.maybe("dorm_bed", bed, 0.9))
        if school.chance(0.6):
            school.finance(human, own(0.85))
        if school.chance(0.25):
            school.write(
                human, "admissions", exam_no=exam, **school.id_card(human, held=0.98), **school.born(human, held=0.98),
                **school.reached(human, held=0.6), ethnic=human.ethnic, **native,
            )


def _graduate(school: School, human: Human, *, year: int) -> None:
    number = f"S{year}{school._next(f'gr{year}'):05d}"
    own = {"grad_no": number}
    school.write(
        human, "graduate", **own, former_ug_no=human.numbers.get("ug"), **school.id_card(human, held=0.97),
        **school.born(human, held=0.97, day=0.95), **school.reached(human, held=0.95), **school.maybe("email", human.email, 0.8),
        ethnic=human.ethnic,
    )
    school.card(human, own)
    school.library(human, own if school.chance(0.95) else {})
    if school.chance(0.7):
        school.finance(human, own if school.chance(0.85) else {})
    if school.chance(0.6):
        school.write(human, "dormitory", **school.maybe("grad_no", number, 0.93), **school.reached(human, held=0.7))


def _staff(school: School, human: Human, *, retired: bool) -> None:
    number = f"{school._next('staff'):05d}"
    own: Callable[[float], Row] = lambda held: school.maybe("staff_no", number, held)  # noqa: E731 - as above
    school.write(
        human, "personnel", staff_no=number, **school.id_card(human, held=0.98), **school.born(human, held=0.98),
        **school.reached(human, held=0.9), ethnic=human.ethnic,
    )
    school.card(human, own(0.98))
    school.library(human, own(0.97))
    school.finance(human, own(0.9))
    if not retired and school.chance(0.5):
        school.write(
            human, "research", **own(0.93), **school.born(human, held=0.85, day=0.4), **school.reached(human, held=0.8),
            **school.maybe("email", human.email, 0.8),
        )


def _alumnus(school: School, human: Human) -> None:
    number = human.numbers.get("ug")
    if number and school.bad(0.05):
        number = number[:-1] + str(school.random.randrange(10))
    school.write(
        human, "alumni", **school.maybe("ug_no", number, 0.45), **school.id_card(human, held=0.3),
        **school.born(human, held=0.93, day=0.75), **school.reached(human, held=0.95), **school.maybe("email", human.email, 0.6),
    )


def _live(school: School) -> None:
    """One person's way through the university."""
    kind = school.random.random()
    if kind < 0.5:
        human = school.human(born=(2003, 2007))
        _undergraduate(school, human, year=human.birth.year + 18, here=True)
        if school.bad(0.02):
            human.unit = school.random.choice(UNITS)
            _undergraduate(school, human, year=human.birth.year + 19, here=True)
    elif kind < 0.66:
        human = school.human(born=(1996, 2002))
        _undergraduate(school, human, year=human.birth.year + 18, here=False)
        if school.chance(0.5):
            human.numbers.clear()
        _graduate(school, human, year=human.birth.year + 22)
    elif kind < 0.86:
        human = school.human(born=(1950, 1992))
        if school.chance(0.15):
            _graduate(school, human, year=2022)
        _staff(school, human, retired=human.birth.year < 1963)
    else:
        human = school.human(born=(1960, 1998))
        _undergraduate(school, human, year=human.birth.year + 18, here=False)
        if school.chance(0.15):
            _staff(school, human, retired=False)
    if kind >= 0.8 or (kind > 0.5 and school.chance(0.2)):
        _alumnus(school, human)


KEYS = (
    "id_no", "staff_no", "ug_no", "grad_no", "former_ug_no", "exam_no", "card_no", "payee_no", "phone", "email", "bank_account",
)


def _groups(rows: list[Row], person: list[int]) -> list[int]:
    """Rows of one person that hang together by equal keys, or by name with date of birth."""
    parent = list(range(len(rows)))

    def top(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[tuple[Any, ...], int] = {}
    for i, row in enumerate(rows):
        keys: list[tuple[Any, ...]] = [("ug_no" if k == "former_ug_no" else k, row[k]) for k in KEYS if row.get(k)]
        if row.get("birth_on"):
            keys.append((row["name_key"], row["birth_on"]))
        for key in keys:
            parent[top(i)] = top(first.setdefault((person[i], *key), i))
    return [top(i) for i in range(len(rows))]


def roster(*, records: int, seed: int = 7, dirt: float = 1.0) -> Roster:
    """About as many rows as asked for, in no order of persons."""
    school = School(seed, dirt)
    while school.count < records:
        _live(school)
    order = list(range(len(school.rows)))
    school.random.shuffle(order)
    rows = [school.rows[i] for i in order][:records]
    person = [school.truth[i] for i in order][:records]
    schema = pa.schema([f for f in CLEAN if f.name != "issues"])
    return Roster(pa.Table.from_pylist(rows, schema=schema), person, _groups(rows, person))
