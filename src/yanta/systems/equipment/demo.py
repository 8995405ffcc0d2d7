"""A plausible register for the demo school."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from yanta.kernel.base.bulk import copy_in
from yanta.kernel.codes import numbers
from yanta.masterdata.models import Room, StaffMember
from yanta.systems.equipment.models import Item

KINDS = (
    ("台式计算机", "05", "联想", "ThinkCentre M950t", 5600), ("笔记本电脑", "05", "华为", "MateBook D16", 6800),
    ("激光打印机", "05", "惠普", "LaserJet Pro 4003", 2400), ("投影机", "05", "爱普生", "CB-L730U", 18500),
    ("数字示波器", "03", "普源", "DHO4204", 16800), ("万能试验机", "03", "美特斯", "E45.105", 486000),
    ("扫描电子显微镜", "03", "蔡司", "Sigma 360", 2380000), ("高速离心机", "03", "湘仪", "H2050R", 39800),
    ("服务器", "05", "浪潮", "NF5280M7", 68500), ("交换机", "05", "华为", "S5735-L48T4X", 7900),
    ("空调", "04", "格力", "KFR-72LW", 6900), ("钢琴", "03", "珠江", "UP118S", 18600),
)  # fmt: skip
STATES = ("in_use",) * 16 + ("idle", "idle", "in_repair", "to_scrap")
COLUMNS = (
    "number", "name", "category", "model_name", "maker", "serial", "department_id", "keeper_id", "room_id", "condition", "price",
    "bought_on", "warranty_until", "status",
)  # fmt: skip


def fill(today: date) -> None:
    """Four hundred pieces kept by staff in the rooms of the school."""
    draw = random.Random(7)  # noqa: S311 - reproducible sample data
    keepers = list(StaffMember.objects.order_by("pk").values_list("pk", "department_id")[:400])
    rooms = list(
        Room.objects.exclude(name__endswith="宿舍").order_by("pk").values_list("pk", flat=True)[:600]
    )
    rows = []
    for _ in range(400):
        name, category, maker, model_name, price = draw.choice(KINDS)
        keeper, department = draw.choice(keepers)
        bought = today - timedelta(days=draw.randrange(30, 3600))
        rows.append((
            _number(bought.year, category), name, category, model_name, maker, f"SN{draw.randrange(10**9):09d}", department,
            keeper, draw.choice(rooms), "", Decimal(price), bought, bought + timedelta(days=1095), draw.choice(STATES),
        ))  # fmt: skip
    copy_in(Item, COLUMNS, rows)


def _number(year: int, category: str) -> str:
    (number,) = numbers.reserve(
        numbers.rule_of("asset-number"), values={"year": year, "category": category}, by="demo"
    )
    return number
