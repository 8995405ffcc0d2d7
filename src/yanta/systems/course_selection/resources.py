"""Course selection on screen, in Excel and by the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.resource import Related, Resource, Section, Sheet, register
from yanta.systems.course_selection import queries, services
from yanta.systems.course_selection.models import (
    Decision,
    Enrolment,
    GroupLimit,
    LanguageLevel,
    Place,
    Pool,
    Round,
    RoundScope,
    SectionTime,
    Simulation,
    Standing,
    Waiting,
    Wish,
)

READERS = {"head": "view export", "engineer": "view", "auditor": "view", "leader": "view"}
REGISTRY = {"owner": "*", "clerk": "view export", **READERS}
OWN = {**REGISTRY, "student": "view"}


@register
class RoundResource(Resource):
    model = Round
    icon = "calendar-time"
    hint = "为下一学期新建轮次：何时、对谁、先到先得还是抽签。"
    columns = ["name", "term", "kind", "opens_at", "closes_at", "is_paused"]
    filters = ["term", "kind"]
    form = [
        Section("轮次", ["term", "name", "kind", "opens_at", "closes_at"]),
        Section("限制", ["most_credits", "retakes", "allows_repeat", "most_wishes", "points"]),
    ]
    facts = [
        Section("轮次", ["term", "name", "kind", "opens_at", "closes_at", "is_paused"]),
        Section("限制", ["most_credits", "retakes", "allows_repeat", "most_wishes", "points"]),
        Section("抽签", ["seed_digest", "seed", "drawn_at"]),
    ]
    related = [
        Related("开放对象", RoundScope, "round"),
        Related("课程组限额", GroupLimit, "round"),
        Related("志愿", Wish, "round"),
        Related("抽签模拟", Simulation, "round"),
    ]
    actions = [
        services.prepare,
        services.pause,
        services.resume,
        services.close,
        services.seal_seed,
        services.simulate,
        services.draw,
    ]
    access = REGISTRY

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("控制台", f"/course-selection/console/?term={row.term_id}")]


@register
class RoundScopeResource(Resource):
    model = RoundScope
    icon = "users-group"
    in_menu = False
    columns = ["round", "programme", "grade"]
    filters = ["round", "grade"]
    form = [Section("开放对象", ["round", "programme", "grade"], "专业、年级至少填一项。")]
    access = REGISTRY


@register
class GroupLimitResource(Resource):
    model = GroupLimit
    icon = "stack-2"
    in_menu = False
    columns = ["round", "name", "most_credits"]
    filters = ["round", "name"]
    form = [
        Section(
            "课程组限额", ["round", "name", "most_credits"],
            "每名学生本学期在自己方案的这一组里最多选多少学分；没有列出的组不限。",
        )
    ]  # fmt: skip
    access = REGISTRY


@register
class PlaceResource(Resource):
    model = Place
    icon = "school"
    hint = "在轮次里“准备选课”，开课中供选修的教学班就到这里。"
    columns = ["course", "number", "teachers", "campus", "sex", "is_plan_only", "is_open"]
    filters = ["term", "department", "campus", "language", "is_open"]
    search = ["number", "course__name", "course__code", "teachers"]
    # Language, campus and teachers are those of the section in the offerings, and follow it.
    form = [Section("限制", ["sex", "least_level", "is_plan_only", "allows_retake", "is_open"])]
    facts = [
        Section("教学班", ["course", "number", "teachers", "campus", "language", "department"]),
        Section("限制", ["sex", "least_level", "is_plan_only", "allows_retake", "is_open"]),
    ]
    related = [
        Related("座位", Pool, "place"),
        Related("上课时间", SectionTime, "place"),
        Related("名单", Enrolment, "place"),
        Related("候补", Waiting, "place"),
    ]
    actions = [services.add_student, services.remove_student]
    order = ["number"]

    access = {
        key: rights if rights != "*" else "view edit export add_student remove_student"
        for key, rights in REGISTRY.items()
    }

    def pages_for(self, row: Any, actor: Actor) -> Sequence[tuple[str, str]]:
        return (
            [("选课名单", f"/course-selection/roster/{row.pk}/")]
            if queries.may_see_roster(actor, row)
            else []
        )


@register
class PoolResource(Resource):
    model = Pool
    icon = "armchair"
    in_menu = False
    columns = ["place", "programme", "grade", "campus", "capacity", "taken"]
    filters = ["place__term", "programme", "grade", "campus"]
    search = ["place__number", "place__course__name"]
    actions = [services.change_capacity]
    access = {
        key: rights if rights != "*" else "view export change_capacity" for key, rights in REGISTRY.items()
    }


@register
class SectionTimeResource(Resource):
    model = SectionTime
    icon = "clock"
    in_menu = False
    columns = ["place", "weekday", "first_period", "last_period", "weeks", "room"]
    filters = ["place__term"]
    search = ["place__number", "place__course__name"]
    form = [Section("上课时间", ["place", "weekday", "first_period", "last_period", "weeks", "room"])]
    sheet = Sheet(key=["place", "weekday", "first_period"])
    access = REGISTRY


@register
class EnrolmentResource(Resource):
    model = Enrolment
    icon = "list-check"
    hint = "选课开始后，这里是全部结果。"
    columns = ["student", "course", "place", "study", "term", "created_at"]
    filters = ["term", "student__department", "course", "study"]
    search = ["student__number", "student__person__name", "place__number", "course__name"]
    order = ["-created_at"]
    access = {key: rights if rights != "*" else "view export" for key, rights in OWN.items()}


@register
class WaitingResource(Resource):
    model = Waiting
    icon = "hourglass"
    in_menu = False
    columns = ["place", "student", "created_at"]
    filters = ["place__term", "student__department"]
    search = ["student__number", "student__person__name", "place__number"]
    access = {key: rights if rights != "*" else "view export" for key, rights in OWN.items()}


@register
class DecisionResource(Resource):
    model = Decision
    icon = "receipt"
    hint = "每一次提交的结果，包括没有成功的，都在这里。"
    columns = ["id", "student", "verb", "place", "outcome", "code", "created_at"]
    filters = ["verb", "outcome", "code", "student__department"]
    search = ["student__number", "student__person__name", "place__number", "reason"]
    facts = [
        Section("请求", ["student", "verb", "place", "old", "created_at"]),
        Section("结果", ["outcome", "code", "detail", "round", "by", "reason"]),
    ]
    order = ["-id"]
    access = {key: rights if rights != "*" else "view export" for key, rights in OWN.items()}


@register
class StandingResource(Resource):
    model = Standing
    icon = "certificate"
    in_menu = False
    columns = ["student", "course", "kind"]
    filters = ["kind", "student__department"]
    search = ["student__number", "student__person__name", "course__name"]
    form = [Section("修读情况", ["student", "course", "kind"])]
    sheet = Sheet(key=["student", "course", "kind"])
    access = REGISTRY


@register
class LanguageLevelResource(Resource):
    model = LanguageLevel
    icon = "language"
    hint = "有教学班要求外语水平时，在这里登记或导入学生的等级。"
    columns = ["student", "language", "level", "basis"]
    filters = ["language", "level", "student__department"]
    search = ["student__number", "student__person__name"]
    form = [Section("语言水平", ["student", "language", "level", "basis"])]
    sheet = Sheet(key=["student", "language"])
    access = OWN


@register
class WishResource(Resource):
    model = Wish
    icon = "stars"
    in_menu = False
    columns = ["round", "student", "rank", "points", "place"]
    filters = ["round", "rank", "student__department"]
    search = ["student__number", "student__person__name", "place__number"]
    order = ["round", "student", "rank"]
    access = {key: rights if rights != "*" else "view export" for key, rights in OWN.items()}


@register
class SimulationResource(Resource):
    model = Simulation
    icon = "flask"
    in_menu = False
    hint = "在还没有抽签的预选轮次里“模拟抽签”，结果在这里。"
    columns = ["round", "source", "wishes", "granted", "is_done", "created_at"]
    filters = ["round"]
    facts = [
        Section("模拟", ["round", "source", "seed", "is_done", "created_at"]),
        Section("结果", ["wishes", "granted", "strangers"]),
    ]
    access = dict.fromkeys(REGISTRY, "view")

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("按专业年级和教学班看", f"/course-selection/simulation/{row.pk}/")]
