"""A week of messages in the demo school: notices that some have read, results that wait to be opened."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yanta.kernel.access.actors import actor_of
from yanta.kernel.identity.models import Account
from yanta.kernel.jobs import Progress
from yanta.kernel.notify import notices
from yanta.kernel.notify.models import Dispatch, Message, Notice

READ_SHARE = 0.7
NOTICES = (
    ("周六停水通知", "因管网检修，周六 8:00 至 18:00 三号、四号学生公寓停水，请提前储水。", 5, False),
    ("请核对个人信息", "请在“我的数据”核对姓名、手机号和家庭住址，有误的当场点“这里不对”。", 3, True),
    ("体质测试补测安排", "没有参加本学期体质测试的同学，下周三下午到东操场补测，带学生证。", 1, False),
)


def fill(today: date) -> None:
    """Nothing yet: who reaches whom is known when everybody has their rights."""


def settle(today: date) -> None:
    """What the counsellor wrote to the students of the college, as read by most of them."""
    account = Account.objects.filter(username="counsellor", person__home_unit__isnull=False).first()
    if account is None or account.person is None:
        return
    draw = random.Random(17)  # noqa: S311 - reproducible sample data
    for title, body, days_ago, needs_confirmation in NOTICES:
        sent_at = timezone.make_aware(datetime.combine(today - timedelta(days=days_ago), time(10, 5)))
        notice = Notice.objects.create(
            title=title, body=body, audience=f"unit:{account.person.home_unit_id}", only=Notice.Only.STUDENTS,
            audience_shown=str(account.person.home_unit), needs_confirmation=needs_confirmation,
            confirm_by=sent_at + timedelta(days=7) if needs_confirmation else None, author=account.person,
            account_id=account.pk, org_unit=account.person.home_unit, status=Notice.Status.APPROVED,
        )  # fmt: skip
        if actor_of(account).may(notices.compose.permission):
            notices.deliver(notice.pk, Progress())
            _age(notice, sent_at, draw)


def _age(notice: Notice, sent_at: datetime, draw: random.Random) -> None:
    """As it stands some days later."""
    rows = Message.objects.filter(notice=notice)
    rows.update(created_at=sent_at, updated_at=sent_at)
    opened = [pk for pk in rows.values_list("pk", flat=True) if draw.random() < READ_SHARE]
    read_at = sent_at + timedelta(hours=2)
    Message.objects.filter(pk__in=opened, person__account__state="pending").update(
        read_at=read_at, confirmed_at=read_at if notice.needs_confirmation else None
    )
    Dispatch.objects.filter(message__notice=notice).update(
        state=Dispatch.State.SENT, sent_at=sent_at, due_at=sent_at
    )
    Notice.objects.filter(pk=notice.pk).update(sent_at=sent_at, created_at=sent_at)
