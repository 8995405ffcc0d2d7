"""The clean person row: the contract between intake, matching, merging and the application around them."""

from dataclasses import dataclass

import pyarrow as pa

POPULATIONS = ("本科生", "研究生", "教职工", "离退休", "校友", "其他")

ROLES = {
    "undergraduate": "本科生",
    "graduate": "研究生",
    "staff": "教职工",
    "contract": "合同制",
    "retired": "离退休",
    "rehired": "返聘",
    "left": "已离校",
    "alumnus": "校友",
    "admitted": "新生",
    "not_registered": "未报到",
    "student": "学生",
    "external": "校外人员",
    "unknown": "未注明",
}

# What each department's file is about; a file is recognised by its columns first, then by its name.
SOURCES = {
    "academic": "教务处",
    "graduate": "研究生院",
    "personnel": "人事处",
    "student_affairs": "学工部",
    "finance": "财务处",
    "card": "一卡通中心",
    "library": "图书馆",
    "research": "科技处",
    "dormitory": "后勤",
    "alumni": "校友会",
    "admissions": "招生办",
    "other": "其他",
}


@dataclass(frozen=True)
class Column:
    """One column of the clean row: its name, Arrow type, Chinese label and what it promises."""

    name: str
    type: pa.DataType
    label: str
    promise: str


ISSUE = pa.struct(
    [("column", pa.string()), ("code", pa.string()), ("message", pa.string()), ("original", pa.string())]
)

