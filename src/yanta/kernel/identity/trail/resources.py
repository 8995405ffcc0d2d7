"""What the auditor sees of the logs' wholeness, and what the information centre sets up for receivers."""

from __future__ import annotations

from typing import Any

from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.trail import logs, services
from yanta.kernel.identity.trail.models import FeedReceipt, LogCheck, LogFeed
from yanta.kernel.resource import Related, Resource, Section, register

OWNER = "信息中心"


@register
class LogCheckResource(Resource):
    """The newest line says up to when the log is proved."""

    model = LogCheck
    title = "日志核对"
    owner = OWNER
    icon = "shield-search"
    hint = "每条日志写入后十几秒内封存；每天凌晨全部重算一遍。“证明到”之前的记录，与写入时一字不差"
    columns = ["log", "is_sound", "proved_from", "proved_to", "rows", "finding", "at"]
    filters = ["log", "is_sound", "at"]
    facts = [
        Section("结论", ["log", "is_sound", "finding", "at"]),
        Section("证明了什么", ["proved_from", "proved_to", "rows", "blocks", "waiting"]),
    ]
    actions = [services.verify_now]
    in_search = False
    order = ["-at"]
    access = {"auditor": "view export verify_now", "security": "view", "engineer": "view verify_now"}


@register
class LogFeedResource(Resource):
    model = LogFeed
    title = "日志外送"
    owner = OWNER
    icon = "send"
    hint = "按 RFC 5424 送到日志审计设备；接收方没有收下就重送，不会漏"
    columns = ["name", "log", "transport", "host", "is_open", "sent", "sent_at", "error"]
    filters = ["log", "transport", "is_open"]
    search = ["name", "host"]
    in_search = False
    form = [
        Section("送什么", ["name", "log", "outcomes"]),
        Section("送到哪里", ["transport", "host", "port", "authority"]),
    ]
    facts = [
        Section("送到哪里", ["log", "outcomes", "transport", "host", "port"]),
        Section("送到哪了", ["is_open", "position", "sent", "sent_at", "error"]),
    ]
    related = [
        Related("回执", FeedReceipt, "feed", ["sent_at", "first_id", "last_id", "rows", "digest"]),
    ]
    actions = [services.try_out, services.open_feed, services.close_feed]
    access = {"engineer": "*", "security": "*", "auditor": "view"}

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        known = {
            value for value, _label in logs.log_named(row.log).model._meta.get_field("outcome").flatchoices
        }
        wrong = {one.strip() for one in row.outcomes.split(",") if one.strip()} - known
        if wrong:
            raise Refused(
                f"没有这样的结果：{'、'.join(sorted(wrong))}；可以填 {', '.join(sorted(known))}",
                field="outcomes",
            )
        row.save()


@register
class FeedReceiptResource(Resource):
    model = FeedReceipt
    owner = OWNER
    icon = "receipt"
    in_menu = False
    in_search = False
    columns = ["feed", "sent_at", "first_id", "last_id", "rows", "digest"]
    filters = ["feed", "sent_at"]
    access = {"engineer": "view export", "security": "view export", "auditor": "view export"}
