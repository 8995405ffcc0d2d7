"""The demo school's applications, each with a use that one has seen: who enters, what it is told, who was refused."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yanta.kernel.base.bulk import copy_in
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.sso.applications.models import (
    AccessRule,
    Application,
    AttributeRelease,
    Decision,
    Entry,
    SsoSession,
)

State, Audience, Asking, Naming = (
    Application.State,
    Application.Audience,
    Application.Asking,
    Application.Naming,
)


@dataclass(frozen=True)
class Sample:
    """One application as a department would have registered it."""

    code: str
    name: str
    summary: str
    owner: str
    audience: str
    rules: tuple[tuple[str, str], ...]
    told: tuple[str, ...]
    state: str = State.ACTIVE
    asking: str = Asking.NEVER
    naming: str = Naming.USERNAME
    reviewed: int = 200


MEMBERS = (("allow", "undergraduate"), ("allow", "postgraduate"), ("allow", "staff"))
IN_SCHOOL = ("name", "student_number", "staff_number", "unit_code", "affiliation")
SAMPLES = (
    Sample("library", "图书馆", "检索、预约、续借图书，订座位", "图书馆", Audience.EVERYONE, (), ("name", "number", "affiliation", "unit_name")),
    Sample("mail", "校园邮箱", "师生邮箱，毕业后保留半年", "信息中心", Audience.EVERYONE, (("deny", "admitted"),), ("name", "unit_name", "email")),
    Sample("mooc", "在线课程平台", "录播课、直播课和作业", "教务处", Audience.RULED, MEMBERS, IN_SCHOOL),
    Sample("gym", "体育场馆预约", "预约场地和健身房", "后勤处", Audience.EVERYONE, (), ("name", "affiliation"), asking=Asking.ONCE),
    Sample(
        "journals", "电子期刊（校外厂商）", "在校外也能看学校订购的期刊", "图书馆", Audience.RULED, MEMBERS, ("affiliation",),
        asking=Asking.ONCE, naming=Naming.PAIRWISE,
    ),
    Sample("clinic", "校医院挂号", "挂号、看检验结果", "后勤处", Audience.EVERYONE, (), ("name", "number", "phone"), asking=Asking.ONCE),
    Sample(
        "reimburse", "网上报销", "填单、投递、查进度", "财务处", Audience.RULED, (("allow", "staff"),),
        ("name", "staff_number", "unit_code", "unit_name"), reviewed=-20,
    ),
    Sample(
        "alumni", "校友网", "活动报名和校友卡", "党政办公室", Audience.RULED, (("allow", "alumni"), ("allow", "staff")), ("name",),
        state=State.SUBMITTED, asking=Asking.ONCE,
    ),
    Sample("oldforum", "老论坛", "已由新平台代替", "学工部", Audience.EVERYONE, (), ("username",), state=State.DISABLED),
)  # fmt: skip
REFUSALS = (
    ("cas", "serviceValidate", "INVALID_TICKET", "票据已过期，应在发出后一分钟内校验"),
    ("cas", "serviceValidate", "INVALID_SERVICE", "票据是发给另一个地址的"),
    ("oidc", "token", "invalid_grant", "授权码已过期，或会话已结束"),
    ("cas", "login", "INVALID_SERVICE", "地址没有登记，不发票据也不转去"),
)
DECISION = (
    "at",
    "protocol",
    "step",
    "outcome",
    "rule",
    "reason",
    "application_id",
    "account_id",
    "service",
    "address",
    "agent",
)
PURPOSES = {
    "phone": "挂号成功后发短信",
    "email": "发通知",
    "name": "页面上显示姓名",
    "affiliation": "区分师生可用的功能",
}


def fill(today: date) -> None:
    """Applications, and a fortnight of people who entered them."""
    made = [_application(sample, today) for sample in SAMPLES]
    people = list(Account.objects.exclude(person=None).order_by("pk").values_list("pk", flat=True)[:400])
    _decisions([app for app in made if app.is_active], people, today)
    _entries([app for app in made if app.is_active][:4], people, today)


def _unit(name: str) -> OrgUnit:
    found = next((unit for unit in OrgUnit.objects.all() if name in unit.names), None)
    return found or OrgUnit.objects.get(depth=1)


def _application(sample: Sample, today: date) -> Application:
    owner = _unit(sample.owner)
    app = Application.objects.create(
        code=sample.code, name=sample.name, summary=sample.summary, home_url=f"https://{sample.code}.yanta.example/",
        owner=owner, contact_words=f"{owner.name}办公室", state=sample.state, audience=sample.audience,
        asking=sample.asking, naming=sample.naming,
        review_on=today + timedelta(days=sample.reviewed) if sample.state == State.ACTIVE else None,
        opinion={State.ACTIVE: "同意接入", State.DISABLED: "已由新平台代替"}.get(State(sample.state), ""),
    )  # fmt: skip
    AccessRule.objects.bulk_create(
        AccessRule(application=app, effect=effect, affiliation=affiliation)
        for effect, affiliation in sample.rules
    )
    AttributeRelease.objects.bulk_create(
        AttributeRelease(application=app, attribute=one, purpose=PURPOSES.get(one, "识别用户"))
        for one in sample.told
    )
    return app


def _decisions(apps: list[Application], people: list[int], today: date) -> None:
    draw, rows = random.Random(17), []  # noqa: S311 - reproducible sample data
    start = timezone.make_aware(datetime.combine(today - timedelta(days=13), time(7)))
    for _ in range(1200):
        app, at = (
            draw.choice(apps),
            start + timedelta(days=draw.randrange(13), minutes=draw.randrange(15 * 60)),
        )
        address, refused = (
            f"10.{draw.randrange(4)}.{draw.randrange(256)}.{draw.randrange(1, 255)}",
            draw.random() < 0.04,
        )
        protocol, step, rule, reason = (
            draw.choice(REFUSALS) if refused else ("cas", draw.choice(("ticket", "serviceValidate")), "", "")
        )
        rows.append((
            at, protocol, step, "refused" if refused else "granted", rule, reason, app.pk, draw.choice(people), app.home_url,
            address, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/139.0",
        ))  # fmt: skip
    copy_in(Decision, DECISION, rows)


def _entries(apps: list[Application], people: list[int], today: date) -> None:
    """Past sessions, so that the pages of the registry are not empty."""
    draw = random.Random(23)  # noqa: S311 - reproducible sample data
    for number, account_id in enumerate(draw.sample(people, min(len(people), 40))):
        at = timezone.make_aware(datetime.combine(today - timedelta(days=1 + number % 9), time(9, number)))
        session = SsoSession.objects.create(
            sid=secrets.token_urlsafe(24), account_id=account_id, session_id=-1 - number, ended_at=at + timedelta(hours=2),
            ending=SsoSession.Ending.SIGNED_OUT,
        )  # fmt: skip
        app = draw.choice(apps)
        Entry.objects.create(
            session=session, application=app, protocol="cas", service=app.home_url, entered_at=at, used_at=at,
            ended_at=at + timedelta(hours=2), notice=Entry.Notice.SENT, attempts=1,
        )  # fmt: skip
