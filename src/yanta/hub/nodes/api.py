"""`/api/v1/peer/…`: what nodes ask of each other. Every request is signed; nobody signs in."""

from __future__ import annotations

from typing import Any

import orjson
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema

from yanta.hub.nodes import applying, contracts, door, enrolment, feedback, levels, receipts, receiving, wire
from yanta.hub.nodes.door import Answer
from yanta.hub.nodes.models import Arrival, Node, Receipt
from yanta.kernel.base import Refused
from yanta.kernel.base.signatures import Signature
from yanta.kernel.resource.api import add_to_api
from yanta.kernel.resource.schemas import Problem

router = Router(auth=None)
PROBLEMS = dict.fromkeys((401, 403, 404, 409, 413, 422, 429), Problem)
RECEIPTS_AT_ONCE = 1000
_BODY = {"content": {"application/json": {"schema": {"type": "object"}}}}
_BYTES = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
NOT_ACTIVE = (Node.State.ACTIVE, Node.State.PENDING, Node.State.SUSPENDED)
Serial = Query(0, ge=0, le=2**62)
Digest = Path(..., pattern="^[0-9a-f]{64}$")


class Card(Schema):
    code: str
    name: str
    level: str
    algorithm: str
    pem: str


class Welcome(Schema):
    card: Card
    proof: str


class Chain(Schema):
    chain: list[dict[str, Any]]


class Hello(Schema):
    card: Card
    state: str
    demands: list[dict[str, Any]]


class Fellows(Schema):
    fellows: list[dict[str, Any]]


class Received(Schema):
    state: str
    offsets: list[int]
    receipt: dict[str, str] | None = None


class Start(Schema):
    start: int


class Notes(Schema):
    notes: list[dict[str, Any]]


class Receipts(Schema):
    receipts: list[dict[str, Any]]


@router.post("/enrol", response={200: Welcome, **PROBLEMS}, operation_id="nodes_enrol", summary="凭入网码入网",
             openapi_extra={"requestBody": _BODY})  # fmt: skip
@door.for_strangers
def enrol(request: HttpRequest) -> Answer:
    """Card and proof of the applicant against the one-time code; answered with ours."""
    application = _application(_object(request))
    answer, reason = enrolment.admit(application, at=timezone.now())
    if answer is None:
        raise Refused(reason, rule="nodes.enrolment")
    return 200, answer


def _application(found: dict[str, Any]) -> dict[str, Any]:
    card = found.get("card")
    texts = ("code", "name", "level", "algorithm", "pem")
    if not isinstance(card, dict) or not all(isinstance(card.get(name), str) for name in texts):
        raise Refused("入网申请不完整", rule="nodes.manifest")
    if any("\x00" in str(value) for value in card.values()):
        raise Refused("入网申请中有不能用的字符", rule="nodes.manifest")
    if not all(isinstance(found.get(name), str) for name in ("nonce", "proof")):
        raise Refused("入网申请没有凭证", rule="nodes.manifest")
    if card["level"] not in levels.LEVELS:
        raise Refused("不认识的级别", rule="nodes.manifest")
    enrolment.key_of(card)
    return found


def _object(request: HttpRequest) -> dict[str, Any]:
    try:
        found = orjson.loads(door.body(request))
    except orjson.JSONDecodeError as error:
        raise Refused("不是 JSON", rule="nodes.manifest") from error
    if not isinstance(found, dict):
        raise Refused("不是一个对象", rule="nodes.manifest")
    return found


@router.get("/keys", response={200: Chain, **PROBLEMS}, operation_id="nodes_keys", summary="本节点换过的密钥")
@door.for_strangers
def keys(request: HttpRequest, after: str = Query("", max_length=16)) -> Answer:
    """From the key that one knows to the present one, each endorsed by the one before."""
    return 200, {"chain": enrolment.chain_after(after)}


@router.post("/keys", response={200: Start, **PROBLEMS}, operation_id="nodes_follow", summary="告知换了密钥",
             openapi_extra={"requestBody": _BODY})  # fmt: skip
@door.for_strangers
def follow(request: HttpRequest) -> Answer:
    """The sender's chain of endorsements; the request itself is signed by the newest key."""
    chain = _object(request).get("chain")
    node = Node.objects.filter(code=request.headers.get(wire.NODE, "")).first()
    if node is None or not isinstance(chain, list):
        raise Refused("没有登记这个节点", rule="nodes.stranger")
    wire.check_time(request.headers.get(wire.TIME, ""), at=timezone.now())
    if _signed_by(request) not in {one.key_id for one in enrolment.keys_of(node)}:
        with transaction.atomic():
            enrolment.follow(node, chain, at=timezone.now())
            door.check_signature(request, node)
    return 200, {"start": 0}


def _signed_by(request: HttpRequest) -> str:
    try:
        return Signature.from_text(request.headers.get(wire.SIGNATURE, "")).key_id
    except ValueError:
        return ""


