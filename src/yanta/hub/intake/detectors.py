"""What the values of a column look like: patterns, check digits and membership of code sets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from yanta.hub.cleaning.dates import read_date
from yanta.hub.cleaning.texts import is_missing, tidy
from yanta.hub.cleaning.vocabulary import Vocabulary
from yanta.kernel.codes.rules import identity_check, lengthen

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂"
    "章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈"
    "饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫"
    "寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_HAN_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}\??")
_LONG_NAME = re.compile(r"[\u3400-\u9fff]{2,8}[·•．.‧][\u3400-\u9fff·•．.‧]{2,12}|[A-Z]{2,}( [A-Z-]{2,})+")
_OLD_IDENTITY, _IDENTITY = re.compile(r"\d{15}"), re.compile(r"\d{17}[\dX]")
_CARD, _EXAM, _FIVE_DIGITS = re.compile(r"\d{16,19}"), re.compile(r"\d{14}"), re.compile(r"\d{5}")


@dataclass(frozen=True)
class Detector:
    """A test for one value; `strict` ones are proof, the others only fit."""

    element: str
    test: Callable[[str], bool]
    strict: bool
    reason: str
    # Values of these are always in the code set: a column without one of them is something else.
    closed: bool = False


def _pattern(text: str) -> Callable[[str], bool]:
    compiled = re.compile(text)
    return lambda value: compiled.fullmatch(value) is not None


def _is_identity(value: str) -> bool:
    number = value.upper()
    if _OLD_IDENTITY.fullmatch(number):
        return lengthen(number)[6:8] == "19" and read_date(f"19{number[6:12]}").day is not None
    return bool(_IDENTITY.fullmatch(number)) and identity_check(number[:17]) == number[17]


def _is_name(value: str) -> bool:
    bare = value.replace(" ", "")
    if _HAN_NAME.fullmatch(bare):
        return bare[0] in _SURNAMES
    return bool(_LONG_NAME.fullmatch(value))


def _is_day(value: str) -> bool:
    return not _FIVE_DIGITS.fullmatch(value) and read_date(value).month is not None


_OPEN = ("org_name", "major_name", "native_place")


def detectors(vocabulary: Vocabulary) -> tuple[Detector, ...]:
    """The tests, with the code sets of this school and of the nation."""
    coded = {
        "sex": ("性别代码或男、女", vocabulary.sex),
        "ethnic": ("民族名称或代码", vocabulary.ethnic),
        "political": ("政治面貌名称或代码", vocabulary.political),
        "nationality": ("国家和地区名称", vocabulary.nationality),
        "id_type": ("证件类型名称或代码", vocabulary.id_type),
        "org_name": ("学校单位的全称、简称或旧称", vocabulary.org),
        "major_name": ("专业目录中的名称", vocabulary.major_name),
        "major_code": ("专业目录中的代码", vocabulary.major_code),
        "title": ("职称名称", vocabulary.title),
        "native_place": ("行政区划名称或代码", vocabulary.place),
    }
    tests = [
        Detector(name, _finder(find), name in ("org_name", "native_place"), reason, name not in _OPEN)
        for name, (reason, find) in coded.items()
    ]
    provinces = {code[:2] for code in vocabulary.places.ever}
    # A year, then a province: a moment written in fourteen digits has no province there.
    exam = Detector(
        "exam_no", lambda v: bool(_EXAM.fullmatch(v)) and v[2:4] in provinces, True, "14 位考生号"
    )
    return (*tests, exam, *_SHAPES)


def _finder(find: Callable[[str], str | None]) -> Callable[[str], bool]:
    return lambda value: find(value) is not None


_SHAPES = (
    Detector("name", _is_name, True, "中文姓名"),
    Detector("latin_name", _pattern(r"[A-Za-z]{1,}[.,]?[ ]?[A-Za-z.,' -]{2,}"), False, "拉丁字母姓名"),
    Detector("birth", _is_day, False, "日期"),
    Detector("id_no", _is_identity, True, "校验位正确的身份证号"),
    Detector("phone", _pattern(r"(\+?86[- ]?)?1[3-9]\d{9}"), True, "11 位手机号"),
    Detector("home_phone", _pattern(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}"), False, "电话号码"),
    Detector("email", _pattern(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), True, "电子邮箱"),
    Detector("address", _pattern(r".*(省|市|区|县|旗).*(路|街|村|镇|乡|号|室|小区).*"), True, "地址"),
    Detector(
        "bank_account",
        lambda v: bool(_CARD.fullmatch(v.replace(" ", "").replace("-", ""))),
        False,
        "16–19 位卡号",
    ),
    Detector("student_no", _pattern(r"[SBMDYsbmdy]\d{6,10}|(19|20)\d{6,10}"), False, "学号"),
    Detector("staff_no", _pattern(r"0\d{4}|(19|20)\d{5}|[A-Z]{1,2}\d{4,8}"), False, "工号"),
    Detector("person_no", _pattern(r"[A-Za-z]{0,2}\d{4,10}"), False, "编号"),
    Detector(
        "dorm_place",
        _pattern(r".*(楼|公寓|#|栋|舍|幢).*\d{3}.*|[A-Z]{2}-\d+-[A-Z]-\d+-\d"),
        True,
        "楼号与房间号",
    ),
    Detector("class_name", _pattern(r"[\u4e00-\u9fff]{2,8}\d{3,5}班?|.*班"), False, "班名"),
    Detector(
        "level", _pattern(r"(大学)?本科|硕士(研究生)?|博士(研究生)?|专科|学士|研究生"), False, "培养层次"
    ),
    Detector(
        "category",
        _pattern(
            r".*(本科|研究生|硕士|博士|教工|职工|教职工|教师|离退休|退休|校友|临时|留学生|社会|专家|劳务).*"
        ),
        False,
        "人员类别",
    ),
    Detector("grade_year", _pattern(r"(19|20)\d\d级?"), False, "年份"),
    Detector(
        "status",
        _pattern(
            r"在读|在校|在籍|休学|毕业|结业|退学|在职|退休|离休|返聘|调出|辞职|正常|停用|挂失|注销|.*报到|保留.*资格"
        ),
        False,
        "状态",
    ),
)


@dataclass(frozen=True)
class Testimony:
    """How many of a column's stated values pass a test, and how many of those say it in Chinese words."""

    share: float
    spoken: float


