"""Ways to a person beside the portal. A school adds its own with `@channel`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from django.conf import settings
from django.core.mail import EmailMessage

from yanta.kernel.notify import gateways, pushing

if TYPE_CHECKING:
    from yanta.kernel.notify.models import Message

ORDER = ("push", "wecom", "dingtalk", "feishu", "wechat", "mail", "sms")


class Channel(Protocol):
    """`deliver` raises when the message did not go out; it is tried again.

    May say more: `title` and `reached_by` for people, `is_ready()` whether a gateway is configured, `addresses_of` for
    many people at once, `at_once` how many texts `deliver_all` takes in one call that succeeds or fails as a whole.
    """

    code: str

    def address_of(self, person: Any) -> str:
        """Where the person is reached; '' when nowhere."""

    def deliver(self, address: str, message: Message) -> None: ...


_channels: dict[str, Channel] = {}
C = TypeVar("C", bound=type[Any])


def channel(kind: C) -> C:
    """Class decorator: make a channel known under its code."""
    made = kind()
    _channels[made.code] = made
    return kind


def channel_named(code: str) -> Channel | None:
    return _channels.get(code)


def order() -> tuple[str, ...]:
    """Which way is tried first; YANTA_CHANNELS says otherwise."""
    chosen = tuple(getattr(settings, "NOTIFY_CHANNELS", ())) or ORDER
    return (*chosen, *(code for code in _channels if code not in ORDER))


def is_ready(code: str) -> bool:
    """Whether the school has this way out at all."""
    way = _channels.get(code)
    return way is not None and getattr(way, "is_ready", lambda: True)()


def ready_codes() -> frozenset[str]:
    """The ways out that any message may fall back to; a school's own channels are used where they are named."""
    chosen = getattr(settings, "NOTIFY_CHANNELS", ()) or ORDER
    return frozenset(code for code in chosen if is_ready(code))


def title_of(code: str) -> str:
    return str(getattr(_channels.get(code), "title", code))


def icon_of(code: str) -> str:
    return str(getattr(_channels.get(code), "icon", "message"))


def why_not(code: str) -> str:
    """Why a person is not reached this way, in words."""
    title = title_of(code)
    if code not in _channels:
        return f"没有“{title}”这个渠道"
    if not is_ready(code):
        return f"学校没有配置{title}"
    return f"没有登记{getattr(_channels[code], 'reached_by', title + '地址')}"


def addresses_of(way: Channel, people: Sequence[Any]) -> dict[int, str]:
    """By person, where this way reaches them; '' when nowhere."""
    many = getattr(way, "addresses_of", None)
    return many(people) if many else {person.pk: way.address_of(person) for person in people}


def with_push(people: Collection[int]) -> set[int]:
    """Who of these allowed a browser to show messages."""
    return pushing.subscribed(people) if is_ready("push") else set()


def link_of(message: Message) -> str:
    return f"{settings.SITE_ADDRESS.rstrip('/')}{message.link}" if message.link else ""


def _said(message: Message) -> tuple[str, str]:
    """Text and address of a message that leaves the portal."""
    return f"{message.title}\n{message.body}".strip(), link_of(message)


class _Texts(ABC):
    """Short texts by a gateway; the demo's keeps many at once, in the transaction that books them."""

    @abstractmethod
    def gateway(self) -> Any:
        """Where the texts go."""

    def written(self, message: Message) -> tuple[str, str]:
        return _said(message)

    @property
    def at_once(self) -> int:
        return gateways.AT_ONCE if isinstance(self.gateway(), gateways.Simulator) else 1

    def is_ready(self) -> bool:
        return self.gateway() is not None

    def deliver(self, address: str, message: Message) -> None:
        way = self.gateway()
        if way:
            way.send(address, *self.written(message))

    def deliver_all(self, texts: Sequence[tuple[str, Message]]) -> None:
        self.gateway().send_all([(address, *self.written(message)) for address, message in texts])


@channel
class Mail(_Texts):
    """By the mail server that YANTA_MAIL_HOST names."""

    code, title, reached_by = "mail", "邮件", "电子邮箱"
    icon = "mail"

    def gateway(self) -> Any:
        return gateways.mail()

    def address_of(self, person: Any) -> str:
        return str(person.email or "") if self.is_ready() else ""

    def written(self, message: Message) -> tuple[str, str]:
        # A line break in a subject would be a header of its own.
        subject = " ".join(message.title.split())
        return f"{subject}\n{message.body}".strip(), link_of(message)

    def deliver(self, address: str, message: Message) -> None:
        if isinstance(self.gateway(), gateways.Simulator):
            super().deliver(address, message)
            return
        text, link = self.written(message)
        subject, _, body = text.partition("\n")
        EmailMessage(subject=subject, body=f"{body or subject}\n\n{link}".strip(), to=[address]).send()


@channel
class Sms(_Texts):
    """By the gateway that YANTA_SMS_GATEWAY names; short, so only the short text or the title."""

    code, title, reached_by = "sms", "短信", "手机号"
    icon = "message"

    def gateway(self) -> Any:
        return gateways.texts()

    def address_of(self, person: Any) -> str:
        return str(person.phone or "") if self.is_ready() else ""

    def written(self, message: Message) -> tuple[str, str]:
        return message.short or message.title, ""


class _Application(_Texts):
    """An application of a message service; people are known to it by an address that is kept, or by their number."""

    code = title = reached_by = ""
    by_number = True

    def gateway(self) -> Any:
        return gateways.application(self.code)

    def address_of(self, person: Any) -> str:
        return self.addresses_of([person])[person.pk]

    def addresses_of(self, people: Sequence[Any]) -> dict[int, str]:
        if not self.is_ready():
            return dict.fromkeys((person.pk for person in people), "")
        kept = _kept_addresses([person.pk for person in people], self.code)
        return {
            person.pk: kept.get(person.pk) or (str(person.number) if self.by_number else "")
            for person in people
        }


def _kept_addresses(people: Collection[int], code: str) -> dict[int, str]:
    from yanta.kernel.notify.models import ChannelAddress

    rows = ChannelAddress.objects.filter(person_id__in=people, channel=code)
    return {row.person_id: str(row.address) for row in rows}


@channel
class WeCom(_Application):
    """By the school's own WeCom application."""

    code, title, reached_by = "wecom", "企业微信", "企业微信账号"
    icon = "brand-wechat"


@channel
class DingTalk(_Application):
    code, title, reached_by = "dingtalk", "钉钉", "钉钉账号"
    icon = "message-circle"


@channel
class Feishu(_Application):
    code, title, reached_by = "feishu", "飞书", "飞书账号"
    icon = "send"


@channel
class WeChat(_Application):
    """A template message of the school's public account; only who follows it has an openid there."""

    code, title, reached_by = "wechat", "微信", "微信（未关注学校公众号）"
    icon = "brand-wechat"

    @property
    def by_number(self) -> bool:  # type: ignore[override]  # only the imitation knows people by their number
        return isinstance(gateways.application(self.code), gateways.Simulator)


@channel
class Push:
    """To the browsers that a person allowed."""

    code, title, reached_by = "push", "浏览器推送", "允许通知的浏览器"
    icon = "bell-ringing"

    def address_of(self, person: Any) -> str:
        return self.addresses_of([person])[person.pk]

    def addresses_of(self, people: Sequence[Any]) -> dict[int, str]:
        allowed = pushing.subscribed([person.pk for person in people])
        return {person.pk: str(person.pk) if person.pk in allowed else "" for person in people}

    def deliver(self, address: str, message: Message) -> None:
        pushing.push(int(address), message.title, message.short or message.body, link_of(message))
