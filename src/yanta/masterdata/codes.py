"""The school's own code sets are its master data; nothing is copied."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from yanta.kernel.codes.providers import Columns, code_set_provider
from yanta.masterdata.models import Building, Campus, Programme, Room


@code_set_provider("SCHOOL_CAMPUS", title="校区代码", owner="校办", width=2)
def campuses() -> QuerySet[Any]:
    return Campus.objects.all()


@code_set_provider("SCHOOL_BUILDING", title="楼寓编码", owner="资产处", width=10)
def buildings() -> QuerySet[Any]:
    return Building.objects.all()


@code_set_provider("SCHOOL_ROOM", title="房间编码", owner="资产处", width=12, columns=Columns(code="number"))
def rooms() -> QuerySet[Any]:
    return Room.objects.all()


@code_set_provider("SCHOOL_PROGRAMME", title="专业编码", owner="教务处", width=10)
def programmes() -> QuerySet[Any]:
    return Programme.objects.all()
