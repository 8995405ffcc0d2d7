"""The REST API, derived: list, read, add, change, delete and every action, with OpenAPI."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import models
from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Router
from pydantic import BaseModel

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.operation import Operation
from yanta.kernel.resource import lists, writing
from yanta.kernel.resource.declare import Resource
from yanta.kernel.resource.forms import OperationForm, form_class
from yanta.kernel.resource.problems import ProblemAPI, problem
from yanta.kernel.resource.registry import resources
from yanta.kernel.resource.schemas import Problem, action_schema, input_schema, list_schema, row_schema
from yanta.kernel.resource.serialise import page_of_rows, row_as_data


def json(data: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(data, default=str), status=status, content_type="application/json")


_more: list[tuple[str, Router, str]] = []
_open: set[str] = set()


def add_to_api(prefix: str, router: Router, *, tag: str, at_its_own_door: bool = False) -> None:
    """What no resource expresses; called while the platform starts. The router asks for permissions itself.

    With `at_its_own_door` nobody need be signed in: the router's views check who asks in a way of their own.
    """
    _more.append((prefix, router, tag))
    if at_its_own_door:
        _open.add(f"{prefix.strip('/')}/")


def build(auth: Any) -> ProblemAPI:
    """The API of every registered resource."""
    api = ProblemAPI(
        title="雁塔 API",
        version="1",
        auth=auth,
        urls_namespace="api",
        docs_url="/docs",
        openapi_url="/openapi.json",
    )
    api.open_prefixes = tuple(_open)
    for prefix, router, tag in _more:
        api.add_router(prefix, router, tags=[tag])
    for resource in resources():
        api.add_router(
            resource.base_url.rstrip("/"), _router(resource), tags=[f"{resource.area} · {resource.label}"]
        )
    return api


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of a noun: how it is called in OpenAPI and what it answers when all is well."""

    verb: str
    method: str
    path: str
    title: str
    view: Callable[..., HttpResponse]
    answers: dict[int, Any]
    parameters: list[dict[str, Any]] | None = None


ROW = "/{int:pk}/"
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


def _router(resource: Resource) -> Router:
    router, prefix = Router(), resource.key.replace(".", "_")
    for one in (*_endpoints(resource), *_action_endpoints(resource)):
        router.add_api_operation(
            one.path, [one.method], one.view, operation_id=f"{prefix}_{one.verb}", summary=one.title,
            response={**one.answers, **REFUSALS},
            openapi_extra={"parameters": one.parameters} if one.parameters else None,
        )  # fmt: skip
    return router


def _endpoints(resource: Resource) -> Iterator[Endpoint]:
    noun, row = resource.noun, row_schema(resource)
    listed = {200: list_schema(resource)}
    yield Endpoint("list", "GET", "/", f"列出{noun}", _list(resource), listed, _query_parameters(resource))
    yield Endpoint("read", "GET", ROW, f"读取{noun}", _read(resource), {200: row})
    if "add" in resource.verbs:
        yield Endpoint("add", "POST", "/", f"新增{noun}", _write(resource, partial=False), {201: row})
    if "edit" in resource.verbs:
        yield Endpoint("edit", "PATCH", ROW, f"修改{noun}", _write(resource, partial=True), {200: row})
    if "delete" in resource.verbs:
        yield Endpoint("delete", "DELETE", ROW, f"删除{noun}", _delete(resource), {204: None})


def _action_endpoints(resource: Resource) -> Iterator[Endpoint]:
    for action in resource.actions:
        path = f"/actions/{action.name}/" if action.on_collection else f"{ROW}actions/{action.name}/"
        view = _act(resource, action, action_schema(action))
        yield Endpoint(action.name, "POST", path, action.title, view, {200: row_schema(resource), 204: None})


def _query_parameters(resource: Resource) -> list[dict[str, Any]]:
    names = ["page", "page_size", "q", "sort"]
    for found in lists.filters_of(resource, QueryDict()):
        names += [f"{found.name}_from", f"{found.name}_to"] if found.kind == "range" else [found.name]
    return [{"in": "query", "name": name, "required": False, "schema": _query_schema(name)} for name in names]


def _query_schema(name: str) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1} if name.startswith("page") else {"type": "string"}


def _list(resource: Resource) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        writing.require(resource, request.actor, "view")  # type: ignore[attr-defined]
        return json(page_of_rows(resource, request.actor, request.GET))  # type: ignore[attr-defined]

    return view


def _read(resource: Resource) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return json(row_as_data(resource, writing.row_for(resource, request.actor, pk)))  # type: ignore[attr-defined]

    return view


def _stored_values(row: models.Model, names: tuple[str, ...]) -> dict[str, Any]:
    """What a form over the stored row would hold."""
    return {name: getattr(row, row._meta.get_field(name).attname) for name in names}  # type: ignore[union-attr]


def _write(resource: Resource, *, partial: bool) -> Callable[..., HttpResponse]:
    def save(request: HttpRequest, payload: BaseModel, pk: int | None) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        writing.require(resource, actor, "add" if pk is None else "edit")
        row = None if pk is None else writing.row_for(resource, actor, pk, "edit")
        data = _stored_values(row, resource.form_fields) if row is not None else resource.initial(actor)
        data |= payload.model_dump(exclude_unset=True)
        form = form_class(resource)(data, instance=row, resource=resource, actor=actor)
        if not form.is_valid():
            return problem(422, "数据不合格", "请按提示修改后再提交", form.errors.get_json_data())
        writing.save(resource, form.instance, actor=actor)
        return json(row_as_data(resource, form.instance), 201 if pk is None else 200)

    def add(request: HttpRequest, payload: BaseModel) -> HttpResponse:
        return save(request, payload, None)

    def edit(request: HttpRequest, pk: int, payload: BaseModel) -> HttpResponse:
        return save(request, payload, pk)

    view = edit if partial else add
    view.__annotations__["payload"] = input_schema(resource, partial=partial)
    return view


def _delete(resource: Resource) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        writing.delete(resource, writing.row_for(resource, actor, pk, "delete"), actor=actor)
        return HttpResponse(status=204)

    return view


def _act(
    resource: Resource, action: Operation[..., Any], schema: type[BaseModel]
) -> Callable[..., HttpResponse]:
    def carry_out(request: HttpRequest, payload: BaseModel, pk: int | None) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        if not actor.may(action.permission):
            raise NotAllowed(f"您没有“{action.title}”的权限", rule=action.permission)
        subject = None if pk is None else writing.row_for(resource, actor, pk, action.name)
        form = OperationForm(payload.model_dump(exclude_none=True), operation=action, actor=actor)
        if not form.is_valid():
            return problem(422, "数据不合格", "请按提示修改后再提交", form.errors.get_json_data())
        result = action(*(() if subject is None else (subject,)), actor=actor, **form.parameters())
        row = result if isinstance(result, resource.model) else subject
        return _row_or_nothing(resource, row)

    def on_row(request: HttpRequest, pk: int, payload: BaseModel) -> HttpResponse:
        return carry_out(request, payload, pk)

    def on_all(request: HttpRequest, payload: BaseModel) -> HttpResponse:
        return carry_out(request, payload, None)

    view = on_all if action.on_collection else on_row
    view.__annotations__["payload"] = schema
    return view


def _row_or_nothing(resource: Resource, row: Any) -> HttpResponse:
    if row is None or row.pk is None or not resource.model._base_manager.filter(pk=row.pk).exists():
        return HttpResponse(status=204)
    return json(row_as_data(resource, row))
