"""A notice from being written to its receipt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count, Q
from django.utils import timezone

from yanta.kernel.access.actors import actor_of
from yanta.kernel.base import Actor, Refused
from yanta.kernel.files import readable
from yanta.kernel.files.models import StoredFile
from yanta.kernel.jobs import Progress, start
from yanta.kernel.notify import audiences, sending
from yanta.kernel.notify.declare import template, template_named
from yanta.kernel.notify.models import Attachment, Dispatch, Message, Notice
from yanta.kernel.operation import Label, Long, operation

if TYPE_CHECKING:
    from yanta.kernel.notify.audiences import Reached

RULE = "notify.notice"
PURPOSE = "notify.attachment"
WRITERS = ("counsellor", "clerk", "head", "leader", "engineer", "local_admin")
REMIND_EVERY = timedelta(hours=1)
LONGEST_AHEAD = timedelta(days=180)
Status = Notice.Status
CODE = "notice.sent"
URGENT = "notice.urgent"
# A person who writes to people uses whatever reaches them; the urgent also by short message.
template(CODE, title="{{ title }}", body="{{ body }}", channels=("wecom", "mail"), icon="speakerphone")
template(
    URGENT,
    title="{{ title }}",
    body="{{ body }}",
    channels=("wecom", "sms"),
    urgent=True,
    icon="alert-octagon",
)
template(
    "notice.reminder", title="请{{ verb }}通知：{{ title }}", body="{{ author }}提醒您：{{ until }}",
    channels=("wecom", "mail"), icon="bell-ringing",
)  # fmt: skip
template(
    "notice.unconfirmed", title="{{ count }} 人逾期未确认：{{ title }}", body="{{ names }}",
    channels=("wecom", "mail"), icon="user-exclamation",
)  # fmt: skip
template(
    "notice.to_approve",
    title="有一份通知待您批准：{{ title }}",
    body="{{ author }}拟发给 {{ count }} 人：{{ to }}",
    icon="checkbox",
)
template("notice.decided", title="通知{{ result }}：{{ title }}", body="{{ opinion }}", icon="checkbox")

Audience = Annotated[str, Label("发给", "如 unit:12 class:3 role:counsellor person:2026000001，用空格分开")]


def limit() -> int:
    return int(getattr(settings, "NOTICE_LIMIT", 500))


@operation("发通知", model=Notice, icon="speakerphone", roles=WRITERS)
def compose(
    *, actor: Actor, title: str, body: Annotated[str, Label("内容"), Long(8)], audience: Audience,
    only: Annotated[Notice.Only, Label("人员")] = Notice.Only.EVERYBODY, link: Annotated[str, Label("链接")] = "",
    is_urgent: Annotated[bool, Label("紧急", "夜间也发，同时发短信")] = False,
    needs_confirmation: Annotated[bool, Label("须确认", "收件人要点“我已知悉”")] = False,
    confirm_by: Annotated[datetime | None, Label("确认期限")] = None,
    send_at: Annotated[datetime | None, Label("定时发送")] = None,
) -> Notice:  # fmt: skip
    """Written, counted, and on its way: at once, at its time, or when somebody else has approved it."""
    if actor.person_id is None or actor.account_id is None:
        raise Refused("只有本人可以发通知，程序账号请用系统消息", rule=RULE)
    _check(title, body, link, confirm_by, send_at)
    reached = _reached(audience, only, actor)
    notice = Notice(
        title=title.strip(), body=body, link=link, audience=" ".join(audience.split()), only=only, is_urgent=is_urgent,
        audience_shown=reached.shown[:500], needs_confirmation=needs_confirmation or confirm_by is not None,
        confirm_by=confirm_by, send_at=send_at, author_id=actor.person_id, account_id=actor.account_id,
        org_unit_id=_unit_of(actor), recipients=reached.count,
    )  # fmt: skip
    notice.status = Status.PENDING if reached.count > limit() else Status.APPROVED
    notice.save()
    if notice.status == Status.PENDING:
        _ask_for_approval(notice, actor)
    else:
        _begin(notice, actor)
    return notice


def attach(notice: Notice, files: Sequence[StoredFile]) -> None:
    """Files beside a notice that was just written."""
    Attachment.objects.bulk_create([Attachment(notice=notice, file=file) for file in files])


def _check(title: str, body: str, link: str, confirm_by: datetime | None, send_at: datetime | None) -> None:
    now = timezone.now()
    if not title.strip() or not body.strip():
        raise Refused("标题和内容都要写", field="body" if title.strip() else "title", rule=RULE)
    if link and not (link.startswith("/") and not link.startswith("//")) and not link.startswith("https://"):
        raise Refused("链接须以 / 或 https:// 开头", field="link", rule=RULE)
    if send_at and not now - timedelta(minutes=5) <= send_at <= now + LONGEST_AHEAD:
        raise Refused("定时发送须在半年以内，且不早于现在", field="send_at", rule=RULE)
    if confirm_by and confirm_by <= (send_at or now):
        raise Refused("确认期限须晚于发送时间", field="confirm_by", rule=RULE)


def _reached(audience: str, only: str, actor: Actor) -> Reached:
    reached = audiences.people_in(audience, only=only, actor=actor)
    if reached.beyond:
        raise Refused(
            f"收件范围中有 {reached.beyond} 人不在您的管理范围内，请缩小范围",
            field="audience",
            rule=audiences.RULE,
        )
    if not reached.count:
        raise Refused("这个范围里没有可以收到通知的人", field="audience", rule=audiences.RULE)
    return reached


def _unit_of(actor: Actor) -> int | None:
    from yanta.kernel.people.models import Person

    found: int | None = (
        Person.objects.filter(pk=actor.person_id).values_list("home_unit_id", flat=True).first()
    )
    return found


def _ask_for_approval(notice: Notice, actor: Actor) -> None:
    near = audiences.superiors_of([notice.author_id]).get(notice.author_id, [])
    context = {
        "title": notice.title,
        "author": actor.name,
        "count": notice.recipients,
        "to": notice.audience_shown,
    }
    sending.send("notice.to_approve", to=near, context=context, link=f"/notices/{notice.pk}/")


def _is_pending(notice: Notice) -> bool:
    return notice.status == Status.PENDING


@operation("批准发送", icon="check", roles=("head", "leader", "engineer"), when=_is_pending)
def approve(notice: Notice, *, actor: Actor, opinion: str = "同意") -> None:
    """A second person's word on what goes to many."""
    _decide(notice, Status.APPROVED, actor, opinion)
    _begin(notice, actor)


