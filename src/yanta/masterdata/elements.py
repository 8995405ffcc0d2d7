"""What master data know of a person, for forms, official documents and certificates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q

from yanta.kernel.base.elements import Answers, Element, Known, elements
from yanta.kernel.codes import service as codes
from yanta.kernel.files import open_file
from yanta.kernel.files.models import StoredFile
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Affiliation, Person
from yanta.masterdata.models import StaffMember, Student, Term

HR, REGISTRY, PHOTO = "人事处", "教务处", "person.photo"


@dataclass(frozen=True, slots=True)
class Kept:
    """An element, the field that keeps it, and how it is read from the row; `shown` as a person reads it."""

    element: Element
    origin: str
    value: Callable[[Any], Any]
    shown: Callable[[Any], str] = str


def chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _month(day: date) -> str:
    return f"{day.year}年{day.month}月"


def _named(set_id: str) -> Callable[[Any], str]:
    return lambda code: codes.name_of(set_id, code)


def _sex(code: str) -> str:
    return codes.name_of("GBT2261_1_XB", code).removesuffix("性")


# The short names that GB/T 4762 itself gives, which forms use.
_POLITICAL = {
    "01": "中共党员", "02": "中共预备党员", "03": "共青团员", "04": "民革党员", "05": "民盟盟员", "06": "民建会员", "07": "民进会员",
    "08": "农工党党员", "09": "致公党党员", "10": "九三学社社员", "11": "台盟盟员", "12": "无党派人士", "13": "群众",
}  # fmt: skip


def _political(code: str) -> str:
    return _POLITICAL.get(code) or codes.name_of("GBT4762_ZZMM", code)


def _place(code: str) -> str:
    return codes.full_name_of("GBT2260_XZQH", code).replace("/", "")


def _of(path: str) -> Callable[[Any], Any]:
    """A value along a path of attributes; nothing when a link is missing."""

    def read(row: Any) -> Any:
        for name in path.split("."):
            row = getattr(row, name, None) if row is not None else None
        return row

    return read


def _kept(
    name: str, label: str, path: str, kind: Any = "text", *, standard: str = "", code_set: str = "", owner: str = HR,
    aliases: str = "", sensitive: bool = False, shown: Callable[[Any], str] | None = None,
    value: Callable[[Any], Any] | None = None,
) -> Kept:  # fmt: skip
    model = {"person": "people.Person", "student": "masterdata.Student", "staff": "masterdata.StaffMember"}
    reads = {"date": chinese, "month": _month, "code": _named(code_set)}
    element = Element(
        name, label, kind, standard, owner, code_set, tuple(aliases.split()), is_sensitive=sensitive
    )
    origin = f"{model[name.partition('.')[0]]}.{path}"
    return Kept(element, origin, value or _of(path), shown or reads.get(kind, str))


def _graduation(student: Student) -> date | None:
    """July of the year in which the programme's years are over."""
    if student.enrolled_on is None or student.programme is None:
        return None
    return date(student.enrolled_on.year + student.programme.years, 7, 1)


