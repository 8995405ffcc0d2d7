"""What the ministry counts as valuable, and which way a piece of equipment may go."""

from __future__ import annotations

from decimal import Decimal

# 财政部《行政事业性国有资产管理条例》配套口径：单价 40 万元及以上为大型仪器设备。
LARGE_FROM = Decimal("400000")

NEXT = {
    "in_use": {"idle", "in_repair", "to_scrap"},
    "idle": {"in_use", "to_scrap"},
    "in_repair": {"in_use", "to_scrap"},
    "to_scrap": {"scrapped", "idle"},
    "scrapped": set[str](),
}


def may_become(status: str, wanted: str) -> bool:
    return wanted in NEXT[status]


def is_large(price: Decimal) -> bool:
    return price >= LARGE_FROM
