"""What the leaves can count."""

from yanta.kernel.base.indicators import count, indicator

OWNER = "学工部"

indicator(
    "leave.away", "正在请假人次", owner=OWNER, group="学生", unit="人次", order=26, dimensions=("kind",),
    parts=count("leave", "已批准、尚未销假、今天在假期内的请假", {"all": [
        {"field": "status", "is": "eq", "value": "granted"},
        {"field": "starts_on", "is": "le", "value": "$today"},
        {"field": "ends_on", "is": "ge", "value": "$today"},
    ]}),
)  # fmt: skip
indicator(
    "leave.overdue_share", "逾期未销假占比", owner=OWNER, group="学生", unit="%", decimals=1, better="lower", target="5", warn="15", order=28,
    parts={"n": count("leave", "假期已过而未销假", {"all": [
               {"field": "status", "is": "eq", "value": "granted"}, {"field": "ends_on", "is": "lt", "value": "$today"}]}),
           "d": count("leave", "假期已过的请假", {"all": [
               {"field": "status", "is": "in", "value": ["granted", "returned"]}, {"field": "ends_on", "is": "lt", "value": "$today"}]})},
    expression="n / d * 100", dimensions=("kind",),
)  # fmt: skip