PERSON = (
    _kept("person.name", "姓名", "name", standard="XM", aliases="学生姓名 教师姓名 申请人 申请人姓名 本人姓名 负责人"),
    _kept("person.former_name", "曾用名", "former_name", standard="CYM"),
    _kept("person.latin_name", "英文姓名", "latin_name", standard="YWXM", aliases="姓名拼音 外文姓名 Name"),
    _kept("person.number", "人员号", "number"),
    _kept("person.sex", "性别", "sex", "code", standard="XBM", code_set="GBT2261_1_XB", shown=_sex),
    _kept("person.birth_on", "出生日期", "birth_on", "date", standard="CSRQ", aliases="出生年月 出生年月日 生日"),
    _kept("person.id_type", "证件类型", "id_type", "code", standard="SFZJLXM", code_set="JYT1001_SFZJLX"),
    _kept(
        "person.id_number", "身份证件号", "id_number", standard="SFZJH", sensitive=True,
        aliases="身份证号 身份证号码 公民身份号码 证件号码 身份证",
    ),
    _kept("person.nationality", "国籍", "nationality", "code", standard="GJDQM", code_set="GBT2659_GJDQ"),
    _kept("person.ethnic", "民族", "ethnic", "code", standard="MZM", code_set="GBT3304_MZ"),
    _kept(
        "person.political_status", "政治面貌", "political_status", "code", standard="ZZMMM", code_set="GBT4762_ZZMM",
        shown=_political,
        aliases="政治状况",
    ),
    _kept(
        "person.native_place", "籍贯", "native_place", "code", standard="JG", code_set="GBT2260_XZQH", shown=_place,
        aliases="生源地",
    ),
    _kept(
        "person.phone", "手机号", "phone", standard="YDDH", sensitive=True,
        aliases="电话 联系电话 手机 移动电话 本人电话 手机号码 联系方式",
    ),
    _kept("person.email", "电子邮箱", "email", standard="DZXX", aliases="邮箱 电子邮件 Email E-mail 电子信箱"),
    _kept("person.bank_account", "银行账号", "bank_account", sensitive=True, owner="财务处", aliases="银行卡号 卡号"),
    _kept("person.unit", "所在单位", "home_unit.name", standard="DWH", aliases="单位 工作单位 所属单位 部门"),
)  # fmt: skip
STUDENT = (
    _kept("student.number", "学号", "number", standard="XH", owner=REGISTRY),
    _kept(
        "student.department", "学院", "department.name", standard="DWH", owner=REGISTRY,
        aliases="院系 院（系） 系别 所在学院 培养单位 学院名称 院系名称",
    ),
    _kept(
        "student.programme", "专业", "programme.name", standard="ZYM", owner=REGISTRY,
        aliases="专业名称 所学专业 就读专业 主修专业",
    ),
    _kept("student.programme_code", "专业代码", "programme.catalogue_code", standard="ZYM", owner=REGISTRY),
    _kept("student.class", "班级", "admin_class.name", standard="SZBH", owner=REGISTRY, aliases="所在班级 行政班 班 级别班级"),
    _kept(
        "student.grade", "年级", "grade", standard="SZNJ", owner=REGISTRY, shown=lambda grade: f"{grade}级",
        aliases="所在年级 入学年级",
    ),
    _kept("student.level", "培养层次", "level", "code", standard="PYCCM", code_set="JYT1001_PYCC", owner=REGISTRY,
          aliases="学历层次 层次"),
    _kept("student.status", "学籍状态", "status", "code", standard="XSDQZTM", code_set="JYT1001_XSDQZT", owner=REGISTRY),
    _kept(
        "student.years", "学制", "programme.years", "number", standard="XZ", owner=REGISTRY, aliases="学制（年） 修业年限",
        shown=lambda years: f"{years}年",
    ),
    _kept("student.enrolled_on", "入学日期", "enrolled_on", "month", standard="RXNY", owner=REGISTRY,
          aliases="入学时间 入学年月 何时入学"),
    _kept(
        "student.graduates_on", "预计毕业时间", "enrolled_on + programme.years", "month", owner=REGISTRY, value=_graduation,
        aliases="毕业时间 毕业年月 预计毕业日期 毕业日期",
    ),
    _kept("student.exam_number", "考生号", "exam_number", standard="KSH", owner="招生办公室", aliases="高考考生号"),
    _kept("student.bed", "床位", "bed", standard="CWH", owner="后勤处", aliases="宿舍 寝室 寝室号 宿舍号 宿舍床位 住宿地址"),
    _kept("student.counsellor", "辅导员", "admin_class.counsellor.person.name", owner="学生处", aliases="辅导员姓名"),
    _kept("student.head_teacher", "班主任", "admin_class.head_teacher.person.name", owner="学生处"),
)  # fmt: skip
STAFF = (
    _kept("staff.number", "工号", "number", standard="GH", aliases="职工号 教工号 人员编号"),
    _kept("staff.unit", "工作部门", "department.name", standard="DWH", aliases="现工作单位 所在部门 任职单位 所在单位名称"),
    _kept("staff.kind", "教职工类别", "kind", "code", standard="JZGLBM", code_set="JYT1001_JZGLB", aliases="岗位类别"),
    _kept(
        "staff.title", "专业技术职务", "title", "code", standard="PRZWM", code_set="GBT8561_ZYJSZW",
        aliases="职称 专业技术职称 现任专业技术职务 技术职务",
    ),
    _kept("staff.post", "行政职务", "post", aliases="职务 现任职务 任职"),
    _kept("staff.status", "在岗状态", "get_status_display", value=lambda member: member.get_status_display()),
    _kept(
        "staff.hired_on", "来校日期", "entered_on", "month", standard="LXNY",
        aliases="来校时间 入校时间 参加工作时间 入职日期 进校时间 到校时间",
    ),
)  # fmt: skip


def _answer(
    rows: Iterable[tuple[int, Any]], kept: Sequence[Kept], names: Collection[str], source: str
) -> Answers:
    wanted = [one for one in kept if one.element.name in names]
    found: dict[int, dict[str, Known]] = defaultdict(dict)
    for person, row in rows:
        for one in wanted:
            value = one.value(row)
            if value not in (None, ""):
                found[person][one.element.name] = Known(
                    value, one.shown(value), source=source, owner=one.element.owner, origin=one.origin
                )
    return found


@elements(*(one.element for one in PERSON))
def of_people(person_ids: Collection[int], names: Collection[str], *, on: date) -> Answers:
    """The register of people, whoever delivered it."""
    people = Person.objects.filter(pk__in=person_ids).select_related("home_unit")
    return _answer(((one.pk, one) for one in people), PERSON, names, "人员基本信息")


