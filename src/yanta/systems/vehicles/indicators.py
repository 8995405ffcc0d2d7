"""What the fleet can count."""

from yanta.kernel.base.indicators import count, indicator, total

OWNER = "后勤处"
DONE = {"all": [
    {"field": "status", "is": "eq", "value": "done"}, {"field": "starts_at", "is": "ge", "value": "$month_ago"},
]}  # fmt: skip

indicator(
    "vehicles.rides", "近 30 天公务用车次数", owner=OWNER, group="校舍", unit="次", order=62,
    parts=count("vehicle_ride", "近 30 天已完成的用车", DONE),
)  # fmt: skip
indicator(
    "vehicles.cost", "近 30 天公务用车费用", owner=OWNER, group="校舍", unit="元", decimals=2, order=63,
    parts=total("vehicle_ride", "cost", "近 30 天用车费用合计", DONE),
)  # fmt: skip
