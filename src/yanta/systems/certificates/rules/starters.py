"""The kinds that nearly every school issues, as drafts that their owners change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Starter:
    """One kind as it comes with the system; `office` is found by its name among the units."""

    code: str
    name: str
    audience: str
    office: str
    title: str
    body: str
    summary: str
    language: str = "zh"
    needs_approval: bool = False
    most: int = 10
    valid_days: int = 180
    ending: str = "left"
    closed_for: str = ""


STUDENT_ZH = (
    "{person.name}，{person.sex}，{person.birth_on}出生，学号{student.number}，系我校{student.department}{student.programme}专业"
    "{student.grade}{student.level}生，{student.enrolled_on}入学，学制{student.years}，预计{student.graduates_on}毕业。"
)
MARKS_ZH = "[表 student.marks：学期=term，课程=course，学分=credits，成绩=score，绩点=point]"
MARKS_EN = "[表 student.marks：Term=term，Course=course，Credits=credits，Score=score，Point=point]"
STUDENT_EN = (
    "This is to certify that {person.name}, born on {person.birth_on}, student number {student.number}, was enrolled in"
    " {student.enrolled_on} in the {student.years}-year {student.level} programme of {student.programme}, {student.department}."
)
STARTERS = (
    Starter(
        "ZD", "在读证明", "studying", "教务处", "在读证明", STUDENT_ZH + "该生现为我校在读学生。\n本证明用于{purpose}。\n特此证明。",
        "证明现在是在读学生，求职、签证、优惠都可用",
    ),
    Starter(
        "ZDE", "在读证明（英文）", "studying", "教务处", "Certificate of Enrolment",
        STUDENT_EN + "\nThe student is currently studying full-time at this university and is expected to graduate in"
        " {student.graduates_on}.\nThis certificate is issued for the purpose of: {purpose}.",
        "办签证、申请国外学校", language="en",
    ),
    Starter(
        "CJ", "成绩单", "enrolled", "教务处", "学生成绩单",
        "姓名：{person.name}　学号：{student.number}　学院：{student.department}　专业：{student.programme}　层次：{student.level}\n"
        + MARKS_ZH + "\n已获学分 {student.credits}，加权平均分 {student.average}，平均学分绩点 {student.gpa}（满分 5）。",
        "全部课程的学分、成绩、绩点", valid_days=90, ending="never",
    ),
    Starter(
        "CJE", "成绩单（英文）", "enrolled", "教务处", "Academic Transcript",
        "Name: {person.name}    Student number: {student.number}    School: {student.department}\n"
        "Programme: {student.programme}    Level: {student.level}\n" + MARKS_EN
        + "\nCredits earned: {student.credits}. Weighted average: {student.average}. Grade point average: {student.gpa} out of 5.",
        "课程名称用官方英文", language="en", valid_days=90, ending="never",
    ),
    Starter(
        "PM", "专业排名证明", "studying", "教务处", "专业排名证明",
        STUDENT_ZH + "\n截至{issued_on}，该生已修课程加权平均分 {student.average}，在同年级同专业 {student.rank_of} 名学生中排名第"
        " {student.rank}。\n本证明用于{purpose}。",
        "推免、评奖用；教务处核对后开具", needs_approval=True, most=3, valid_days=60,
    ),
    Starter(
        "BY", "毕业证明", "graduated", "教务处", "毕业证明",
        "{person.name}，{person.sex}，{person.birth_on}出生，于{student.enrolled_on}入我校{student.department}{student.programme}专业学习，"
        "学制{student.years}，{student.level}层次，已毕业。\n本证明用于{purpose}。\n特此证明。",
        "毕业证书遗失或外地办事时用", valid_days=0, ending="never",
    ),
    Starter(
        "ZZ", "在职证明", "employed", "人事处", "在职证明",
        "{person.name}，{person.sex}，工号{staff.number}，自{staff.hired_on}起在我校{staff.unit}工作，现为在职教职工。\n"
        "本证明用于{purpose}。\n特此证明。",
        "证明现在我校工作",
    ),
    Starter(
        "ZZE", "在职证明（英文）", "employed", "人事处", "Certificate of Employment",
        "This is to certify that {person.name}, staff number {staff.number}, has been employed at {staff.unit} of this university"
        " since {staff.hired_on} and is at present a member of staff.\nThis certificate is issued for the purpose of: {purpose}.",
        "签证、出国访问用", language="en",
    ),
    Starter(
        "SR", "收入证明", "employed", "财务处", "收入证明",
        "{person.name}，工号{staff.number}，系我校{staff.unit}在职教职工。近十二个月月均应发收入人民币 {staff.monthly_income} 元，"
        "合计 {staff.yearly_income} 元。\n[表 staff.income：月份=month，应发（元）=gross，实发（元）=net]\n本证明用于{purpose}，不作为担保。",
        "贷款、购房、签证用；按工资发放数据", most=5, valid_days=60,
    ),
    Starter(
        "WJ", "无违纪处分证明", "studying", "学生工作", "无违纪处分证明",
        STUDENT_ZH + "该生在校期间无违纪处分记录。\n特此证明。", "升学、政审用",
        closed_for="处分记录还没有系统管理，开不出可靠的证明；请到学生工作部人工办理",
    ),
)  # fmt: skip
