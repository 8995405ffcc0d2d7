"""The demo school's guests, delegated rights under review and the account under seal, made by the steps people take."""

from __future__ import annotations

from datetime import date, timedelta

from yanta.kernel.access import emergency, reviews, services, visitors
from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.access.roles import RoleCode
from yanta.kernel.base import Actor
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit

SYSTEM = Actor.system("demo")


def settle(today: date) -> None:
    """When accounts and their rights are there."""
    names = ("engineer", "dean", "clerk", "teacher", "registry")
    people = {one.username: one for one in Account.objects.filter(username__in=names)}
    if len(people) < len(names):
        return
    headed = RoleGrant.objects.filter(account=people["dean"], role="head").values("org_unit")[:1]
    college = OrgUnit.objects.get(pk=headed)
    _invite(people["dean"], college, today)
    _delegate(people, college, today)
    _review(people, today)
    emergency.seal(
        actor=SYSTEM, username="break-glass", purpose="统一认证不可用时恢复服务",
        first_keeper="信息中心主任，保险柜 2 号", second_keeper="审计处，密码箱",
    )  # fmt: skip


def _invite(host: Account, college: OrgUnit, today: date) -> None:
    """An expert for the term, and one whose time is nearly over."""
    guests = (
        ("顾怀远", "江州大学", "13900002601", "学位论文评阅专家", 90),
        ("苏临川", "雁城软件有限公司", "13900002602", "校企合作课程企业导师", 5),
    )
    for name, employer, phone, purpose, days in guests:
        visitors.invite(
            actor=actor_of(host), name=name, employer=employer, phone=phone, purpose=purpose, org_unit=college,
            valid_to=today + timedelta(days=days),
        )  # fmt: skip


def _delegate(people: dict[str, Account], college: OrgUnit, today: date) -> None:
    services.appoint(
        actor=SYSTEM, account=people["clerk"], org_unit=college, reason="协助学院管理本院账号",
        valid_to=today + timedelta(days=200), gives="counsellor",
    )  # fmt: skip
    services.grant(
        actor=SYSTEM, account=people["teacher"], role=RoleCode.COUNSELLOR, org_unit=college, reason="代管辅导员工作一学期",
        valid_to=today + timedelta(days=120),
    )  # fmt: skip


def _review(people: dict[str, Account], today: date) -> None:
    """Open, with one right signed for already."""
    review = reviews.open_review(
        actor=SYSTEM, title=f"{today.year} 年秋季权限复核", due_on=today + timedelta(days=30)
    )
    item = review.grants.filter(grant__account=people["teacher"]).earliest("pk")
    reviews.keep(item, actor=actor_of(people["dean"]), note="代管到学期末")
