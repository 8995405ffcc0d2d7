"""The store of spare parts."""

from __future__ import annotations

from typing import Annotated

from django.db.models import F

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.systems.repairs.models import Material


@operation("入库", icon="package-import", bulk=False)
def stock_up(
    material: Material, *, actor: Actor, quantity: Annotated[int, Label("数量")],
    note: Annotated[str, Label("来源", "采购单号或盘点说明")],
) -> None:  # fmt: skip
    """More of it; a negative number is what a stock-taking found missing."""
    if quantity == 0 or material.stock + quantity < 0:
        raise Refused(f"现有 {material.stock} {material.unit}，数量不对", field="quantity")
    Material.objects.filter(pk=material.pk).update(stock=F("stock") + quantity)
    material.refresh_from_db()
