"""A catalogue of a dozen datasets, consumers with grants in every state, and two months of reads."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.sharing import owners
from yanta.hub.sharing.agreements import sample
from yanta.hub.sharing.contents import contents_of
from yanta.hub.sharing.ids import written
from yanta.hub.sharing.models import (
    Application,
    Consent,
    Consumer,
    Dataset,
    DatasetVersion,
    Decision,
    Grant,
    ReadEntry,
    UsageDay,
)
from yanta.hub.sharing.services.asking import level_of
from yanta.kernel.base.bulk import copy_in
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import StaffMember

DAYS = 60


@dataclass(frozen=True, slots=True)
class Set:
    """One dataset of the demo school."""

    code: str
    title: str
    subject: str
    owner: str
    names: str
    meaning: str
    condition: dict[str, Any] | None = None
    state: str = "published"


ENROLLED = {"field": "status", "is": "in", "value": ["01", "02", "05"]}
ACTIVE = {"field": "status", "is": "in", "value": ["active", "leave"]}
SETS = (
    Set(
        "student-basic",
        "学生基本信息",
        "student",
        "教务处",
        "number name sex grade department department_name programme_name admin_class_name status",
        "学籍在册（在读、休学、复学）的本科生与研究生，以教务处学籍为准；不含毕业、退学。",
        ENROLLED,
    ),
    Set(
        "student-contact",
        "学生联系方式",
        "student",
        "教务处",
        "number name department phone email",
        "在册学生的手机号与邮箱，以学生本人在个人中心确认的为准。",
        ENROLLED,
    ),
    Set(
        "student-class",
        "学生分班名单",
        "student",
        "教务处",
        "number name admin_class admin_class_name department_name grade",
        "按行政班的在册学生名单，用于点名、分组和通知。",
        ENROLLED,
    ),
    Set(
        "student-lodging",
        "学生住宿对照",
        "student",
        "教务处",
        "number name sex department_name bed",
        "在册学生与床位的对应；床位由后勤登记。",
        ENROLLED,
    ),
    Set(
        "staff-basic",
        "教职工基本信息",
        "staff_member",
        "人事处",
        "number name sex department department_name kind title post status",
        "在岗和离岗（未退休）教职工，以人事处任职为准；一人多岗按主岗。",
        ACTIVE,
    ),
    Set(
        "staff-contact",
        "教职工联系方式",
        "staff_member",
        "人事处",
        "number name department_name phone email",
        "在岗教职工的联系方式，以本人确认的为准。",
        ACTIVE,
    ),
    Set(
        "staff-roster",
        "教职工花名册（旧）",
        "staff_member",
        "人事处",
        "number name department_name status",
        "为旧系统保留的简表，请改用“教职工基本信息”。",
        None,
        "deprecated",
    ),
    Set(
        "org-units",
        "组织机构代码",
        "organisation",
        "人事处",
        "code name short_name kind",
        "现行的院系、部处和直属单位，以机构编制文件为准；撤销单位保留号码。",
    ),
    Set(
        "courses",
        "课程目录",
        "course",
        "教务处",
        "code name credits hours department department_name is_open",
        "教务处课程库中的课程，停开课程标记为不开。",
    ),
    Set(
        "programmes",
        "专业目录",
        "programme",
        "教务处",
        "code name level years department_name is_open",
        "学校现行招生和在办专业，专业代码对照教育部目录。",
    ),
    Set(
        "rooms",
        "房间与用途",
        "room",
        "资产处",
        "number name building_name floor use seats area unit_name",
        "楼宇内全部编号房间，面积为使用面积，用途按国资处登记。",
    ),
    Set(
        "equipment",
        "仪器设备台账",
        "asset",
        "资产处",
        "number name category model_name price bought_on department_name",
        "单价在起点以上、已建账的仪器设备；不含已报废。",
    ),
    Set(
        "graduates-draft",
        "毕业生去向（征求意见）",
        "student",
        "教务处",
        "number name grade programme_name left_on birth_on",
        "拟向就业中心提供，正在征求来源部门意见。",
        None,
        "draft",
    ),
)
# code, title, kind, unit, login of the responsible person or nothing
USERS = (
    ("library", "图书馆借阅系统", "system", "图书馆", ""), ("access-gate", "门禁与通行系统", "system", "保卫处", ""),
    ("card", "一卡通平台", "system", "信息中心", "engineer"), ("cs-college", "计算机学院教学管理", "department", "计算机学院", "clerk"),
    ("affairs-desk", "学工工作台", "system", "学工部", "affairs"), ("health", "校医院体检系统", "system", "校医院", ""),
    ("finance-sys", "财务收费系统", "system", "财务处", ""), ("assets-desk", "资产盘点小程序", "system", "资产处", "assets"),
)  # fmt: skip
# consumer, dataset, ways, days since the beginning, days left, state, reads per day
GRANTS = (
    ("library", "student-basic", "rest webhook", 200, 120, "active", 9), ("library", "staff-basic", "rest", 200, 120, "active", 3),
    ("access-gate", "student-basic", "rest schema", 150, 6, "active", 12), ("access-gate", "staff-basic", "schema", 150, 210, "active", 5),
    ("card", "student-basic", "rest file webhook", 300, 60, "active", 8), ("card", "student-contact", "rest", 60, 100, "active", 2),
    ("cs-college", "student-class", "file rest", 90, 180, "active", 2), ("cs-college", "courses", "file", 90, 25, "active", 1),
    ("affairs-desk", "student-lodging", "rest file", 120, 90, "active", 4), ("affairs-desk", "student-contact", "rest", 70, 40, "suspended", 1),
    ("health", "student-basic", "file", 100, 200, "active", 0), ("finance-sys", "student-basic", "schema", 400, 300, "active", 3),
    ("finance-sys", "staff-roster", "file", 400, 20, "active", 0), ("assets-desk", "rooms", "rest", 50, 300, "active", 2),
    ("assets-desk", "equipment", "rest file", 50, 300, "active", 2), ("health", "staff-contact", "rest", 90, 60, "revoked", 1),
)  # fmt: skip
PURPOSES = {
    "library": "开通和注销借阅权限，核对借阅人身份", "access-gate": "校门、楼宇门禁授权与注销", "card": "制卡、换卡与补助发放核对",
    "cs-college": "学院教学安排、分组与点名", "affairs-desk": "宿舍检查、困难认定与通知", "health": "新生体检与健康档案建档",
    "finance-sys": "学费应收与退费核对", "assets-desk": "年度资产清查扫码盘点",
}  # fmt: skip


def fill(today: date) -> None:
    """Same rows every time, the dates around today."""
    draw = random.Random(6)  # noqa: S311 - reproducible sample data
    fallback = OrgUnit.objects.filter(kind="office", valid_to=None).first() or OrgUnit.objects.first()
    if fallback is None:
        return
    sets = {one.code: _dataset(one, today, fallback) for one in SETS if _is_there(one.subject)}
    if {"staff-roster", "staff-basic"} <= sets.keys():
        Dataset.objects.filter(code="staff-roster").update(
            successor=sets["staff-basic"], ends_on=today + timedelta(days=45)
        )
    users = {one.code: one for one in (_consumer(*row) for row in USERS) if one is not None}
    made = [
        (_grant(users[who], sets[what], ways.split(), today - timedelta(days=ago), today + timedelta(days=left), state), often)
        for who, what, ways, ago, left, state, often in GRANTS
        if who in users and what in sets
    ]  # fmt: skip
    _reads(draw, [(grant, often) for grant, often in made if often], today)
    _applications(users, sets, today)


def settle(today: date) -> None:
    """With the neighbour that the nodes' own sample must not find there."""
    sample.fill(today)


