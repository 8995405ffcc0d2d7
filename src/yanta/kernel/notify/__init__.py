"""Messages to people: in the portal, and by whatever way reaches them; notices of people to people."""

from yanta.kernel.notify.channels import Channel, channel
from yanta.kernel.notify.declare import Template, template
from yanta.kernel.notify.reading import mark_all_read, mark_read, receipt_of, unread_of
from yanta.kernel.notify.sending import recall, send

__all__ = [
    "Channel",
    "Template",
    "channel",
    "mark_all_read",
    "mark_read",
    "recall",
    "receipt_of",
    "send",
    "template",
    "unread_of",
]