@elements(*(one.element for one in STUDENT))
def of_students(person_ids: Collection[int], names: Collection[str], *, on: date) -> Answers:
    """Of the enrolment that runs on the day, the latest of several; else of the last that ended."""
    rows = (
        Student.objects.filter(Q(enrolled_on=None) | Q(enrolled_on__lte=on), person__in=person_ids)
        .select_related("department", "programme", "admin_class__counsellor__person", "admin_class__head_teacher__person")
        .order_by(F("left_on").asc(nulls_last=True), F("enrolled_on").asc(nulls_first=True), "pk")
    )  # fmt: skip
    return _answer(({row.person_id: row for row in rows}).items(), STUDENT, names, "学籍")


@elements(*(one.element for one in STAFF))
def of_staff(person_ids: Collection[int], names: Collection[str], *, on: date) -> Answers:
    """Of the employment that runs, the latest of several."""
    rows = (
        StaffMember.objects.filter(person__in=person_ids).select_related("department")
        .order_by(F("left_on").asc(nulls_last=True), F("entered_on").asc(nulls_first=True), "pk")
    )  # fmt: skip
    return _answer(({row.person_id: row for row in rows}).items(), STAFF, names, "教职工")


ROLES = Element(
    "person.roles", "在校经历", "rows", owner=HR, aliases=("经历", "简历", "工作经历", "学习经历", "学习工作经历", "个人简历"),
    columns=(
        Element("from", "起始日期", "month", aliases=("起", "自何年何月", "开始时间", "起始年月")),
        Element("to", "终止日期", "month", aliases=("止", "至何年何月", "结束时间", "终止年月")),
        Element("period", "起止年月", aliases=("起止时间", "时间")),
        Element("unit", "单位", aliases=("所在单位", "学校或单位", "在何单位学习或工作", "工作单位", "学校、单位")),
        Element("role", "身份", aliases=("任何职务", "职务", "身份或职务", "任职情况")),
        Element("number", "学号/工号"),
    ),
)  # fmt: skip


@elements(ROLES)
def of_roles(person_ids: Collection[int], names: Collection[str], *, on: date) -> Answers:
    """Which roles the person has had at the school, the oldest first."""
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    spells = (
        Affiliation.objects.filter(person__in=person_ids)
        .exclude(valid_from__gt=on)
        .select_related("org_unit")
    )
    for one in spells.order_by(F("valid_from").asc(nulls_first=True), "pk"):
        ends = f"{one.valid_to:%Y.%m}" if one.valid_to else "至今"
        rows[one.person_id].append({
            "from": one.valid_from, "to": one.valid_to or "至今", "unit": str(one.org_unit or ""),
            "period": f"{one.valid_from:%Y.%m}—{ends}" if one.valid_from else "",
            "role": one.get_role_display(), "number": one.number,
        })  # fmt: skip
    return {
        person: {"person.roles": Known(found, f"{len(found)} 条", "身份经历", HR, "people.Affiliation")}
        for person, found in rows.items()
    }


@elements(
    Element(
        PHOTO,
        "照片",
        "photo",
        standard="ZP",
        owner="学生处",
        aliases=("相片", "一寸照片", "贴照片处", "近期免冠照片", "证件照"),
    )
)
def of_photos(person_ids: Collection[int], names: Collection[str], *, on: date) -> Answers:
    """The newest portrait that was kept for good."""
    files = StoredFile.objects.filter(purpose=PHOTO, owner__in=person_ids, expires_at=None).order_by("pk")
    found = {}
    for person, file in {file.owner_id: file for file in files if file.owner_id}.items():
        with open_file(file) as content:
            found[person] = {
                PHOTO: Known(content.read(), "有照片", "证件照", "学生处", f"files.StoredFile {file.pk}")
            }
    return found


SCHOOL = (
    Element("today", "填表日期", "date", aliases=("日期", "填表时间", "制表日期", "申请日期", "填报日期", "申请时间")),
    Element("school.name", "学校名称", standard="XXMC", owner="校办", aliases=("学校", "院校名称", "毕业院校", "就读学校", "所在学校")),
    Element("school.year", "学年", standard="XN", owner=REGISTRY, aliases=("评定学年", "申请学年", "考核学年")),
    Element("school.term", "学期", standard="XQM", owner=REGISTRY, aliases=("学年学期",)),
)  # fmt: skip


@elements(*SCHOOL)
def of_the_day(person_ids: Collection[int], names: Collection[str], *, on: date) -> Answers:
    """The same for everybody: the day, the school, the term that runs."""
    same = {"today": Known(on, chinese(on), "填写当日")}
    root = OrgUnit.objects.filter(depth=1, kind=OrgUnit.Kind.SCHOOL).first()
    if root is not None:
        same["school.name"] = Known(root.name, root.name, "组织机构", "校办", "organisation.OrgUnit.name")
    term = Term.objects.filter(starts_on__lte=on).order_by("-starts_on").first()
    if term is not None:
        year = f"{term.academic_year}学年"
        same["school.year"] = Known(
            term.academic_year, year, "校历", REGISTRY, "masterdata.Term.academic_year"
        )
        same["school.term"] = Known(term.name, term.name, "校历", REGISTRY, "masterdata.Term.name")
    answer = {name: same[name] for name in names if name in same}
    return dict.fromkeys(person_ids, answer)