@operation("不批准", icon="x", danger=True, roles=("head", "leader", "engineer"), when=_is_pending)
def refuse(notice: Notice, *, actor: Actor, opinion: str) -> None:
    """With a reason that the writer reads."""
    _decide(notice, Status.REFUSED, actor, opinion)


def _decide(notice: Notice, status: Status, actor: Actor, opinion: str) -> None:
    if notice.status != Status.PENDING:
        raise Refused(f"这份通知{notice.get_status_display()}，不用批准")
    if notice.author_id == actor.person_id:
        raise Refused("自己写的通知由别人批准", rule=RULE)
    notice.status, notice.opinion, notice.decided_by = status, opinion, actor.name
    notice.save(update_fields=["status", "opinion", "decided_by", "updated_at"])
    result = "已批准" if status == Status.APPROVED else "未批准"
    context = {"result": result, "title": notice.title, "opinion": f"{actor.name}：{opinion}"}
    sending.send("notice.decided", to=[notice.author_id], context=context, link=f"/notices/{notice.pk}/")


def _begin(notice: Notice, actor: Actor) -> None:
    """In the background at once; one with a later time waits for `begin_due`."""
    if notice.send_at and notice.send_at > timezone.now():
        return
    from yanta.kernel.notify.jobs import deliver_notice

    start(deliver_notice, actor=actor, notice_id=notice.pk)


def begin_due() -> int:
    """Start what was written for a time that has come."""
    now = timezone.now()
    due = list(Notice.objects.filter(status=Status.APPROVED, send_at__lte=now))
    for notice in due:
        _begin(notice, Actor.system("notices"))
        notice.status = Status.RUNNING
        notice.save(update_fields=["status", "updated_at"])
    return len(due)


def deliver(notice_id: int, progress: Progress) -> None:
    """Every recipient's message; run again after a crash it does the rest, for nobody is told twice."""
    notice = Notice.objects.get(pk=notice_id)
    if notice.status not in (Status.APPROVED, Status.RUNNING):
        progress.finish(text=f"通知{notice.get_status_display()}，没有发送", link=f"/notices/{notice.pk}/")
        return
    # The writer's reach of now: whoever lost a right since writing has lost it here too.
    writer = actor_of(get_user_model()._default_manager.get(pk=notice.account_id))
    reached = audiences.people_in(notice.audience, only=notice.only, actor=writer)
    people = list(reached.people.values_list("pk", flat=True))
    Notice.objects.filter(pk=notice.pk).update(status=Status.RUNNING)
    parcel = _parcel(notice)
    for begin in range(0, len(people), sending.BATCH):
        sending.deliver(parcel, people[begin : begin + sending.BATCH])
        progress.step(min(begin + sending.BATCH, len(people)), len(people), "正在发送")
    count = Message.objects.filter(notice=notice).count()
    Notice.objects.filter(pk=notice.pk, status=Status.RUNNING).update(
        status=Status.DONE, recipients=count, sent_at=timezone.now(), updated_at=timezone.now()
    )
    progress.finish(link=f"/notices/{notice.pk}/", text=f"已发给 {count} 人", recipients=count)


def _parcel(notice: Notice) -> sending.Parcel:
    kind = template_named(URGENT if notice.is_urgent else CODE)
    extra = {
        "notice_id": notice.pk,
        "needs_confirmation": notice.needs_confirmation,
        "confirm_by": notice.confirm_by,
    }
    context = {"title": notice.title, "body": notice.body}
    return sending.Parcel(kind, context, notice.link, f"notice:{notice.pk}", notice.is_urgent, extra)


