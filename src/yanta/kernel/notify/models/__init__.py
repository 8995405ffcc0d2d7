"""Messages and their way out, what people prefer, what people send to people."""

from yanta.kernel.notify.models.messages import Dispatch, Message, SimulatedText
from yanta.kernel.notify.models.notices import Attachment, Notice
from yanta.kernel.notify.models.reaching import ChannelAddress, Preference, PushSubscription
from yanta.kernel.notify.models.wordings import Wording

__all__ = [
    "Attachment", "ChannelAddress", "Dispatch", "Message", "Notice", "Preference", "PushSubscription", "SimulatedText",
    "Wording",
]  # fmt: skip
