"""What a term's teaching can count."""

from yanta.kernel.base.indicators import count, indicator, total

OWNER = "教务处"
OPEN = {"field": "status", "is": "eq", "value": "open"}
KEPT = {"field": "status", "is": "in", "value": ["draft", "confirmed"]}

indicator(
    "offerings.sections", "开设教学班数", owner=OWNER, group="教学", unit="个", order=35,
    parts=count("section", "开班的教学班", OPEN),
)  # fmt: skip
indicator(
    "offerings.section_size", "教学班平均人数", owner=OWNER, group="教学", unit="人", decimals=1, better="lower", order=36,
    parts={"n": total("section", "size", "开班教学班的计划人数合计", OPEN), "d": count("section", "开班的教学班", OPEN)}, expression="n / d",
)  # fmt: skip
indicator(
    "offerings.confirmed_share", "开课确认率", owner=OWNER, group="教学", unit="%", decimals=1, better="higher", target="100", warn="80",
    order=37, dimensions=("is_elective",),
    parts={"n": count("offering", "已确认的开课", {"field": "status", "is": "eq", "value": "confirmed"}),
           "d": count("offering", "待确认和已确认的开课", KEPT)},
    expression="n / d * 100",
)  # fmt: skip
