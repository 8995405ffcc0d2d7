"""What the trips can count."""

from yanta.kernel.base.indicators import count, indicator

indicator(
    "trips.away", "正在出差人数", owner="人事处", group="师资", unit="人", order=27, dimensions=("kind",),
    parts=count("trip", "已批准、今天在外的出差", {"all": [
        {"field": "status", "is": "eq", "value": "granted"},
        {"field": "starts_on", "is": "le", "value": "$today"},
        {"field": "ends_on", "is": "ge", "value": "$today"},
    ]}),
)  # fmt: skip
