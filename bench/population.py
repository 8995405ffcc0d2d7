"""Invented people: names, birth dates, numbers, and the ties that make matching hard.

Nobody here exists: divisions, telephones and accounts are drawn at random.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random

from pypinyin import Style, lazy_pinyin

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单仇解查区朴翟盖缪宁"
)
OLD = "国建华文明志平军杰强伟永海峰玉兰英芳秀桂珍淑琴春红霞丽敏静燕艳娟梅玲凤云莲荣翠萍新成德生林福祥庆东宝胜利民忠义学"
YOUNG = "子涵宇轩浩然梓萱欣怡诗雨晨思佳一诺奕泽博文俊熙雅婷嘉琪梦瑶可馨若曦语彤瑞雪晓静皓铭煜辰睿哲逸航天乐明远清妍璐"
RARE = "堃喆玥珺昉翀赟淼骉燚犇垚祎旻彧曌頔"
SIMILAR = dict(zip("涵宇晨欣萱浩丽英华伟", "函字辰新宣皓莉瑛桦纬", strict=True))
HOMOPHONES = dict(zip("子涵宇轩怡静佳文明国", "梓晗雨萱仪婧嘉雯铭帼", strict=True))
POPULAR = (
    "子涵",
    "浩然",
    "宇轩",
    "梓涵",
    "欣怡",
    "一诺",
    "子轩",
    "雨桐",
    "伟",
    "静",
    "敏",
    "建国",
    "秀英",
    "桂兰",
)
UIGUR = ("阿卜杜拉", "买买提", "古丽娜", "热依汗", "艾力", "帕提古丽", "吐尔逊", "米热", "库尔班", "伊力亚斯")
TIBETAN = ("扎西", "卓玛", "次仁", "平措", "央金", "多吉", "格桑", "旺堆", "德吉", "索朗")
FOREIGN = (
    "NGUYEN VAN",
    *["KUZNETSOV", "IQBAL", "KIM", "SMITH", "GARCIA", "OKAFOR", "TANAKA", "VONGSA", "ISLAM"],
)
FOREIGN_GIVEN = (
    "MINH",
    "DMITRY",
    "SANA",
    "MINJUN",
    "ANNA",
    "LUIS",
    "CHIDI",
    "YUKI",
    "KHAM",
    "TASNIM",
    "HUY",
    "OLGA",
    "AMIR",
    "LINH",
)
DIVISIONS = tuple(
    f"{p}{c:02d}{d:02d}"
    for p in (11, 13, 14, 21, 32, 33, 37, 41, 42, 43, 44, 51, 61, 62)
    for c in (1, 3, 5, 7)
    for d in (2, 4, 11, 24)
)
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


class Population:
    """Draws people one after the other; some are namesakes, twins or kin of those before. `dirt` scales defects."""

    def __init__(self, seed: int, dirt: float) -> None:
        self.random, self.dirt = Random(seed), dirt
        self.serial: dict[str, int] = defaultdict(int)
        self.switchboards = [self.phone() for _ in range(40)]
        self.recent: list[Human] = []

    def chance(self, share: float) -> bool:
        """True for that share of calls."""
        return self.random.random() < share

    def bad(self, share: float) -> bool:
        """A defect: its share grows with the dirt."""
        return self.random.random() < share * self.dirt

    def phone(self) -> str:
        """A mobile number nobody has."""
        return f"1{self.random.choice('56')}{self.random.randrange(10**9):09d}"

    def next_of(self, kind: str) -> int:
        """Running number within a kind."""
        self.serial[kind] += 1
        return self.serial[kind]

    def human(self, *, born: tuple[int, int]) -> Human:
        """A new person; sometimes somebody's namesake, twin or child."""
        r = self.random
        birth = date(born[0], 1, 1) + timedelta(days=r.randrange(365 * (born[1] - born[0] + 1)))
        sex = r.choice("12")
        human = Human(self.next_of("human"), self._name(born[0]), sex, birth, "", unit=r.choice(UNITS))
        human.id_no = self._id(birth, sex)
        human.phone, human.home = self.phone(), self.phone()
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
            body = (
                other.id_no[:14] + f"{(int(other.id_no[14:17]) + self.random.choice((1, 2, 3))) % 1000:03d}"
            )
            human.id_no, human.sex = checked(body), "1" if int(body[16]) % 2 else "2"
            human.phone = other.phone if self.chance(0.3) else human.phone
            self.recent.remove(other)  # nobody has two twins, who might get one number
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