def shares(values: Iterable[str | None], tests: Iterable[Detector]) -> Mapping[str, Testimony]:
    """For each element what the stated values testify; nothing if the column is empty."""
    stated = [text for value in values if value is not None and not is_missing(text := tidy(value))]
    if not stated:
        return {}
    often = Counter(stated)
    return {detector.element: _testimony(often, detector) for detector in tests}


def _testimony(often: Counter[str], detector: Detector) -> Testimony:
    """Each value is tried once, and counts as often as it is stated."""
    passed = [value for value in often if detector.test(value)]
    spoken = sum(often[value] for value in passed if _HAN.search(value)) if detector.closed else 0
    return Testimony(sum(often[value] for value in passed) / often.total(), spoken / often.total())


def agrees_with_identity(
    values: Iterable[str | None], numbers: Iterable[str | None], *, element: str
) -> float:
    """How often a column says the birth date (or sex) that the identity number beside it holds."""
    pairs = [
        (tidy(value), number)
        for value, cell in zip(values, numbers, strict=True)
        if value
        and cell
        and _is_identity(number := re.sub(r"[\s']", "", tidy(cell)).upper())
        and len(number) == 18
    ]
    if len(pairs) < _ENOUGH_PAIRS:
        return 0.0
    agree = _same_birth if element == "birth" else _same_sex
    return sum(agree(value, number) for value, number in pairs) / len(pairs)


_ENOUGH_PAIRS = 5


def _same_birth(value: str, number: str) -> bool:
    reading = read_date(value)
    return reading.month is not None and reading.month.replace("-", "") == number[6:12]


def _same_sex(value: str, number: str) -> bool:
    return value in (("2", "女", "F") if int(number[16]) % 2 == 0 else ("1", "男", "M"))
