"""The door for other nodes: who asks, is it they, is it now, is it for the first time; whoever is refused hears why."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import orjson
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from yanta.hub.nodes import enrolment, wire
from yanta.hub.nodes.models import Node, Refusal, SpentNonce
from yanta.hub.nodes.receiving import OutOfOrder, WrongOffset
from yanta.kernel.base import Refused, signatures
from yanta.kernel.resource.problems import problem

log = logging.getLogger(__name__)
REQUESTS_A_MINUTE, STRANGERS_A_MINUTE = 1200, 30
SEEN_EVERY, NONCE_KEPT = timedelta(seconds=20), 2 * wire.SKEW
STATUS = {
    "nodes.signature": 401, "nodes.key": 401, "nodes.clock": 401, "nodes.replay": 401, "nodes.stranger": 401,
    "nodes.state": 403, "nodes.wrong-node": 403, "nodes.enrolment": 403, "nodes.unknown-package": 404,
    "nodes.size": 413, "nodes.rate": 429, "nodes.manifest": 422, "nodes.fields": 422, "nodes.subject": 422,
}  # fmt: skip
QUIET = {"nodes.offset", "nodes.order", "nodes.rate"}
MOST_BYTES = 2 * 1024 * 1024

Answer = tuple[int, dict[str, Any]]


def for_nodes(*, states: tuple[str, ...] = (Node.State.ACTIVE,)) -> Callable[[Callable[..., Answer]], Any]:
    """Wraps `view(request, node, …) -> (status, data)`: checks the request, signs the answer."""

    def wrap(view: Callable[..., Answer]) -> Callable[..., HttpResponse]:
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            try:
                node = enter(request, states=states)
                status, data = view(request, node, **kwargs)
            except Refused as refusal:
                return signed(request, refuse(request, refusal))
            return answer(request, data, status)

        return _like(guarded, view)

    return wrap


def for_strangers(view: Callable[..., Answer]) -> Callable[..., HttpResponse]:
    """Wraps what may be asked before keys are known; few requests a minute from one address."""

    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            check_rate(f"address:{_address(request)}", STRANGERS_A_MINUTE)
            body(request)
            status, data = view(request, **kwargs)
        except Refused as refusal:
            return signed(request, refuse(request, refusal))
        return answer(request, data, status)

    return _like(guarded, view)


def _like(guarded: Callable[..., HttpResponse], view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """The API reads a view's parameters from its annotations; `node` is ours, not the caller's."""
    wrapped: Any = wraps(view)(guarded)
    signature = inspect.signature(view, eval_str=True)
    kept = [one for name, one in signature.parameters.items() if name != "node"]
    wrapped.__signature__ = signature.replace(parameters=kept)
    del wrapped.__wrapped__
    result: Callable[..., HttpResponse] = wrapped
    return result


def enter(request: HttpRequest, *, states: tuple[str, ...]) -> Node:
    """The node that signed this request; refuses a stranger, an old request, a request seen before."""
    code = request.headers.get(wire.NODE, "")[:40]
    check_rate(f"node:{code or _address(request)}", REQUESTS_A_MINUTE)
    node = Node.objects.filter(code=code, via=None).first()
    if node is None:
        raise Refused("没有登记这个节点，请先入网", rule="nodes.stranger")
    at = timezone.now()
    wire.check_time(request.headers.get(wire.TIME, ""), at=at)
    check_signature(request, node)
    _spend(node, request.headers.get(wire.NONCE, ""), at)
    if node.state not in states:
        raise Refused(f"节点{node.get_state_display()}，暂不接收", rule="nodes.state")
    if node.seen_at is None or node.seen_at + SEEN_EVERY < at:
        Node.objects.filter(pk=node.pk).update(seen_at=at)
    return node


def check_signature(request: HttpRequest, node: Node) -> None:
    """Refuses a request that the node's present key did not sign, body and all."""
    text = wire.request_text(
        node=node.code, method=request.method or "", target=request.get_full_path(),
        time=request.headers.get(wire.TIME, ""), nonce=request.headers.get(wire.NONCE, ""), body=body(request),
    )  # fmt: skip
    keys = enrolment.keys_of(node)
    try:
        wire.check_signature(text, request.headers.get(wire.SIGNATURE, ""), keys)
    except Refused as refusal:
        if refusal.rule == "nodes.key":
            refusal.known = keys[0].key_id if keys else ""  # type: ignore[attr-defined]  # told to the caller
        raise


def _spend(node: Node, nonce: str, at: datetime) -> None:
    if not 16 <= len(nonce) <= 40:
        raise Refused("请求没有随机数", rule="nodes.replay")
    try:
        with transaction.atomic():
            SpentNonce.objects.create(node=node, nonce=nonce, at=at)
    except IntegrityError as error:
        raise Refused("这个请求已经用过一次，可能是重放", rule="nodes.replay") from error


def body(request: HttpRequest) -> bytes:
    """What was sent, within limits."""
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise Refused("一次发送过多，请分段", rule="nodes.size")
    return request.body


def check_rate(key: str, limit: int) -> None:
    """Counts per minute in the cache."""
    name = f"nodes:rate:{key}:{timezone.now():%H%M}"
    cache.add(name, 0, 90)
    if cache.incr(name) > limit:
        raise Refused("请求过于频繁，请稍候再试", rule="nodes.rate")


def refuse(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The refusal in words for the person and by name for the machine; kept in the log of refusals."""
    facts: dict[str, Any] = {"rule": refusal.rule}
    if isinstance(refusal, OutOfOrder):
        facts["last"] = refusal.last
    if isinstance(refusal, WrongOffset):
        facts["start"] = refusal.start
    if known := getattr(refusal, "known", ""):
        facts["known"] = known
    if refusal.rule not in QUIET:
        keep(
            refusal, claimed=request.headers.get(wire.NODE, ""), address=_address(request), about=request.path
        )
    return problem(STATUS.get(refusal.rule, 409), "拒收", refusal.message, facts)


def keep(refusal: Refused, *, claimed: str, address: str, about: str) -> None:
    log.warning("refused %s: %s", claimed, refusal.message)
    Refusal.objects.create(
        at=timezone.now(), claimed=claimed[:40], kind=refusal.rule.removeprefix("nodes.")[:20],
        words=refusal.message.replace("\x00", "")[:300], address=address[:64], about=about.rpartition("/peer/")[2][:120],
    )  # fmt: skip


def signed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer belongs to this request and to us."""
    text = wire.answer_text(
        nonce=request.headers.get(wire.NONCE, ""), status=response.status_code, body=response.content
    )
    response[wire.SIGNATURE] = signatures.sign(text).as_text()
    return response


def answer(request: HttpRequest, data: dict[str, Any], status: int = 200) -> HttpResponse:
    """JSON, signed for this request."""
    body = orjson.dumps(data, default=str)
    return signed(request, HttpResponse(body, status=status, content_type="application/json"))


def _address(request: HttpRequest) -> str:
    actor = getattr(request, "actor", None)
    return str(getattr(actor, "address", "") or request.META.get("REMOTE_ADDR", ""))


def forget_nonces(*, at: datetime) -> int:
    """A request older than the skew is refused by its time; its nonce need not be kept."""
    return SpentNonce.objects.filter(at__lt=at - NONCE_KEPT).delete()[0]