@router.get("/hello", response={200: Hello, **PROBLEMS}, operation_id="nodes_hello", summary="上级要求什么")
@door.for_nodes(states=NOT_ACTIVE)
def hello(request: HttpRequest, node: Node) -> Answer:
    """Who we are, how the sender stands, and which subjects it is asked to report."""
    return 200, {"card": enrolment.own_card(), "state": node.state, "demands": _demands(node)}


def _demands(node: Node) -> list[dict[str, Any]]:
    if node.relation != Node.Relation.LOWER or node.level not in levels.own().lower:
        return []
    return [
        {
            "subject": one.subject, "fields": one.fields, "required": one.required, "every_minutes": one.every_minutes,
        }
        for one in contracts.offered()
    ]  # fmt: skip


@router.get(
    "/fellows", response={200: Fellows, **PROBLEMS}, operation_id="nodes_fellows", summary="同一上级的节点"
)
@door.for_nodes()
def fellows(request: HttpRequest, node: Node) -> Answer:
    """The other nodes that report here and can be reached, each with its present key: we vouch for them."""
    if node.relation != Node.Relation.LOWER:
        return 200, {"fellows": []}
    rows = Node.objects.filter(relation=Node.Relation.LOWER, state=Node.State.ACTIVE, via=None).exclude(
        address=""
    )
    return 200, {"fellows": [_card_of(one) for one in rows.exclude(pk=node.pk)[:RECEIPTS_AT_ONCE]]}


def _card_of(node: Node) -> dict[str, Any]:
    (key,) = enrolment.keys_of(node)
    return {
        "code": node.code, "name": node.name, "level": node.level, "address": node.address, "algorithm": key.algorithm,
        "pem": key.pem,
    }  # fmt: skip


@router.post("/packages", response={200: Received, **PROBLEMS}, operation_id="nodes_announce", summary="告知一个包",
             openapi_extra={"requestBody": _BODY})  # fmt: skip
@door.for_nodes()
def announce(request: HttpRequest, node: Node) -> Answer:
    """Manifest and signature; answers how much of each part is here already, or the receipt."""
    told = _object(request)
    if not isinstance(told.get("manifest"), str) or not isinstance(told.get("signature"), str):
        raise Refused("没有包说明或签名", rule="nodes.manifest")
    introduced = told.get("introduced")
    arrival = receiving.announce(
        node, told["manifest"].encode(), told["signature"],
        introduced=introduced if isinstance(introduced, dict) else None, at=timezone.now(),
    )  # fmt: skip
    if arrival.state == Arrival.State.RECEIVED:  # complete, but whoever was to apply it died
        arrival = applying.commit(node, arrival.digest, at=timezone.now())
    return 200, _standing(arrival)


@router.put("/packages/{digest}/parts/{int:part}", response={200: Start, **PROBLEMS}, operation_id="nodes_part",
            summary="送一段内容", openapi_extra={"requestBody": _BYTES})  # fmt: skip
@door.for_nodes()
def part(
    request: HttpRequest,
    node: Node,
    digest: str = Digest,
    part: int = Path(..., ge=0, le=100_000),
    start: int = Serial,
) -> Answer:
    """Bytes of a part from an offset on; sent twice they are kept once."""
    try:
        return 200, {"start": receiving.take_chunk(node, digest, part, start, door.body(request))}
    except receiving.WrongOffset as wrong:
        if wrong.start > start:
            return 200, {"start": wrong.start}
        raise


@router.post("/packages/{digest}/commit", response={200: Received, **PROBLEMS}, operation_id="nodes_commit",
             summary="内容已送完")  # fmt: skip
@door.for_nodes()
def commit(request: HttpRequest, node: Node, digest: str = Digest) -> Answer:
    """Checked and applied; a large package is applied by the worker, and asked about again."""
    return 200, _standing(applying.commit(node, digest, at=timezone.now()))


def _standing(arrival: Arrival) -> dict[str, Any]:
    receipt = Receipt.objects.filter(side=Receipt.Side.GIVEN, package=arrival.digest).first()
    if receipt is not None:
        return {"state": arrival.state, "offsets": [], "receipt": receipts.as_data(receipt)}
    return {"state": arrival.state, "offsets": receiving.offsets(arrival)}


@router.get("/notices", response={200: Notes, **PROBLEMS}, operation_id="nodes_notices", summary="取回反馈")
@door.for_nodes()
def notices(request: HttpRequest, node: Node, after: int = Serial) -> Answer:
    """What was found in the sender's data, and in those it passes on, after a serial number."""
    return 200, {"notes": feedback.notes_for(node, after=after)}


@router.get(
    "/receipts", response={200: Receipts, **PROBLEMS}, operation_id="nodes_receipts", summary="对照回执"
)
@door.for_nodes()
def given(request: HttpRequest, node: Node, after: int = Serial) -> Answer:
    """The receipts that we gave, for the sender to lay beside its own."""
    return 200, {"receipts": receipts.listed(node, after=after, most=RECEIPTS_AT_ONCE)}


add_to_api("/peer", router, tag="节点与上报", at_its_own_door=True)
