"""Notices, what goes out and what does not, addresses of channels, wordings."""

from __future__ import annotations

from yanta.kernel.notify import letters, notices, wording
from yanta.kernel.notify.channels import title_of
from yanta.kernel.notify.models import ChannelAddress, Dispatch, Notice, Wording
from yanta.kernel.resource import Column, Resource, Section, Sheet, register


@register
class NoticeResource(Resource):
    model = Notice
    title = "发出的通知"
    owner = "党政办公室"
    icon = "speakerphone"
    hint = "还没有发过通知。点“发通知”选择发给谁，发送前会显示人数。"
    columns = ["title", "audience_shown", "recipients", "author", "org_unit", "status", "send_at", "sent_at"]
    filters = ["status", "org_unit", "needs_confirmation", "is_urgent", "sent_at"]
    search = ["title", "body", "author__name"]
    in_search = False
    facts = [
        Section("通知", ["title", "body", "link", "audience_shown", "only", "recipients"]),
        Section(
            "办理",
            ["status", "author", "org_unit", "send_at", "sent_at", "decided_by", "opinion", "recall_reason"],
        ),
        Section("确认", ["needs_confirmation", "confirm_by", "reminded_at", "escalated_at"]),
    ]
    actions = [notices.compose, notices.approve, notices.refuse, notices.remind, notices.recall]
    access = dict.fromkeys((*notices.WRITERS, "auditor", "security"), "view")


@register
class DispatchResource(Resource):
    model = Dispatch
    title = "消息发送队列"
    owner = "信息中心"
    icon = "send"
    hint = "站外发送的每一条都在这里：发到哪、发没发出、为什么没有"
    columns = [
        "message", "person", Column("channel", "渠道", lambda row: title_of(row.channel)), "state", "due_at", "sent_at",
        "attempts", "error",
    ]  # fmt: skip
    filters = ["state", "channel", "due_at"]
    search = ["person__number", "person__name"]
    in_search = False
    facts = [
        Section(
            "发送",
            [
                "message",
                "person",
                "channel",
                "state",
                "due_at",
                "sent_at",
                "attempts",
                "error",
                "fallbacks",
                "bundle",
            ],
        )
    ]
    actions = [letters.retry]
    access = {"engineer": "view export retry", "auditor": "view"}


@register
class ChannelAddressResource(Resource):
    model = ChannelAddress
    title = "渠道地址"
    owner = "信息中心"
    icon = "address-book"
    hint = "企业微信、钉钉、飞书默认按人员号找到人；账号不同的、微信的 openid 登记在这里"
    columns = ["person", "channel", "updated_at"]
    filters = ["channel", "person__home_unit"]
    search = ["person__number", "person__name"]
    in_search = False
    form = [Section("地址", ["person", "channel", "address"])]
    sheet = Sheet(key=["person", "channel"])
    access = {"engineer": "*", "auditor": "view"}


@register
class WordingResource(Resource):
    model = Wording
    title = "消息措辞版本"
    owner = "信息中心"
    icon = "message-language"
    hint = "学校改过的消息措辞，每改一次一版"
    columns = ["template", "language", "number", "title", "is_current", "author", "created_at"]
    filters = ["language", "is_current"]
    search = ["template", "title"]
    in_search = False
    in_menu = False
    actions = [wording.reword, wording.restore]
    access = {"engineer": "view reword restore", "auditor": "view"}
