"""The figures over master data that come with the platform."""

from __future__ import annotations

from typing import Any

from yanta.kernel.base.indicators import count, distinct, indicator, other, total

CONDITIONS_2004 = "教育部《普通高等学校基本办学条件指标（试行）》（教发〔2004〕2号）"
STATISTICS = "高等教育事业统计报表制度（在校生、教职工、校舍）"
TEACHING, HUMAN_RESOURCES, ASSETS = "教务处", "人事处", "资产处"

STUDYING = {"field": "status", "is": "eq", "value": "01"}
WORKING = {"field": "status", "is": "eq", "value": "active"}
TEACHER = {"any": [
    {"field": "kind", "is": "eq", "value": "11"},
    {"all": [{"field": "kind", "is": "empty"}, {"field": "title", "is": "in", "value": ["011", "012", "013", "014"]}]},
]}  # fmt: skip
# Senior ranks of the teaching, research, engineering, laboratory and library series.
SENIOR = ["011", "012", "611", "612", "621", "622", "071", "072", "081", "082", "641", "642"]
TEACHING_ROOMS = ["1", "111", "112", "113", "121", "122", "123", "124", "131", "132", "141", "151", "199"]
OFFICES = ["2", "211", "299"]
NOT_MAJORITY = {"all": [{"field": "ethnic", "is": "filled"}, {"field": "ethnic", "is": "ne", "value": "01"}]}


def both(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"all": list(conditions)}


def level(code: str) -> dict[str, Any]:
    return {"field": "level", "is": "eq", "value": code}


OF_STUDENTS = ("grade", "sex", "level", "programme")
OF_STAFF = ("sex", "kind", "title")

students = count("student", "在读学生", STUDYING)
bachelors = count(
    "student", "在读本科、专科生", both(STUDYING, {"field": "level", "is": "in", "value": ["3", "4"]})
)
masters = count("student", "在读硕士生", both(STUDYING, level("2")))
doctors = count("student", "在读博士生", both(STUDYING, level("1")))
teachers = count("staff_member", "在岗专任教师", both(WORKING, TEACHER))
weighted = {"bachelors": bachelors, "masters": masters, "doctors": doctors}
WEIGHTED = "(bachelors + masters * 1.5 + doctors * 2)"
WEIGHTS_NOTE = "折合在校生数按硕士生 ×1.5、博士生 ×2 折算"

