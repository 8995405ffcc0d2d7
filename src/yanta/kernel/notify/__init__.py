"""Messages to people: in the portal, by mail, and by what other channels a school adds."""

from yanta.kernel.notify.channels import Channel, channel
from yanta.kernel.notify.declare import Template, template
from yanta.kernel.notify.reading import mark_all_read, mark_read, receipt_of, unread_of
from yanta.kernel.notify.sending import send

__all__ = [
    "Channel",
    "Template",
    "channel",
    "mark_all_read",
    "mark_read",
    "receipt_of",
    "send",
    "template",
    "unread_of",
]
