"""What timetables can count."""

from yanta.kernel.base.indicators import count, indicator

indicator(
    "timetables.placed_share", "课表排上率", owner="教务处", group="教学", unit="%", decimals=1, better="higher", target="100", warn="98",
    order=38,
    parts={"n": count("placement", "排上时间的课", {"field": "problem", "is": "eq", "value": ""}), "d": count("placement", "全部要排的课")},
    expression="n / d * 100",
)  # fmt: skip