def _is_out(notice: Notice) -> bool:
    return notice.status in (Status.DONE, Status.RUNNING, Status.APPROVED, Status.PENDING)


@operation("撤回", icon="arrow-back-up", danger=True, roles=WRITERS, when=_is_out, bulk=False,
           confirm="收件人将看不到内容，只看到“已撤回”和原因；已经发出的短信、邮件收不回来。")  # fmt: skip
def recall(notice: Notice, *, actor: Actor, reason: str) -> None:
    """Nobody reads it any more; what has left the house cannot be fetched back and is counted on the receipt."""
    if not _is_out(notice):
        raise Refused(f"这份通知{notice.get_status_display()}，不能撤回")
    notice.status, notice.recall_reason = Status.WITHDRAWN, reason
    notice.save(update_fields=["status", "recall_reason", "updated_at"])
    sending.withdraw(Message.objects.filter(notice=notice, recalled_at=None))


@operation(
    "提醒未读", icon="bell-ringing", roles=WRITERS, when=lambda one: one.status == Status.DONE, bulk=False
)
def remind(notice: Notice, *, actor: Actor) -> str:
    """Whoever has not read it, or not confirmed it, hears of it once more; at most once an hour."""
    if notice.status != Status.DONE:
        raise Refused("通知还没有发出")
    if notice.reminded_at and timezone.now() - notice.reminded_at < REMIND_EVERY:
        raise Refused("一小时内已经提醒过一次，请稍后再提醒", rule=RULE)
    open_ = open_messages(notice).values_list("person_id", flat=True)
    until = (
        f"请于 {timezone.localtime(notice.confirm_by):%m-%d %H:%M} 前确认"
        if notice.confirm_by
        else "请尽快查看"
    )
    verb = "确认" if notice.needs_confirmation else "查看"
    context = {"verb": verb, "title": notice.title, "author": actor.name, "until": until}
    count = sending.send(
        "notice.reminder", to=list(open_), context=context, link=f"/notices/{notice.pk}/mine/"
    )
    if not count:
        raise Refused("所有人都已经看过，不用提醒")
    notice.reminded_at = timezone.now()
    notice.save(update_fields=["reminded_at", "updated_at"])
    return f"已提醒 {count} 人"


def open_messages(notice: Notice) -> Any:
    """The messages that nobody has read, or where it is asked for, confirmed."""
    rows = Message.objects.filter(notice=notice, recalled_at=None)
    return rows.filter(confirmed_at=None) if notice.needs_confirmation else rows.filter(read_at=None)


def report_overdue() -> int:
    """Once the time to confirm is over, those who answer for the silent ones hear their names."""
    now = timezone.now()
    late = Notice.objects.filter(status=Status.DONE, confirm_by__lte=now, escalated_at=None)
    return sum(_report(notice, now) for notice in late)


def _report(notice: Notice, now: datetime) -> int:
    silent = {row.person_id: row.person.name for row in open_messages(notice).select_related("person")}
    by_superior: dict[int, list[str]] = defaultdict(list)
    for person, above in audiences.superiors_of(silent).items():
        for superior in above or [notice.author_id]:
            by_superior[superior].append(silent[person])
    for superior, names in by_superior.items():
        shown = "、".join(names[:30]) + (f" 等 {len(names)} 人" if len(names) > 30 else "")
        context = {"count": len(names), "title": notice.title, "names": shown}
        sending.send(
            "notice.unconfirmed",
            to=[superior],
            context=context,
            link=f"/notices/{notice.pk}/",
            once=f"late:{notice.pk}",
        )
    Notice.objects.filter(pk=notice.pk).update(escalated_at=now)
    return len(by_superior)


def receipt_of(notice: Notice) -> dict[str, int]:
    """Sums that add up: recipients = read + unread, and with a duty recipients = confirmed + unconfirmed."""
    return dict(
        Message.objects.filter(notice=notice).aggregate(
            recipients=Count("pk"),
            read=Count("pk", filter=Q(read_at__isnull=False)),
            unread=Count("pk", filter=Q(read_at=None)),
            confirmed=Count("pk", filter=Q(confirmed_at__isnull=False)),
            unconfirmed=Count("pk", filter=Q(confirmed_at=None)),
        )
    )


def ways_of(notice: Notice) -> list[tuple[str, str, int]]:
    """By which channels it left the house, and what became of that."""
    rows = Dispatch.objects.filter(message__notice=notice).values_list("channel", "state")
    labels = dict(Dispatch.State.choices)
    counted = rows.annotate(n=Count("pk")).order_by("channel", "state")
    return [(channel, labels[state], count) for channel, state, count in counted]


@readable(PURPOSE)
def is_for(file: StoredFile, actor: Actor) -> bool:
    """Whoever got the notice, and whoever may see it, reads what goes with it."""
    notices = Notice.objects.filter(attachments__file=file)
    mine = Message.objects.filter(notice__in=notices, person_id=actor.person_id or 0, recalled_at=None)
    return mine.exists() or notices.visible_to(actor).exists()