def _is_there(subject: str) -> bool:
    return any(one.name == subject for one in subjects.all_subjects())


def _dataset(one: Set, today: date, fallback: OrgUnit) -> Dataset:
    about = subjects.subject(one.subject)
    names = [name for name in one.names.split() if any(field.name == name for field in about.fields)]
    owner = owners.unit_named(one.owner) or fallback
    is_out = one.state != "draft"
    dataset = Dataset.objects.create(
        code=one.code, title=one.title, subject=one.subject, names=names, condition=one.condition or {}, meaning=one.meaning,
        owner=owner, service="工作日 8:00–18:00 支持，年可用率 99%", contact="数据管理员 82660000", level=level_of(about, names),
        version=1 if is_out else 0, state=one.state, published_on=today - timedelta(days=420) if is_out else None,
    )  # fmt: skip
    version = DatasetVersion.objects.create(
        dataset=dataset, number=1, names=names, condition=dataset.condition, meaning=one.meaning, note="首次发布",
        state="published" if is_out else "asked", published_at=_at(today - timedelta(days=420)) if is_out else None,
    )  # fmt: skip
    for unit, theirs in owners.fields_by_unit(about, names, default=owner).items():
        is_given = is_out or unit == owner
        Consent.objects.create(
            version=version, unit=unit, names=theirs, state="given" if is_given else "waiting",
            opinion=("本部门提请" if unit == owner else "同意发布") if is_given else "",
            decided_by=f"{unit.name}经办人" if is_given else "", decided_at=_at(today - timedelta(days=421)) if is_given else None,
        )  # fmt: skip
    return dataset


