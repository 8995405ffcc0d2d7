"""Which department's kind of file this is, from its columns first and its words second."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from yanta.hub.schema import SOURCES


@dataclass(frozen=True)
class Signature:
    """What a department's file looks like: words in names and titles, words in labels, elements carried."""

    source: str
    words: str
    labels: str
    elements: frozenset[str]


def _signature(source: str, words: str, labels: str, elements: str) -> Signature:
    return Signature(source, words, labels, frozenset(elements.split()))


_SIGNATURES = (
    _signature(
        "academic",
        "教务|学籍",
        "学籍状态|学制|招生信息|注册",
        "student_no class_name major_code grade_year entry exam_no",
    ),
    _signature(
        "graduate",
        "研究生|硕士|博士|研招",
        "导师|培养单位|学科|研究生学号|学习形式|本科毕业院校",
        "student_no latin_name level former_student_no",
    ),
    _signature(
        "personnel",
        "人事|人力资源|教职工",
        "参加工作|来校|编制|岗位|学历|学位|任职资格|专业技术",
        "staff_no title sub_org post_kind former_name entry",
    ),
    _signature(
        "student_affairs",
        "学工|学生工作|学生处|综合",
        "辅导员|困难|家庭|家长|紧急",
        "student_no home_phone address class_name bank_account dorm_place",
    ),
    _signature(
        "finance", "财务|收款|计财|工资", "收款|开户行|银行账|摘要", "payee_no bank_account category recorded"
    ),
    _signature(
        "card",
        "一卡通|持卡|校园卡|holder|card",
        "CARD|卡号|卡状态|EXPDATE",
        "card_no person_no expires category",
    ),
    _signature("library", "图书|读者", "读者|借书|办证|借阅", "person_no category expires recorded"),
    _signature(
        "research", "科技|科研|社科|成果", "研究方向|在研|经费|英文名|学科", "staff_no latin_name title email"
    ),
    _signature(
        "dormitory",
        "后勤|宿舍|公寓|住宿|入住|宿管",
        "床位|房间|入住|宿舍|寝室",
        "dorm_place dorm_bed_no recorded category",
    ),
    _signature(
        "alumni", "校友", "母校|现工作|毕业年|毕业届|届别|在校|所在城市|职务", "level leave recorded org_name"
    ),
    _signature(
        "admissions",
        "录取|招生|新生|投档",
        "录取|LQ|考生|KSH|报到|BDZT|中学|批次",
        "exam_no native_place major_code",
    ),
)
# A file of one of these kinds always has the element; without it the words alone do not make it one.
_NEEDS = {
    "finance": "bank_account",
    "dormitory": "dorm_place",
    "admissions": "exam_no",
    "personnel": "staff_no",
}


def recognise_source(file: str, places: Iterable[str], labels: Iterable[str], elements: Iterable[str]) -> str:
    """A key of `schema.SOURCES`; "other" if nothing fits."""
    carried, named = set(elements), list(labels)
    words = " ".join((file, *places)).lower()
    scored = [(_likeness(signature, words, named, carried), signature.source) for signature in _SIGNATURES]
    best, source = max(scored)
    return source if best >= 1.2 else "other"


def _likeness(signature: Signature, words: str, labels: list[str], carried: set[str]) -> float:
    need = _NEEDS.get(signature.source)
    hits = sum(bool(re.search(signature.labels, label, re.IGNORECASE)) for label in labels)
    elements = len(signature.elements & carried) / len(signature.elements)
    likeness = 1.0 * bool(re.search(signature.words, words)) + min(hits, 4) * 0.35 + 1.5 * elements
    return likeness if need is None or need in carried else likeness / 2


def source_of_name(name: str) -> str:
    """The department that a file name in an agreement means: by its first word before any other."""
    if name in SOURCES:
        return name
    by_label = next((key for key, label in SOURCES.items() if name.startswith(label)), None)
    if by_label:
        return by_label
    found = [(hit.start(), one.source) for one in _SIGNATURES if (hit := re.search(one.words, name))]
    return min(found)[1] if found else "other"
