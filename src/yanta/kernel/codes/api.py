"""`/api/v1/codes/…`: the same validate service for programs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from yanta.kernel.base import Actor
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.codes import pages, queries, service
from yanta.kernel.codes.models import Crosswalk
from yanta.kernel.codes.sight import require, table_for
from yanta.kernel.resource.api import add_to_api, json
from yanta.kernel.resource.schemas import Problem

router = Router()
MOST_VALUES = 10_000
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
PROBLEMS = {403: Problem, 404: Problem, 422: Problem}


class Verdict(Schema):
    ok: bool
    code: str
    name: str
    reason: str
    suggestions: list[str]
    successor: str
    successor_set: str
    retired_on: date | None


class Question(Schema):
    set_id: Text
    values: list[Text] = Field(max_length=MOST_VALUES)
    on: date | None = None


class Answers(Schema):
    set_id: str
    verdicts: dict[str, Verdict]


class Suggestion(Schema):
    code: str
    name: str
    path: str


class MappedCode(Schema):
    local: str
    code: str
    loss: bool
    reason: str


class Covered(Schema):
    system: str
    bound_fields: int
    fields: int
    coded_values: int
    on_standard: int


class Kept(Schema):
    field: str
    system: str
    owner: str


class Element(Schema):
    identifier: str
    name: str
    number: str
    type: str
    length: str
    code_sets: list[str]
    obligation: str
    source: str
    subset: str
    kept_in: list[Kept]


@router.post(
    "/validate/", response={200: Answers, **PROBLEMS}, operation_id="codes_validate", summary="校验代码"
)
def validate(request: HttpRequest, question: Question) -> HttpResponse:
    """Judge many values of one set at once; each may be code, name or alias."""
    table = table_for(_actor(request), question.set_id)
    verdicts = {value: asdict(table.validate(value, on=question.on)) for value in question.values}
    return json({"set_id": question.set_id, "verdicts": verdicts})


@router.get(
    "/suggest/",
    response={200: list[Suggestion], **PROBLEMS},
    operation_id="codes_suggest",
    summary="按写法找代码",
)
def suggest(request: HttpRequest, set_id: Text, q: Text = "") -> HttpResponse:
    """What a box for codes offers while one types."""
    return json(pages.suggestions(table_for(_actor(request), set_id), q))


@router.get(
    "/map/", response={200: MappedCode, **PROBLEMS}, operation_id="codes_map", summary="本地码对标准码"
)
def map_code(request: HttpRequest, crosswalk: Text, local: Text) -> HttpResponse:
    """Translate one local code by a crosswalk."""
    require(_actor(request), "codes.crosswalk.view")
    if not Crosswalk.objects.filter(key=crosswalk).exists():
        raise OutOfScope(f"没有对照表 {crosswalk}")
    return json(asdict(service.map_code(crosswalk, local)))


@router.get(
    "/coverage/",
    response={200: list[Covered], **PROBLEMS},
    operation_id="codes_coverage",
    summary="标准覆盖率",
)
def coverage(request: HttpRequest) -> HttpResponse:
    """Per system: fields bound to elements, coded values, how many are on standard."""
    require(_actor(request), "codes.codeset.view")
    return json([_covered(one) for one in queries.coverage()])


@router.get(
    "/dictionary/{subset}/", response={200: list[Element], **PROBLEMS}, operation_id="codes_dictionary",
    summary="一个子类的数据元",
)  # fmt: skip
def dictionary(request: HttpRequest, subset: Text) -> HttpResponse:
    """The elements of one subset with where each is kept."""
    require(_actor(request), "codes.dataelement.view")
    lines = pages.elements_of(subset)
    if not lines:
        raise OutOfScope(f"没有子类 {subset}")
    return json([_element(line) for line in lines])


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _covered(one: queries.SystemCoverage) -> dict[str, Any]:
    return {
        "system": one.system, "bound_fields": one.bound, "fields": one.fields, "coded_values": one.filled,
        "on_standard": one.on_standard,
    }  # fmt: skip


def _element(line: pages.ElementLine) -> dict[str, Any]:
    element = line.element
    kept = [{"field": one.label, "system": one.system, "owner": one.owner} for one in line.kept]
    return {
        "identifier": element.identifier, "name": element.name, "number": element.number,
        "type": element.kind, "length": element.length,
        "code_sets": element.code_sets, "obligation": element.obligation,
        "source": element.source, "subset": element.subset, "kept_in": kept,
    }  # fmt: skip


add_to_api("/codes", router, tag="平台 · 信息编码")
