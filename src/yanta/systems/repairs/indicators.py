"""What the repairs can count."""

from yanta.kernel.base.indicators import count, indicator

OWNER = "后勤处"
MENDED = {"all": [
    {"field": "status", "is": "in", "value": ["mended", "closed"]}, {"field": "reported_at", "is": "ge", "value": "$month_ago"},
]}  # fmt: skip

indicator(
    "repairs.mended", "近 30 天修好报修", owner=OWNER, group="校舍", unit="份", order=60,
    parts=count("repair_order", "近 30 天报修并已修好", MENDED),
)  # fmt: skip
indicator(
    "repairs.rework_share", "返修率", owner=OWNER, group="校舍", unit="%", decimals=1, better="lower", target="5", warn="10", order=61,
    parts={"n": count("repair_order", "修好后又返修", {"all": [*MENDED["all"], {"field": "reworks", "is": "gt", "value": 0}]}),
           "d": count("repair_order", "近 30 天修好的报修", MENDED)},
    expression="n / d * 100",
)  # fmt: skip
