"""Made-up people as awkward as real ones: names that are long, rare or foreign, gaps, photos that are none, endless addresses."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from PIL import Image

from yanta.kernel.base.elements import Known
from yanta.kernel.documents.tests.facts import facts

NAMES = (
    "李雷", "王一", "欧阳修远", "阿卜杜热合曼·买买提江", "买买提吐尔逊·阿卜杜克里木·艾山江", "爱新觉罗·恒钦·阿拉坦格日乐图", "𠮷野㛃", "𬭎昱𠀋",
    "Kristina O’Connor-Müller", "María José Carreño Quiñones", "次仁顿珠", "尼玛", "赵𠅤", "古丽巴哈尔·吐尔逊", "斯日古楞·额尔德尼巴雅尔", "ئابدۇراخمان",
)  # fmt: skip
UNITS = (
    "计算机学院", "国际经济与贸易学院", "马克思主义学院", "材料科学与工程学院", "文学院",
    "资源与环境学院、城市地下空间工程研究院（中外合作办学部）",
)  # fmt: skip
PROGRAMMES = (
    "法学", "机械设计制造及其自动化", "数据科学与大数据技术", "汉语国际教育（来华留学生）", "电气工程及其自动化（卓越工程师教育培养计划、中外合作办学）",
)  # fmt: skip
PLACES = (
    "陕西西安", "广东省揭阳市揭西县", "新疆维吾尔自治区巴音郭楞蒙古自治州和静县巴音布鲁克镇", "西藏自治区那曲市申扎县",
    "云南省西双版纳傣族自治州勐腊县磨憨镇磨憨经济合作区口岸路 188 号傣家花园小区 12 栋 3 单元 2604 室（与父母同住，快递请放门卫）",
)  # fmt: skip
BEDS = ("东区 3 舍 502-2", "校外", "国际学生公寓（留学生楼）B 座 1204 室 A 床")
MAILS = (
    "a@b.cn",
    "wang.yi@stu.yanta.example",
    "a-very-long-address.with.many.parts_2026@mail.international-college.yanta.example",
)
POSTS = ("科员", "实验室主任", "副院长（主持工作）兼学科建设与研究生培养办公室主任、省重点实验室常务副主任")
ETHNIC = ("汉族", "维吾尔族", "蒙古族", "外国血统中国籍人士")
# What copies out of other systems carry along: a line break, a vertical tab, a zero-width space, a formula, markup.
DIRT = ("\n", "\x0b", "\u200b", "\t", "<&>\"'", "=1+1")
DAYS = (date(2004, 2, 29), date(1999, 12, 31), date(2007, 10, 10), date(1958, 1, 1), date(2026, 9, 1))
MISSING_SHARE, DIRTY_SHARE = 0.06, 0.04


@cache
def portrait(number: int) -> bytes:
    """Upright, wide, tiny, transparent, four-coloured, turned by its camera, and one that is none."""
    kept = io.BytesIO()
    if number == 6:
        return b"\xff\xd8\xff no photo at all"
    modes = ("RGB", "RGB", "RGB", "RGBA", "CMYK", "RGB")
    sizes = ((295, 413), (900, 300), (1, 1), (295, 413), (295, 413), (413, 295))
    image = Image.new(
        modes[number], sizes[number], (90, 140, 200, 90)[: len(Image.new(modes[number], (1, 1)).getbands())]
    )
    if number == 5:
        turned = Image.Exif()
        turned[0x0112] = 6
        image.save(kept, "JPEG", exif=turned)
    else:
        image.save(kept, "PNG" if number == 3 else "JPEG")
    return kept.getvalue()


def person(number: int) -> dict[str, Known]:
    """The same person for the same number, and about one fact in seventeen that nobody knows."""
    luck = random.Random(number)
    known = facts(number, courses=luck.choice((0, 1, 3, 11, 12, 13, 40, 97)))
    for name, chosen in _awkward(luck).items():
        known[name] = _like(known.get(name), luck.choice(chosen))
    for name in [name for name in known if luck.random() < DIRTY_SHARE]:
        if isinstance(known[name].value, str):
            known[name] = _like(known[name], known[name].value + luck.choice(DIRT) + "等")
    for name in [name for name, one in known.items() if isinstance(one.value, date)]:
        known[name] = _on(known[name], luck.choice(DAYS) + timedelta(days=luck.randrange(3)))
    known["person.photo"] = Known(portrait(luck.choice((0, 0, 0, 0, 1, 2, 3, 4, 5, 6))), "有照片", "证件照")
    known["person.roles"] = _rows(known["person.roles"], _career(luck))
    known["student.courses"] = _rows(
        known["student.courses"], [_course(luck, one) for one in known["student.courses"].value]
    )
    return {name: one for name, one in known.items() if luck.random() >= MISSING_SHARE}


def _awkward(luck: random.Random) -> dict[str, Sequence[str]]:
    numbers = ("1", f"2023{luck.randrange(10**8):08d}", "20230121-BJ-0001（交换）")
    return {
        "person.name": NAMES, "person.native_place": PLACES, "person.email": MAILS, "person.unit": UNITS, "person.ethnic": ETHNIC,
        "student.department": UNITS, "student.programme": PROGRAMMES, "student.class": [f"{one} 2301 班" for one in PROGRAMMES],
        "student.bed": BEDS, "student.number": numbers, "student.years": ("4年", "5.5年"), "staff.unit": UNITS, "staff.post": POSTS,
        "staff.number": numbers, "person.former_name": NAMES, "person.sex": ("男", "女", "未说明的性别"),
        "person.political_status": ("共青团员", "中共党员", "中国国民党革命委员会会员"), "student.counsellor": NAMES,
    }  # fmt: skip


def _like(before: Known | None, value: str) -> Known:
    return Known(value, value, before.source if before else "名册", "教务处", "x.Y.z", date(2026, 9, 1))


def _on(before: Known, day: date) -> Known:
    return Known(day, f"{day.year}年{day.month}月{day.day}日", before.source)


def _rows(before: Known, rows: list[dict[str, Any]]) -> Known:
    return Known(rows, f"{len(rows)} 条", before.source)


def _career(luck: random.Random) -> list[dict[str, Any]]:
    """From nothing to more stations than any form has lines."""
    return [
        {
            "from": date(2001 + n, 9, 1), "to": luck.choice(("至今", date(2002 + n, 7, 1))), "period": f"{2001 + n}.09—{2002 + n}.07",
            "unit": luck.choice(UNITS), "role": luck.choice(("本科生", "教师", "博士后研究人员（师资）")), "number": str(n + 1),
        }
        for n in range(luck.choice((0, 1, 2, 3, 4, 9)))
    ]  # fmt: skip


def _course(luck: random.Random, before: dict[str, Any]) -> dict[str, Any]:
    name = luck.choice(
        (
            before["course"],
            "体育",
            "习近平新时代中国特色社会主义思想概论",
            "Introduction to Algorithms and Data Structures",
        )
    )
    return {**before, "course": name, "credits": Decimal(luck.choice(("0.5", "2", "4.0", "12.25")))}
