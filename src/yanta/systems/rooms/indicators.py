"""What the bookings of rooms can count."""

from yanta.kernel.base.indicators import count, indicator, total

BOOKED = {
    "all": [
        {"field": "status", "is": "eq", "value": "booked"},
        {"field": "starts_at", "is": "ge", "value": "$month_ago"},
    ]
}

indicator(
    "rooms.bookings", "近 30 天房间借用次数", owner="后勤处", group="校舍", unit="次", order=59, dimensions=("room_name",),
    parts=count("booking", "近 30 天开始、未取消的借用", BOOKED),
)  # fmt: skip
indicator(
    "rooms.attendance", "房间借用平均人数", owner="后勤处", group="校舍", unit="人", decimals=1, order=59,
    parts={"people": total("booking", "attendance", "近 30 天借用的人数合计", BOOKED), "times": count("booking", "近 30 天的借用次数", BOOKED)},
    expression="people / times",
)  # fmt: skip
