"""Opening and closing the way to a receiver; verifying on demand."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.trail import logs, sealing, syslog, verifying
from yanta.kernel.identity.trail.models import LogCheck, LogFeed
from yanta.kernel.operation import Label, operation


@operation("试送", icon="send", bulk=False)
def try_out(feed: LogFeed, *, actor: Actor) -> str:
    """Send the newest row, so that both sides see whether they understand each other; nothing moves."""
    log = logs.log_named(feed.log)
    row = log.model.objects.select_related(*log.joined).order_by("-pk").first()
    if row is None:
        raise Refused("日志还是空的，没有可以试送的记录")
    try:
        message = syslog.as_syslog(log, row, host=syslog.own_host())
        syslog.deliver(
            [message], transport=feed.transport, host=feed.host, port=feed.port, authority=feed.authority
        )
    except syslog.NotDeliveredError as error:
        raise Refused(f"没有送到：{error}", rule="trail.delivery") from error
    return "已送出一条" if feed.transport == LogFeed.Transport.UDP else "接收方已收下一条"


@operation("开始外送", icon="player-play", bulk=False, when=lambda feed: not feed.is_open)
def open_feed(
    feed: LogFeed, *, actor: Actor, from_now: Annotated[bool, Label("从现在开始，此前的不送")] = False
) -> str:
    """Go on where it stopped, or from now on."""
    if feed.is_open:
        raise Refused("已经在外送")
    feed.is_open = True
    if from_now:
        feed.position = max(feed.position, sealing.sealed_to(logs.log_named(feed.log)))
    feed.save(update_fields=["is_open", "position", "updated_at"])
    return "已开始外送，十几秒内送出第一批"


@operation("停止外送", icon="player-pause", bulk=False, when=lambda feed: feed.is_open)
def close_feed(feed: LogFeed, *, actor: Actor) -> str:
    """Stop; the position is kept, so nothing is left out when it opens again."""
    if not feed.is_open:
        raise Refused("没有在外送")
    feed.is_open = False
    feed.save(update_fields=["is_open", "updated_at"])
    return "已停止；再次开始时从这里接着送"


@operation("立即核对", icon="shield-search", model=LogCheck, bulk=False)
def verify_now(*, actor: Actor) -> LogCheck:
    """Walk every log from its first seal on."""
    found = [verifying.verify(log, at=timezone.now()) for log in logs.logs()]
    return next((one for one in found if not one.is_sound), found[0])