COLUMNS: tuple[Column, ...] = (
    Column(
        "row_id",
        pa.int64(),
        "行标识",
        "Unique in the run; the same source, sheet and row give the same id in every run.",
    ),
    Column("source", pa.string(), "来源", "Key of SOURCES: which department's kind of file this is."),
    Column("file", pa.string(), "文件", "Base name of the file."),
    Column("sheet", pa.string(), "工作表", "Work sheet or database table; empty for csv, txt and dbf."),
    Column(
        "row",
        pa.int64(),
        "行号",
        "Row as a clerk counts it: Excel row, csv record (header 1), txt line, rowid, dbf record.",
    ),
    Column(
        "population",
        pa.string(),
        "人群",
        "One of POPULATIONS as this row alone tells it; the person's own is decided in merging.",
    ),
    Column("role", pa.string(), "身份", "Key of ROLES: in what capacity the row lists the person."),
    Column(
        "name",
        pa.string(),
        "姓名",
        "As on the identity document: no blanks between Han characters, U+00B7, passport capitals.",
    ),
    Column(
        "name_key",
        pa.string(),
        "姓名比对形",
        "Name without dots, blanks and case, rare variants folded: for comparison only.",
    ),
    Column(
        "name_pinyin",
        pa.string(),
        "姓名拼音",
        "Toneless pinyin of name, surname first, lower case, joined; of a Latin name its letters.",
    ),
    Column(
        "name_lossy",
        pa.bool_(),
        "姓名有损",
        "True if the name holds ?, a substitute mark or pinyin where a rare character was lost.",
    ),
    Column("former_name", pa.string(), "曾用名", "An earlier name, written as name is."),
    Column(
        "latin_name",
        pa.string(),
        "拼音或外文名",
        "Latin or pinyin name as given: trimmed, one blank between words.",
    ),
    Column("sex", pa.string(), "性别", "GB/T 2261.1: 1 or 2; null if not stated."),
    Column("birth_on", pa.date32(), "出生日期", "Only when the source states a whole day."),
    Column(
        "birth_month", pa.string(), "出生年月", "YYYY-MM, from the whole day or from a year and month alone."
    ),
    Column(
        "id_type",
        pa.string(),
        "证件类型",
        "JY/T 1001 SFZJLX: 1 identity card, A passport, 6, 7, 8 and so on.",
    ),
    Column(
        "id_no",
        pa.string(),
        "证件号",
        "Upper case, no blanks; a 15-digit number raised to 18. Kept even when id_valid is false.",
    ),
    Column(
        "id_valid",
        pa.bool_(),
        "证件号有效",
        "Mainland number: date, historical division and check character right; others: form right.",
    ),
    Column(
        "id_birth_on",
        pa.date32(),
        "证件号中出生日期",
        "The birth date inside a well-formed mainland number, valid or not.",
    ),
    Column(
        "id_sex", pa.string(), "证件号中性别", "1 or 2 as the sequence number inside a mainland number tells."
    ),
    Column("nationality", pa.string(), "国籍", "GB/T 2659.1 three letters."),
    Column("ethnic", pa.string(), "民族", "GB/T 3304 two digits."),
    Column("political", pa.string(), "政治面貌", "GB/T 4762 two digits."),
    Column(
        "native_place",
        pa.string(),
        "籍贯",
        "Current six-digit county division; null if the source stops at the city.",
    ),
    Column("phone", pa.string(), "电话", "The person's own mobile: eleven digits."),
    Column("home_phone", pa.string(), "家庭电话", "A parent's or emergency number: shared within families."),
    Column("email", pa.string(), "邮箱", "Lower case."),
    Column("address", pa.string(), "地址", "Home address, cleaned text."),
    Column(
        "org_code", pa.string(), "一级单位码", "Current first-level unit, from code, short or former name."
    ),
    Column("org_name", pa.string(), "单位原文", "The unit as the source writes it."),
    Column("staff_no", pa.string(), "工号", "Staff number as it stands, leading zeros kept or restored."),
    Column("ug_no", pa.string(), "本科学号", "Undergraduate number of the person in this row's capacity."),
    Column("grad_no", pa.string(), "研究生学号", "Graduate number of the person in this row's capacity."),
    Column(
        "former_ug_no",
        pa.string(),
        "原学号",
        "An undergraduate number held before: 原学号, or the one a graduate student had here.",
    ),
    Column(
        "other_no",
        pa.string(),
        "其他编号",
        "A number of the person that is none of the others: rehiring, contract, temporary.",
    ),
    Column("card_no", pa.string(), "卡号", "Campus card number: several per person over time."),
    Column("payee_no", pa.string(), "收款人编号", "Finance's own payee number."),
    Column("exam_no", pa.string(), "考生号", "Fourteen digits."),
    Column(
        "major_code",
        pa.string(),
        "专业代码",
        "Undergraduate: current catalogue, six digits without flags; graduate: four digits.",
    ),
    Column("major_name", pa.string(), "专业原文", "The programme as the source writes it."),
    Column("title_code", pa.string(), "职称代码", "GB/T 8561 three digits."),
    Column("bank_account", pa.string(), "银行账号", "Digits only; belongs to the person."),
    Column("dorm_bed", pa.string(), "床位", "campus-building-unit-room-bed, such as 1-03-A-302-2."),
    Column("class_name", pa.string(), "班级", "Administrative class as written."),
    Column("level", pa.string(), "层次", "本科, 硕士 or 博士."),
    Column("grade_year", pa.int32(), "年级", "Year of the grade."),
    Column(
        "entry_on",
        pa.date32(),
        "入学或来校日期",
        "First day of the capacity; the first of the month if only that is known.",
    ),
    Column("entry_year", pa.int32(), "入学或来校年", "Year the capacity began."),
    Column(
        "leave_year",
        pa.int32(),
        "离校年",
        "Year the capacity ended or is due to have ended; null while it lasts or is unknown.",
    ),
    Column(
        "recorded_on",
        pa.date32(),
        "登记日期",
        "When the source recorded or last changed the row: entry, opening, submission date.",
    ),
    Column("status", pa.string(), "状态", "State in the source, cleaned text."),
    Column(
        "is_current",
        pa.bool_(),
        "当前有效",
        "False when the source itself says the capacity or card has ended.",
    ),
    Column(
        "is_weak",
        pa.bool_(),
        "身份依据弱",
        "True if neither a number, a document, a telephone nor a birth date names the person.",
    ),
    Column(
        "duplicate_of",
        pa.int64(),
        "重复于",
        "row_id of the first row of the same sheet with the very same cells, else null.",
    ),
    Column(
        "issues",
        pa.list_(ISSUE),
        "问题",
        "Values set aside or doubted in this row: column, code, Chinese sentence, original.",
    ),
)

LABELS = {column.name: column.label for column in COLUMNS}

CLEAN = pa.schema(
    [pa.field(c.name, c.type, metadata={"label": c.label, "promise": c.promise}) for c in COLUMNS]
)

# What the matcher answers; person_key is stable for the same set of rows.
MATCHED = pa.schema([("row_id", pa.int64()), ("person_key", pa.string())])
