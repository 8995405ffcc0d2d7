"""Master data on screen, each noun with the department that answers for it."""

from __future__ import annotations

from typing import ClassVar

from yanta.kernel.resource import Related, Resource, Section, Sheet, register
from yanta.masterdata import delegation
from yanta.masterdata.models import (
    AdminClass,
    Building,
    CalendarEvent,
    Campus,
    Course,
    Programme,
    Room,
    StaffMember,
    Student,
    Term,
)

EVERYONE = {
    "owner": "*", "clerk": "view export", "head": "view export", "engineer": "view export", "auditor": "view",
    "leader": "view", "counsellor": "view", "teacher": "view", "student": "view",
}  # fmt: skip
STAFF_ONLY = {role: verbs for role, verbs in EVERYONE.items() if role not in ("student", "teacher")}
TEACHING, ASSETS, HUMAN_RESOURCES = "教务处", "资产处", "人事处"


class OwnedByDepartment(Resource):
    """A noun that only the owning department's clerks write and everybody reads."""

    access: ClassVar = EVERYONE


@register
class TermResource(OwnedByDepartment):
    model = Term
    owner = TEACHING
    icon = "calendar"
    columns = ["name", "code", "academic_year", "starts_on", "ends_on", "teaching_weeks"]
    search = ["name", "code"]
    form = [
        Section("学期", ["code", "name", "academic_year", "half"]),
        Section("时间", ["starts_on", "ends_on", "teaching_weeks"]),
    ]
    sheet = Sheet(key=["code"])
    related = [Related("校历安排", CalendarEvent, "term")]
    order = ["-starts_on"]


@register
class CalendarEventResource(OwnedByDepartment):
    model = CalendarEvent
    owner = TEACHING
    icon = "calendar-event"
    columns = ["name", "kind", "term", "starts_on", "ends_on", "follows_on"]
    filters = ["kind", "term", "starts_on"]
    search = ["name"]
    form = [Section("安排", ["term", "name", "kind", "starts_on", "ends_on", "follows_on"])]
    sheet = Sheet(key=["term", "name", "starts_on"])
    order = ["-starts_on"]


@register
class CampusResource(OwnedByDepartment):
    model = Campus
    owner = "校办"
    icon = "map-pin"
    columns = ["name", "code", "address"]
    search = ["name", "code"]
    form = [Section("校区", ["code", "name", "address"])]
    sheet = Sheet(key=["code"])
    related = [Related("楼宇", Building, "campus")]
    order = ["code"]


@register
class BuildingResource(OwnedByDepartment):
    model = Building
    owner = ASSETS
    icon = "building"
    columns = ["name", "code", "campus", "kind", "floors", "area", "built_in"]
    filters = ["campus", "kind"]
    search = ["name", "code"]
    form = [
        Section("楼宇", ["code", "name", "campus", "kind"]),
        Section("建筑", ["floors", "area", "built_in"]),
    ]
    sheet = Sheet(key=["code"])
    related = [Related("房间", Room, "building")]
    order = ["code"]


@register
class RoomResource(OwnedByDepartment):
    model = Room
    owner = ASSETS
    icon = "door"
    columns = ["number", "name", "building", "floor", "use", "seats", "unit", "is_bookable"]
    filters = ["building", "building__campus", "use", "unit", "is_bookable"]
    search = ["number", "name"]
    form = [
        Section("房间", ["number", "name", "building", "floor"]),
        Section("使用", ["use", "seats", "area", "unit", "is_bookable"]),
    ]
    sheet = Sheet(key=["number"])
    order = ["number"]


@register
class ProgrammeResource(OwnedByDepartment):
    model = Programme
    owner = TEACHING
    icon = "books"
    columns = ["name", "code", "catalogue_code", "department", "level", "years", "is_open"]
    filters = ["department", "level", "is_open"]
    search = ["name", "code", "catalogue_code"]
    form = [
        Section("专业", ["code", "catalogue_code", "name", "department"]),
        Section("培养", ["level", "years", "first_admitted_in", "is_open"]),
    ]
    sheet = Sheet(key=["code"])
    related = [Related("行政班", AdminClass, "programme"), Related("学生", Student, "programme")]
    order = ["code"]


@register
class CourseResource(OwnedByDepartment):
    model = Course
    owner = TEACHING
    icon = "book"
    columns = ["name", "code", "department", "credits", "hours", "kind", "nature"]
    filters = ["department", "kind", "nature", "is_open"]
    search = ["name", "code", "english_name"]
    form = [
        Section("课程", ["code", "name", "english_name", "department"]),
        Section("要求", ["credits", "hours", "kind", "nature", "is_open"]),
    ]
    sheet = Sheet(key=["code"])
    order = ["code"]


@register
class AdminClassResource(Resource):
    model = AdminClass
    owner = TEACHING
    icon = "users-group"
    columns = ["name", "code", "department", "programme", "grade", "counsellor__person"]
    filters = ["department", "programme", "grade", "campus"]
    search = ["name", "code"]
    form = [Section("班级", ["code", "name", "department", "programme", "grade", "campus", "counsellor"])]
    facts = [
        Section("班级", ["code", "name", "department", "programme", "grade", "campus"]),
        Section("负责人", ["counsellor", "head_teacher"]),
    ]
    sheet = Sheet(key=["code"])
    related = [Related("学生", Student, "admin_class")]
    order = ["-grade", "code"]
    actions = [delegation.name_head_teacher, delegation.appoint]
    access = {**STAFF_ONLY, "engineer": "view export appoint", "local_admin": "view appoint"}


@register
class StudentResource(Resource):
    model = Student
    owner = TEACHING
    icon = "school"
    columns = ["person", "number", "department", "programme", "admin_class", "grade", "status"]
    filters = ["department", "programme", "grade", "level", "status"]
    search = ["number", "person__name", "person__sort_name"]
    form = [
        Section("学生", ["number", "person", "department", "programme", "admin_class", "grade", "level"]),
        Section("学籍", ["status", "exam_number", "enrolled_on", "left_on", "bed"]),
    ]
    facts = [
        Section(
            "学籍", ["number", "person", "department", "programme", "admin_class", "grade", "level", "status"]
        ),
        Section("入学与住宿", ["exam_number", "enrolled_on", "left_on", "bed"]),
        Section("联系", ["person__sex", "person__phone", "person__email"]),
    ]
    sheet = Sheet(key=["number"], columns=[
        "number", "department", "programme", "admin_class", "grade", "level", "status", "exam_number", "enrolled_on",
        "left_on", "bed",
    ])  # fmt: skip
    order = ["number"]
    access = {**STAFF_ONLY, "student": "view"}


@register
class StaffMemberResource(Resource):
    model = StaffMember
    owner = HUMAN_RESOURCES
    icon = "briefcase"
    columns = ["person", "number", "department", "kind", "title", "post", "status"]
    filters = ["department", "kind", "title", "status"]
    search = ["number", "person__name", "person__sort_name"]
    form = [
        Section("教职工", ["number", "person", "department", "kind"]),
        Section("任职", ["title", "post", "status", "entered_on", "left_on"]),
    ]
    facts = [
        Section(
            "任职",
            ["number", "person", "department", "kind", "title", "post", "status", "entered_on", "left_on"],
        ),
        Section("联系", ["person__sex", "person__phone", "person__email"]),
    ]
    sheet = Sheet(key=["number"], columns=[
        "number", "department", "kind", "title", "post", "status", "entered_on", "left_on",
    ])  # fmt: skip
    order = ["number"]
    access = {**STAFF_ONLY, "counsellor": "", "teacher": "view"}