def _at(day: date, hour: int = 10) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _consumer(code: str, title: str, kind: str, unit: str, login: str) -> Consumer | None:
    found = owners.unit_named(unit) or OrgUnit.objects.filter(valid_to=None, kind="support").first()
    account = Account.objects.filter(username=login).select_related("person").first() if login else None
    staff = StaffMember.objects.filter(status="active")
    if found is not None and account is None:
        inside = staff.filter(department__path__startswith=found.path)
        staff = inside if inside.exists() else staff
    person = account.person if account else getattr(staff.select_related("person").first(), "person", None)
    if found is None or person is None:
        return None
    return Consumer.objects.create(
        code=code, title=title, kind=kind, unit=found, responsible=person, address=f"https://{code}.example.edu.cn",
        networks="127.0.0.0/8\n10.0.0.0/8",
    )  # fmt: skip


def _application(
    consumer: Consumer, dataset: Dataset, ways: Sequence[str], begin: date, end: date, state: str
) -> Application:
    made = Application.objects.create(
        dataset=dataset, consumer=consumer, purpose=PURPOSES[consumer.code], names=dataset.names, condition={},
        valid_from=begin, valid_to=end, per_minute=60, rows_per_day=200_000, ways=list(ways), state=state,
        applicant=consumer.responsible,
    )  # fmt: skip
    parts = owners.fields_by_unit(dataset.about, dataset.names, default=dataset.owner)
    for unit, names in parts.items():
        done = state == "approved"
        Decision.objects.create(
            application=made, unit=unit, names=names, allowed=names if done else [], state="approved" if done else "waiting",
            opinion="用途正当，同意" if done else "", decided_by=f"{unit.name}经办人" if done else "",
            decided_at=_at(begin - timedelta(days=2)) if done else None,
        )  # fmt: skip
    return made


def _grant(
    consumer: Consumer, dataset: Dataset, ways: Sequence[str], begin: date, end: date, state: str
) -> Grant:
    reasons = {"suspended": "核查一次批量下载", "revoked": "把文件转给了第三方"}
    return Grant.objects.create(
        dataset=dataset, consumer=consumer, application=_application(consumer, dataset, ways, begin, end, "approved"),
        names=dataset.names, condition={}, level=dataset.level, ways=list(ways), valid_from=begin, valid_to=end,
        per_minute=60, rows_per_day=200_000, state=state, reason=reasons.get(state, ""), salt=secrets.token_hex(16),
    )  # fmt: skip


def _reads(draw: random.Random, made: Sequence[tuple[Grant, int]], today: date) -> None:
    """Pages, files and statements on working days more than on others, a few refused."""
    rows: list[tuple[Any, ...]] = []
    days: dict[tuple[int, date, str], list[int]] = {}
    for grant, often in made:
        everyone, ready, total = _held(grant)
        for back in range(min(DAYS, (today - grant.valid_from).days), 0, -1):
            day = today - timedelta(days=back)
            if back <= 10 and grant.state != "active":
                continue
            for way in _ways_of(draw, grant, day, often):
                rows.append(_entry(draw, grant, way, day, everyone, ready, total))
                _count(days, rows[-1])
    copy_in(ReadEntry, _COLUMNS, sorted(rows, key=lambda row: row[0]))
    UsageDay.objects.bulk_create(
        UsageDay(
            grant_id=key[0], day=key[1], how=key[2], reads=n[0], rows=n[1], errors=n[2], milliseconds=n[3]
        )
        for key, n in days.items()
    )
    last = {row[1]: row[0] for row in sorted(rows, key=lambda row: row[0]) if row[6] == "done"}
    for grant_id, at in last.items():
        Grant.objects.filter(pk=grant_id).update(last_read_at=at)


