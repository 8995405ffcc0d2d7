"""The bell, and what is new on the home page."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.notify import notices
from yanta.kernel.notify.models import Message, Notice
from yanta.kernel.notify.reading import unread_of
from yanta.kernel.portal.cards import CardContent, CardRow, Place, card, places
from yanta.kernel.portal.formats import relative
from yanta.kernel.portal.todos import Todo, todos, unread_count

SHOWN = 5


@unread_count
def unread_messages(actor: Actor) -> int:
    return unread_of(actor)


@card(title="最近消息", order=40, icon="bell")
def newest_messages(actor: Actor) -> CardContent | None:
    """What changed; the ones not opened yet stand out."""
    if actor.person_id is None:
        return None
    rows = [
        CardRow(
            title=one.title,
            url=f"/messages/{one.pk}/",
            end=relative(one.created_at),
            is_new=one.read_at is None,
        )
        for one in Message.objects.filter(person_id=actor.person_id)[:SHOWN]
    ]
    return CardContent(
        rows=rows, more_url="/messages/" if rows else "", empty="还没有消息。办理结果、到期提醒会出现在这里。"
    )


@places
def pages() -> list[Place]:
    return [
        Place("消息", "/messages/", "个人", "bell", "审批结果、到期提醒、学校通知；怎样收也在这里定", in_menu=False),
        Place("发通知", "/notices/new/", "个人", "speakerphone", "发给单位、班级、岗位或个人，谁读了谁没读一目了然", "notify.notice.compose"),
        Place("消息发送情况", "/messages/statistics/", "平台", "chart-bar", "每个渠道送出多少、没送出的为什么", "notify.dispatch.view"),
    ]  # fmt: skip


@todos
def to_confirm(actor: Actor) -> list[Todo]:
    """Notices that wait for “I have taken note”."""
    if actor.person_id is None:
        return []
    rows = Message.objects.filter(
        person_id=actor.person_id, needs_confirmation=True, confirmed_at=None, recalled_at=None
    )[:SHOWN * 2]  # fmt: skip
    return [
        Todo(
            f"请确认：{one.title}", f"/messages/{one.pk}/", kind="通知", icon="checkbox",
            due_on=timezone.localtime(one.confirm_by).date() if one.confirm_by else None,
        )
        for one in rows
    ]  # fmt: skip


@todos
def to_approve(actor: Actor) -> list[Todo]:
    """Notices to many people that wait for a second person's word."""
    permission = notices.approve.permission
    if not actor.may(permission):
        return []
    waiting = Notice.objects.visible_to(actor, permission).filter(status=Notice.Status.PENDING)
    count = waiting.exclude(author_id=actor.person_id).count()
    address = "/notify/notice/?status=pending"
    return (
        [Todo(f"{count} 份通知待批准", address, kind="通知", icon="speakerphone", count=count)]
        if count
        else []
    )
