"""Ways to a person beside the portal. A school adds its own (short message, WeCom …) with `@channel`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from django.conf import settings
from django.core.mail import EmailMessage

from yanta.kernel.notify import gateways

if TYPE_CHECKING:
    from yanta.kernel.notify.models import Message


class Channel(Protocol):
    """`deliver` raises when the message did not go out; it is tried again."""

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


@channel
class Mail:
    """By the mail server that YANTA_MAIL_HOST names."""

    code = "mail"

    def address_of(self, person: Any) -> str:
        return str(person.email or "")

    def deliver(self, address: str, message: Message) -> None:
        link = f"\n\n{settings.SITE_ADDRESS.rstrip('/')}{message.link}" if message.link else ""
        # A line break in a subject would be a header of its own.
        subject = " ".join(message.title.split())
        EmailMessage(subject=subject, body=f"{message.body or message.title}{link}", to=[address]).send()


def _said(message: Message) -> tuple[str, str]:
    """Text and address of a message that leaves the portal."""
    link = f"{settings.SITE_ADDRESS.rstrip('/')}{message.link}" if message.link else ""
    return f"{message.title}\n{message.body}".strip(), link


@channel
class Sms:
    """By the gateway that YANTA_SMS_GATEWAY names; short, so only the title."""

    code = "sms"

    def address_of(self, person: Any) -> str:
        return str(person.phone or "") if gateways.texts() else ""

    def deliver(self, address: str, message: Message) -> None:
        way = gateways.texts()
        if way:
            way.send(address, message.title)


@channel
class WeCom:
    """By the school's own WeCom application."""

    code = "wecom"

    def address_of(self, person: Any) -> str:
        return str(person.number) if gateways.wecom() else ""

    def deliver(self, address: str, message: Message) -> None:
        way = gateways.wecom()
        if way:
            way.send(address, *_said(message))