indicator(
    "student.count", "在校生数", owner=TEACHING, group="学生", unit="人", parts=students, dimensions=OF_STUDENTS, order=10,
    basis=STATISTICS, coverage="学籍状态为“在读”的全部层次学生；休学、保留学籍的不计。",
)  # fmt: skip
indicator(
    "student.weighted", "折合在校生数", owner=TEACHING, group="学生", unit="人", decimals=1, parts=weighted, expression=WEIGHTED,
    dimensions=("grade", "sex"), order=12, basis=CONDITIONS_2004,
    coverage=f"{WEIGHTS_NOTE}；留学生 ×3、预科生、进修生、成人脱产班、夜大、函授生的折算没有数据，未计。",
)  # fmt: skip
indicator(
    "student.postgraduate_share", "研究生占比", owner="研究生院", group="学生", unit="%", decimals=1,
    parts={"n": count("student", "在读硕士、博士生", both(STUDYING, {"field": "level", "is": "in", "value": ["1", "2"]})), "d": students},
    expression="n / d * 100", better="higher", dimensions=("grade", "sex"), order=14, basis=STATISTICS,
)  # fmt: skip
indicator(
    "student.female_share", "女生占比", owner=TEACHING, group="学生", unit="%", decimals=1,
    parts={"n": count("student", "在读女生", both(STUDYING, {"field": "sex", "is": "eq", "value": "2"})),
           "d": count("student", "性别已填的在读学生", both(STUDYING, {"field": "sex", "is": "filled"}))},
    expression="n / d * 100", dimensions=("grade", "level", "programme"), order=16, basis=STATISTICS,
    coverage="性别未填的学生不进分母。",
)  # fmt: skip
indicator(
    "student.sex_ratio", "男女比", owner=TEACHING, group="学生", unit="：1", decimals=2,
    parts={"men": count("student", "在读男生", both(STUDYING, {"field": "sex", "is": "eq", "value": "1"})),
           "women": count("student", "在读女生", both(STUDYING, {"field": "sex", "is": "eq", "value": "2"}))},
    expression="men / women", dimensions=("grade", "level"), order=18,
)  # fmt: skip
indicator(
    "student.minority_share", "少数民族学生占比", owner="学工部", group="学生", unit="%", decimals=1,
    parts={"n": count("student", "在读少数民族学生", both(STUDYING, NOT_MAJORITY)),
           "d": count("student", "民族已填的在读学生", both(STUDYING, {"field": "ethnic", "is": "filled"}))},
    expression="n / d * 100", dimensions=("grade", "level"), order=20, basis=STATISTICS,
    coverage="民族未填的学生不进分母。",
)  # fmt: skip
indicator(
    "student.first_year_present", "新生在读率", owner="招生办公室", group="学生", unit="%", decimals=1, better="higher", target="98",
    warn="95",
    parts={"n": count("student", "当年级在读学生", both(STUDYING, {"field": "grade", "is": "eq", "value": "$admission_year"})),
           "d": count("student", "当年级学生", {"field": "grade", "is": "eq", "value": "$admission_year"})},
    expression="n / d * 100", dimensions=("level", "programme"), order=22,
    coverage="迎新系统接入以前，用当年级学生的学籍状态代替报到登记，等于“已入学籍者中仍在读的比例”，不是报到率。",
)  # fmt: skip
indicator(
    "student.gone", "学籍异动占比", owner=TEACHING, group="学生", unit="%", decimals=2, better="lower", target="3", warn="5",
    parts={"n": count("student", "休学、退学、停学学生", {"field": "status", "is": "in", "value": ["02", "03", "04", "06", "14"]}),
           "d": students},
    expression="n / d * 100", dimensions=("grade", "level"), order=24,
)  # fmt: skip
indicator(
    "student.class_size", "平均班额", owner=TEACHING, group="教学", unit="人", decimals=1, better="lower", target="35", warn="45",
    parts={"n": count("student", "已编班的在读学生", both(STUDYING, {"field": "admin_class", "is": "filled"})),
           "d": distinct("student", "admin_class", "有在读学生的行政班", both(STUDYING, {"field": "admin_class", "is": "filled"}))},
    expression="n / d", dimensions=("grade",), order=30, coverage="未编班的学生不计。",
)  # fmt: skip
indicator(
    "programme.count", "在招专业数", owner=TEACHING, group="教学", unit="个", order=32, dimensions=("level", "years"),
    parts=count("programme", "在招专业", {"field": "is_open", "is": "eq", "value": True}),
)  # fmt: skip
indicator(
    "course.count", "在用课程数", owner=TEACHING, group="教学", unit="门", order=34, dimensions=("kind", "nature"),
    parts=count("course", "在用课程", {"field": "is_open", "is": "eq", "value": True}, unit_field="department"),
)  # fmt: skip
indicator(
    "staff.count", "在岗教职工数", owner=HUMAN_RESOURCES, group="师资", unit="人", order=40, dimensions=OF_STAFF, basis=STATISTICS,
    parts=count("staff_member", "在岗教职工", WORKING),
)  # fmt: skip
indicator(
    "staff.teachers", "专任教师数", owner=HUMAN_RESOURCES, group="师资", unit="人", order=42, dimensions=OF_STAFF, basis=STATISTICS,
    parts=teachers, coverage="类别为“专任教师”，或类别未填而有高校教师系列职务的在岗教职工；外聘教师没有数据，未计。",
)  # fmt: skip
indicator(
    "staff.student_ratio", "生师比", owner=HUMAN_RESOURCES, group="师资", unit="：1", decimals=2, better="lower", target="18", warn="22",
    parts={**weighted, "teachers": teachers}, expression=f"{WEIGHTED} / teachers", order=44,
    basis=f"{CONDITIONS_2004}：综合、师范、工科、农林、语文、财经、政法院校合格标准 18，限制招生 22",
    coverage=f"{WEIGHTS_NOTE}；官方公式中聘请校外教师按 ×0.5 计入教师总数，本校没有外聘教师数据，未计。",
)  # fmt: skip
indicator(
    "staff.senior_share", "高级职称比", owner=HUMAN_RESOURCES, group="师资", unit="%", decimals=1, better="higher", target="40", warn="30",
    parts={"n": count("staff_member", "具有高级职务的专任教师", both(WORKING, TEACHER, {"field": "title", "is": "in", "value": SENIOR})),
           "d": teachers},
    expression="n / d * 100", dimensions=("sex",), order=46,
    basis=f"{CONDITIONS_2004}：具有高级职务教师占专任教师的比例，监测指标，本科院校合格标准 30%",
)  # fmt: skip
indicator(
    "staff.female_share", "女教职工占比", owner=HUMAN_RESOURCES, group="师资", unit="%", decimals=1,
    parts={"n": count("staff_member", "在岗女教职工", both(WORKING, {"field": "sex", "is": "eq", "value": "2"})),
           "d": count("staff_member", "性别已填的在岗教职工", both(WORKING, {"field": "sex", "is": "filled"}))},
    expression="n / d * 100", dimensions=("kind",), order=48,
)  # fmt: skip
indicator(
    "staff.untitled", "职务未登记教职工数", owner=HUMAN_RESOURCES, group="数据健康", unit="人", better="lower", order=90,
    parts=count("staff_member", "在岗而专业技术职务为空的教职工", both(WORKING, {"field": "title", "is": "empty"})),
    dimensions=("kind",),
)  # fmt: skip
indicator(
    "building.area", "校舍建筑面积", owner=ASSETS, group="校舍", unit="㎡", order=50, dimensions=("campus", "kind"), basis=STATISTICS,
    parts=total("building", "area", "全部楼宇的建筑面积"), coverage="按楼宇总建筑面积；产权与租借不分，没有数据。",
)  # fmt: skip
indicator(
    "space.teaching_per_student", "生均教学行政用房", owner=ASSETS, group="校舍", unit="㎡/生", decimals=2, better="higher", target="14",
    warn="8",
    parts={"teaching": total("room", "area", "教学及辅助用房使用面积", {"field": "use", "is": "in", "value": TEACHING_ROOMS}, unit_field="unit"),
           "offices": total("room", "area", "行政办公用房使用面积", {"field": "use", "is": "in", "value": OFFICES}, unit_field="unit"),
           "students": students},
    expression="(teaching + offices) / students", order=52,
    basis=f"{CONDITIONS_2004}：综合、师范、民族院校合格标准 14 ㎡/生，工科、农林、医学 16，限制招生 8",
    coverage="用使用面积代替官方公式的建筑面积，偏低；分母用全日制在读学生数，未折算。",
)  # fmt: skip
indicator(
    "space.area_per_student", "生均校舍面积", owner=ASSETS, group="校舍", unit="㎡/生", decimals=2, better="higher",
    parts={"area": other("building.area"), "students": other("student.count")}, expression="area / students", order=54,
)  # fmt: skip
indicator(
    "space.seats_per_hundred", "百名学生教室座位数", owner=TEACHING, group="校舍", unit="座", decimals=1, better="higher",
    parts={"seats": total("room", "seats", "教室座位", {"field": "use", "is": "in", "value": ["111", "112"]}, unit_field="unit"),
           "students": students},
    expression="seats / students * 100", order=56,
    basis=f"{CONDITIONS_2004}：监测指标有百名学生配多媒体教室和语音教室座位数（7 座）",
    coverage="台账不分是否多媒体教室，全部教室的座位都计入，口径较宽，不设目标。",
)  # fmt: skip
indicator(
    "space.dormitory_per_student", "生均宿舍面积", owner="后勤处", group="校舍", unit="㎡/生", decimals=2, better="higher", target="6.5",
    parts={"area": total("room", "area", "学生宿舍使用面积", {"field": "use", "is": "eq", "value": "311"}, unit_field="unit"), "students": students},
    expression="area / students", order=58, basis=f"{CONDITIONS_2004}：监测指标，6.5 ㎡/生",
    coverage="用使用面积代替建筑面积；走读学生没有数据，按全部在读学生计。",
)  # fmt: skip