def _held(grant: Grant) -> tuple[tuple[str, str], list[tuple[str, str, int]], int]:
    """Everything the grant may read, some pages of it, and how many rows: ids and persons as they are kept."""
    contents = contents_of(grant)
    path = contents.subject.model.person_path
    person = "pk" if path in (None, "self") else f"{path}_id"
    pairs = list(contents.rows().values_list("pk", person))

    def kept(part: Sequence[tuple[int, int]]) -> tuple[str, str]:
        return written(key for key, _ in part), written(who for _, who in part) if path else "{}"

    pages = [pairs[at : at + 100] for at in range(0, min(len(pairs), 3000), 100)] or [[]]
    return kept(pairs), [(*kept(page), len(page)) for page in pages], len(pairs)


def _ways_of(draw: random.Random, grant: Grant, day: date, often: int) -> list[str]:
    """Many pages on a working day; a file, or the statements of a day at the door, at most once."""
    small = [way for way in grant.ways if way in ("rest", "webhook")]
    large = [way for way in grant.ways if way not in small]
    times = draw.randrange(often + 1) if day.isoweekday() > 5 else max(1, often + draw.randrange(-1, 3))
    found = [draw.choice(small) for _ in range(times)] if small else []
    return found + ([draw.choice(large)] if large and draw.random() < 0.4 else [])


_COLUMNS = (
    "at", "grant_id", "consumer_id", "dataset_id", "version", "how", "outcome", "status", "names", "rows", "persons",
    "count", "is_exact", "is_signed", "milliseconds", "address", "person_name", "detail",
)  # fmt: skip


def _entry(
    draw: random.Random, grant: Grant, way: str, day: date, everyone: tuple[str, str],
    pages: list[tuple[str, str, int]], total: int,
) -> tuple[Any, ...]:  # fmt: skip
    at = _at(day, 7) + timedelta(seconds=draw.randrange(12 * 3600))
    is_refused = draw.random() < 0.02 and way == "rest"
    rows, persons, count = (*everyone, total) if way in ("file", "schema") else draw.choice(pages)
    if is_refused:
        rows, persons, count = "{}", "{}", 0
    spent = draw.randrange(8, 40) if way in ("rest", "webhook") else draw.randrange(300, 1800)
    detail = (
        "超过每分钟 60 次的约定"
        if is_refused
        else ("3 条查询；行与人员为视图可见的上限" if way == "schema" else "")
    )
    return (
        at, grant.pk, grant.consumer_id, grant.dataset_id, 1, way, "refused" if is_refused else "done",
        429 if is_refused else 200, [] if is_refused else list(grant.names), None if rows == "{}" else rows,
        None if persons == "{}" else persons, count, way != "schema", way == "rest" and draw.random() < 0.3, spent,
        f"10.8.{grant.consumer_id % 200}.{draw.randrange(2, 9)}", "", detail,
    )  # fmt: skip


def _count(days: dict[tuple[int, date, str], list[int]], row: tuple[Any, ...]) -> None:
    kept = days.setdefault((row[1], timezone.localtime(row[0]).date(), row[5]), [0, 0, 0, 0])
    for at, amount in enumerate((1, row[11], int(row[6] != "done"), row[14])):
        kept[at] += amount


def _applications(users: dict[str, Consumer], sets: dict[str, Dataset], today: date) -> None:
    """Some wait for the departments to decide."""
    waiting = (("health", "student-contact"), ("library", "staff-contact"), ("cs-college", "student-lodging"))
    for who, what in waiting:
        if who in users and what in sets:
            _application(users[who], sets[what], ["rest"], today, today + timedelta(days=150), "submitted")
