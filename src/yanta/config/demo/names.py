"""Made-up people: names, identity numbers, telephones; plausible, valid, and nobody's."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import lru_cache

from pypinyin import lazy_pinyin

# Shares of the commonest surnames, in thousandths (Ministry of Public Security, 2020 report, rounded).
SURNAMES = {
    "王": 72, "李": 70, "张": 66, "刘": 51, "陈": 46, "杨": 30, "黄": 22, "赵": 22, "周": 20, "吴": 20, "徐": 14,
    "孙": 14, "马": 13, "朱": 12, "胡": 12, "郭": 11, "何": 11, "高": 10, "林": 10, "郑": 9, "罗": 8, "梁": 8,
    "宋": 8, "谢": 7, "唐": 7, "韩": 7, "曹": 6, "许": 6, "邓": 6, "冯": 6, "曾": 5, "程": 5, "蔡": 5, "彭": 5,
    "潘": 5, "袁": 5, "于": 5, "董": 5, "余": 4, "苏": 4, "叶": 4, "吕": 4, "魏": 4, "蒋": 4, "田": 4, "杜": 4,
    "丁": 4, "沈": 4, "姜": 3, "范": 3, "江": 3, "傅": 3, "钟": 3, "卢": 3, "汪": 3, "戴": 3, "崔": 3, "任": 3,
    "陆": 3, "廖": 3, "姚": 3, "方": 3, "金": 3, "邱": 2, "夏": 2, "谭": 2, "韦": 2, "贾": 2, "邹": 2, "石": 2,
    "熊": 2, "孟": 2, "秦": 2, "阎": 2, "薛": 2, "侯": 2, "雷": 2, "白": 2, "龙": 2, "段": 2, "郝": 2, "孔": 2,
    "邵": 2, "史": 2, "毛": 2, "常": 2, "万": 2, "顾": 2, "赖": 2, "武": 2, "康": 2, "贺": 2, "严": 2, "尹": 2,
    "欧阳": 1, "上官": 1, "司马": 1, "诸葛": 1,
}  # fmt: skip
MALE = "伟强磊军洋勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆泽轩博文昊天子睿晨阳志远思源嘉诚一鸣承宇"
FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂红梅雪婷慧莹晶欣怡佳颖倩琪雨桐诗涵梦瑶紫萱思语若曦可馨雅文静怡舒婧"
# Digits 1-3 of telephone numbers that no operator gives out, so that nobody's is hit.
PHONE_HEADS = ("164", "168", "169")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class People:
    """Draws people one after another from one seed."""

    def __init__(self, seed: int, divisions: list[str]) -> None:
        self._draw = random.Random(seed)
        self._divisions = divisions
        self._surnames, self._shares = list(SURNAMES), list(SURNAMES.values())
        self._taken: set[str] = set()

    def sex(self, share_of_men: float = 0.55) -> str:
        return "1" if self._draw.random() < share_of_men else "2"

    def name(self, sex: str) -> str:
        surname = self._draw.choices(self._surnames, self._shares)[0]
        letters = MALE if sex == "1" else FEMALE
        length = 2 if self._draw.random() < 0.85 else 1
        return surname + "".join(self._draw.sample(letters, length))

    def birthday(self, year: int) -> date:
        return date(year, 1, 1) + timedelta(days=self._draw.randrange(365))

    def division(self) -> str:
        return self._draw.choice(self._divisions)

    def identity_number(self, division: str, born: date, sex: str) -> str:
        """GB 11643-1999, with the check digit; unique in the school."""
        while True:
            serial = self._draw.randrange(499) * 2 + (1 if sex == "1" else 2)
            body = f"{division}{born:%Y%m%d}{serial:03d}"
            if body not in self._taken:
                self._taken.add(body)
                return body + check_letter(body)

    def phone(self) -> str:
        return f"{self._draw.choice(PHONE_HEADS)}{self._draw.randrange(10**8):08d}"

    def ethnic(self) -> str:
        return "01" if self._draw.random() < 0.93 else f"{self._draw.randrange(2, 24):02d}"

    def political(self, young: bool) -> str:
        """Mostly league members among students; a third of the staff are party members."""
        party = 0.06 if young else 0.36
        return "01" if self._draw.random() < party else ("03" if young else "13")

    def one_of(self, options: list[str]) -> str:
        return self._draw.choice(options)

    def chance(self, share: float) -> bool:
        return self._draw.random() < share

    def number(self, low: int, high: int) -> int:
        """From low to high, both included."""
        return self._draw.randint(low, high)


def check_letter(body: str) -> str:
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


@lru_cache(maxsize=100_000)
def pinyin(name: str) -> str:
    """`zhang san`, to sort and search by."""
    return " ".join(lazy_pinyin(name))
