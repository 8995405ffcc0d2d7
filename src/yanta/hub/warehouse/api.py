"""`/api/v1/warehouse/figures/…`: figures for programs, by unit and over time."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import StringConstraints

from yanta.hub.warehouse import clocks, reading
from yanta.hub.warehouse.models import Indicator, IndicatorValue
from yanta.hub.warehouse.sight import Sight
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.resource.api import add_to_api, json
from yanta.kernel.resource.schemas import Problem

router = Router()
Text = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")]
PROBLEMS = {403: Problem, 404: Problem, 422: Problem}
MOST_POINTS = 1000


class Figure(Schema):
    code: str
    name: str
    owner: str
    unit: str
    unit_label: str
    value: float | None
    before: float | None
    school: float | None
    target: float | None
    state: str
    sentence: str
    on: date | None
    link: str


class Point(Schema):
    on: date
    value: float | None
    parts: dict[str, Any]
    version: int


@router.get(
    "/", response={200: list[Figure], **PROBLEMS}, operation_id="warehouse_figures", summary="全部指标的现值"
)
def figures(request: HttpRequest, unit: Text = "", against: Text = "year") -> HttpResponse:
    """The newest figures of a unit beside the school's and a period ago; without a unit the school's."""
    sight = _sight(request)
    at = sight.unit(unit)
    school = at if at.depth == 1 else sight.unit("")
    found = reading.readings(at, reading.open_indicators(), against=against, school=school)
    return json([_figure(one, at.code) for one in found])


@router.get(
    "/{code}/",
    response={200: list[Point], **PROBLEMS},
    operation_id="warehouse_figure",
    summary="一个指标的历史数值",
)
def figure(
    request: HttpRequest,
    code: Text,
    unit: Text = "",
    clock: Text = clocks.NOW,
    since: date | None = None,
    until: date | None = None,
) -> HttpResponse:
    """One indicator over time, newest first, with what each value was made of and by which version of the formula."""
    sight = _sight(request)
    indicator = Indicator.objects.filter(code=code).first()
    if indicator is None:
        raise OutOfScope(f"没有代码为“{code}”的指标")
    found = IndicatorValue.objects.filter(indicator=indicator, unit=sight.unit(unit, indicator), clock=clock)
    found = found.filter(on__gte=since) if since else found
    found = found.filter(on__lte=until) if until else found
    rows = found.order_by("-on").values_list("on", "value", "parts", "version__number")[:MOST_POINTS]
    return json(
        [
            {"on": on, "value": _number(value), "parts": parts, "version": version}
            for on, value, parts, version in rows
        ]
    )


def _sight(request: HttpRequest) -> Sight:
    sight = Sight(request.actor)  # type: ignore[attr-defined]  # our middleware sets it
    sight.require()
    return sight


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _figure(one: reading.Reading, unit: str) -> dict[str, Any]:
    indicator = one.indicator
    return {
        "code": indicator.code, "name": indicator.name, "owner": indicator.owner, "unit": unit, "unit_label": indicator.unit_label,
        "value": _number(one.value), "before": _number(one.before), "school": _number(one.school),
        "target": _number(indicator.target), "state": one.tone, "sentence": one.sentence, "on": one.on,
        "link": f"/warehouse/figures/{indicator.code}/?unit={unit}",
    }  # fmt: skip


add_to_api("/warehouse/figures", router, tag="数据 · 指标")
