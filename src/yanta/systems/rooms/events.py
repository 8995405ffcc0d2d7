"""What is said about meetings."""

from yanta.kernel.notify import template

template(
    "rooms.meeting",
    title="会议{{ what }}：{{ purpose }}",
    body="{{ when }}，{{ place }}",
    icon="calendar-event",
)
