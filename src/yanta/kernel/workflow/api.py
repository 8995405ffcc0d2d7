"""`/api/v1/todos/…`: other systems put and clear to-dos; a person's own list and the state of a matter for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import StringConstraints

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.identity.models import Account
from yanta.kernel.resource.api import REFUSALS, add_to_api, json
from yanta.kernel.workflow import outside
from yanta.kernel.workflow.views import listing, telling
from yanta.kernel.workflow.views.access import instance_for

router = Router()
matters = Router()
Key = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00/]*$")]
Short = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class NewTodo(Schema):
    """`person` is the number for life; the same key again changes the to-do."""

    key: Key
    person: Annotated[str, StringConstraints(min_length=1, max_length=12, pattern=r"^[^\x00]*$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    link: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
    detail: Short = ""
    due_at: datetime | None = None


class PutTodo(Schema):
    key: str
    person: str
    cleared: bool


class Cleared(Schema):
    cleared: int


class OwnTodo(Schema):
    title: str
    node: str
    applicant: str
    url: str
    arrived_at: datetime | None
    light: str
    word: str


class OwnTodos(Schema):
    todos: list[OwnTodo]
    next: str


class Told(Schema):
    what: str
    who: str
    at: datetime
    opinion: str


class Matter(Schema):
    id: int
    process: str
    title: str
    state: str
    outcome: str
    started_at: datetime
    ended_at: datetime | None
    waiting: str
    steps: list[Told]


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # the middleware sets it
    return actor


def _source(request: HttpRequest) -> outside.Source:
    """The service account that asks; people put nothing into the inboxes of others."""
    account = Account.objects.filter(pk=_actor(request).account_id).first()
    if account is None or not account.is_service:
        raise NotAllowed("只有外部系统的服务账号可以推送待办，请向信息中心申请令牌", rule="workflow.outside")
    return outside.Source(account.username, account.name)


@router.post(
    "/outside/", response={200: PutTodo, **REFUSALS}, operation_id="todos_put", summary="外部系统推送待办"
)
def put(request: HttpRequest, todo: NewTodo) -> HttpResponse:
    """One to-do of one person."""
    due_at = todo.due_at
    if due_at is not None and timezone.is_naive(due_at):
        due_at = timezone.make_aware(due_at)
    outside.put(
        _source(request), todo.key, to=[todo.person], title=todo.title, link=todo.link, detail=todo.detail, due_at=due_at
    )  # fmt: skip
    return json({"key": todo.key, "person": todo.person, "cleared": False})


@router.delete(
    "/outside/{key}/",
    response={200: Cleared, **REFUSALS},
    operation_id="todos_clear",
    summary="外部系统清除待办",
)
def clear(request: HttpRequest, key: str, person: Short = "") -> HttpResponse:
    """Of everybody who has it, or of one person."""
    if "\x00" in key:
        raise Refused("标识里有不能用的字符")
    return json({"cleared": outside.clear(_source(request), key, of=[person] if person else None)})


@router.get("/", response={200: OwnTodos, **REFUSALS}, operation_id="todos_own", summary="本人的待办")
def own(
    request: HttpRequest, q: Short = "", after: Annotated[str, StringConstraints(max_length=12)] = ""
) -> HttpResponse:
    """A page of them, what is due first first; `next` is the `after` of the following page."""
    found = listing.listed("todo", _actor(request), {"q": q, "from": after}, most=100)
    lines = [
        {
            "title": one.title, "node": one.node, "applicant": one.who, "url": one.url, "arrived_at": one.at, "light": one.light,
            "word": one.word,
        }
        for one in found.lines
    ]  # fmt: skip
    return json({"todos": lines, "next": found.next.partition("=")[2]})


@matters.get(
    "/{int:pk}/",
    response={200: Matter, **REFUSALS},
    operation_id="workflow_instance",
    summary="办件的状态和过程",
)
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    """For those in it, and for clerks within their scope."""
    told = telling.told(instance_for(pk, _actor(request)), _actor(request))
    one = told["instance"]
    steps: list[dict[str, Any]] = [
        {"what": entry.what, "who": entry.who, "at": entry.when, "opinion": entry.text}
        for entry in reversed(told["entries"])
    ]
    return json({
        "id": one.pk, "process": one.process, "title": one.title, "state": one.state, "outcome": one.outcome,
        "started_at": one.started_at, "ended_at": one.ended_at, "waiting": told["now_with"], "steps": steps,
    })  # fmt: skip


add_to_api("/todos", router, tag="待办")
add_to_api("/workflow/matters", matters, tag="待办")
