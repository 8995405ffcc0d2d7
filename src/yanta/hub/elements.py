"""The elements of a person that the hub merges: label, standard, code set, where they are written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from yanta.kernel.base.elements import Provenance, provenance


@dataclass(frozen=True)
class Element:
    """`field` is the person's attribute that carries the value; `standard` its identifier in JY/T 1002."""

    name: str
    label: str
    standard: str = ""
    field: str = ""
    code_set: str = ""
    is_sensitive: bool = False
    may_be_disputed: bool = True


ELEMENTS = {
    element.name: element
    for element in (
        Element("name", "姓名", "XM", "name"),
        Element("former_name", "曾用名", "CYM", "former_name"),
        Element("latin_name", "英文姓名", "YWXM", "latin_name"),
        Element("sex", "性别", "XBM", "sex", "GBT2261_1_XB"),
        Element("birth_date", "出生日期", "CSRQ", "birth_on"),
        Element("id_type", "身份证件类型", "SFZJLXM", "id_type", "JYT1001_SFZJLX"),
        Element("id_no", "身份证件号", "SFZJH", "id_number", is_sensitive=True),
        Element("nationality", "国籍/地区", "GJDQM", "nationality", "GBT2659_GJDQ"),
        Element("ethnic", "民族", "MZM", "ethnic", "GBT3304_MZ"),
        Element("political", "政治面貌", "ZZMMM", "political_status", "GBT4762_ZZMM"),
        Element("native_place", "籍贯", "JG", "native_place", "GBT2260_XZQH"),
        Element("phone", "手机号", "YDDH", "phone", is_sensitive=True),
        Element("email", "电子邮箱", "DZXX", "email"),
        Element("org_code", "所在单位", "DWH", "home_unit"),
        Element("staff_no", "工号", "GH", may_be_disputed=False),
        Element("ug_no", "本科学号", "XH", may_be_disputed=False),
        Element("grad_no", "研究生学号", "XH", may_be_disputed=False),
        Element("exam_no", "考生号", "KSH"),
        Element("major_code", "专业", "ZYM"),
        Element("title_code", "专业技术职务", "PRZWM", "", "GBT8561_ZYJSZW"),
        Element("bank_account", "银行账号", "YHZH", "bank_account", is_sensitive=True),
        Element("dorm_bed", "床位", "CWH"),
    )
}
SENSITIVE = frozenset(name for name, element in ELEMENTS.items() if element.is_sensitive)
PERSON_FIELDS = {name: element.field for name, element in ELEMENTS.items() if element.field}

# What forms call the values that the hub merges; a value it does not merge is its keeper's to explain.
_ASKED = {f"person.{field}": name for name, field in PERSON_FIELDS.items() if field != "home_unit"} | {
    "person.unit": "org_code", "student.exam_number": "exam_no", "student.programme": "major_code",
    "student.bed": "dorm_bed", "staff.title": "title_code", "staff.number": "staff_no",
}  # fmt: skip


@provenance
def of_merged_values(
    person_ids: Collection[int], names: Collection[str]
) -> Mapping[int, Mapping[str, Provenance]]:
    """Source, owner, day and the page of “this is wrong”; one query however many people."""
    from yanta.hub.models import ElementValue

    wanted = {_ASKED[name]: name for name in names if name in _ASKED}
    answers = {
        person: {
            name: Provenance(dispute=_dispute(person, ELEMENTS[merged])) for merged, name in wanted.items()
        }
        for person in person_ids
    }
    values = ElementValue.objects.filter(person__in=person_ids, element__in=wanted).values_list(
        "person_id", "element", "source__title", "source__owner__name", "confirmed_at"
    )
    for person, merged, source, owner, confirmed in values:
        answers[person][wanted[merged]] = Provenance(
            source or "", owner or "", confirmed.date(), _dispute(person, ELEMENTS[merged])
        )
    return answers


def _dispute(person: int, element: Element) -> str:
    return f"/hub/people/{person}/{element.name}/wrong/" if element.may_be_disputed else ""
