"""In what capacity a row lists a person, and which of the person's numbers it carries."""

from __future__ import annotations

import ibis
from ibis import ir

# A status that says the capacity is over.
ENDED = (
    "毕业|结业|肄业|退学|离校|离职|调出|调离|辞职|辞退|开除|除名|停用|注销|转出|死亡|去世|转编|终止|解聘|期满|迁出"
    "|退宿$"
)
# Over, but not by finishing: such a student never becomes an alumnus.
WITHDRAWN = "退学|开除|除名|取消|放弃"
_GRADUATE_NUMBER = r"^[SBMDY]\d{5,}$"

_BY_CATEGORY = (
    ("离退|退休|离休", "retired"),
    ("返聘", "rehired"),
    ("校友|毕业生", "alumnus"),
    ("留学生|国际学生|外国学生", "student"),
    ("研究生|硕士|博士", "graduate"),
    ("本科|本专科|专科|学士|BS", "undergraduate"),
    ("教职工|职工|教工|教师|在职|员工|教员|事业编", "staff"),
    ("合同|派遣|代理", "contract"),
    ("劳务|专家|临时|社会|校外|外聘|访客|家属", "external"),
    ("学生", "student"),
)
_HOME = {
    "academic": "undergraduate",
    "student_affairs": "undergraduate",
    "graduate": "graduate",
    "alumni": "alumnus",
}


def role_of(t: ir.Table) -> ir.StringValue:
    """By the department first, then by the category or level that the row states, then by its number."""
    number = ibis.coalesce(t.bare_staff_no, t.bare_student_no, t.bare_person_no)
    stated = ibis.coalesce(t.tidy_category, t.tidy_level, t.place_level)
    category = ibis.cases(
        *((stated.upper().re_search(words), role) for words, role in _BY_CATEGORY), else_="unknown"
    )
    by_number = ibis.cases(
        (number.re_search(_GRADUATE_NUMBER), "graduate"),
        (number.re_search(r"^(19|20)\d{8}$"), "undergraduate"),
        (t.bare_staff_no.notnull(), "staff"),
        (number.re_search(r"^(0\d{4}|(19|20)\d{5})$"), "staff"),
        else_="unknown",
    )
    home = ibis.cases(
        *((t.source == source, role) for source, role in _HOME.items()), else_=ibis.null("string")
    )
    return ibis.cases(
        (t.source == "personnel", _personnel_role(t)),
        (home.notnull(), home),
        (
            t.source == "admissions",
            ibis.ifelse(t.tidy_status.re_search("未报到|放弃|不报到"), "not_registered", "admitted"),
        ),
        (t.source == "research", ibis.ifelse(by_number == "graduate", "graduate", _research_role(t))),
        (category != "unknown", category),
        else_=by_number,
    )


def _personnel_role(t: ir.Table) -> ir.StringValue:
    status = ibis.coalesce(t.tidy_status, "")
    return ibis.cases(
        (status.re_search("返聘"), "rehired"),
        (status.re_search("退休|离休"), "retired"),
        (t.bare_staff_no.re_search(r"^[A-Z]"), "contract"),
        (status.re_search(ENDED), "left"),
        else_="staff",
    )


def _research_role(t: ir.Table) -> ir.StringValue:
    outside = t.tidy_org_name.re_search("校外|外单位|合作|其他单位|企业") & t.code_org_name.isnull()
    return ibis.ifelse(outside.fill_null(False), "external", "staff")


def population_of(role: ir.StringValue, is_finished: ir.BooleanValue) -> ir.StringValue:
    """What the row alone says; a finished student is an alumnus."""
    student = role.isin(["undergraduate", "graduate", "student"])
    return ibis.cases(
        (student & is_finished, "校友"),
        (role.isin(["undergraduate", "student"]), "本科生"),
        (role == "graduate", "研究生"),
        (role.isin(["staff", "contract"]), "教职工"),
        (role.isin(["retired", "rehired"]), "离退休"),
        (role.isin(["left", "alumnus"]), "校友"),
        else_="其他",
    )


def numbers_of(t: ir.Table, *, staff_width: int) -> dict[str, ir.StringValue]:
    """The person's numbers by kind. A staff number that lost its zeros in a spreadsheet gets them back."""
    number = ibis.coalesce(t.bare_staff_no, t.bare_student_no, t.bare_person_no)
    number = ibis.ifelse(number.re_search(r"^[A-Z]{0,3}\d{4,12}$|^\d{1,3}$"), number, ibis.null("string"))
    number = ibis.ifelse(number.re_search(r"^0*$"), ibis.null("string"), number)
    role = t.role
    staff = role.isin(["staff", "contract", "retired", "rehired", "left"])
    graduate = number.re_search(_GRADUATE_NUMBER)
    digits = number.re_search(r"^\d+$")
    kind = ibis.cases(
        (number.isnull(), "none"),
        (graduate, "grad"),
        (~digits, "other"),
        (staff, "staff"),
        (role == "graduate", "grad"),
        (t.source == "library", ibis.ifelse(role.isin(["undergraduate", "student"]), "ug", "other")),
        (role.isin(["undergraduate", "student", "alumnus", "admitted"]), "ug"),
        else_="other",
    )
    padded = ibis.ifelse(number.length() < staff_width, number.lpad(staff_width, "0"), number)

    def of(wanted: str, value: ir.StringValue = number) -> ir.StringValue:
        return ibis.ifelse(kind == wanted, value, ibis.null("string"))

    return {
        "staff_no": of("staff", padded),
        "ug_no": of("ug"),
        "grad_no": of("grad"),
        "other_no": of("other"),
    }
