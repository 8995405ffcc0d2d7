"""A package comes in: announced, part by part from where the last attempt broke off, then committed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from yanta.hub.nodes import contracts, enrolment, levels, sealing, wire
from yanta.hub.nodes.models import Arrival, ArrivalChunk, Holding, Node, NodeKey
from yanta.kernel.base import Refused


class OutOfOrder(Refused):
    """The stream stands elsewhere; `last` is the number of what we hold."""

    def __init__(self, message: str, last: int) -> None:
        super().__init__(message, rule="nodes.order")
        self.last = last


class WrongOffset(Refused):
    """We hold the part up to another byte."""

    def __init__(self, start: int) -> None:
        super().__init__(f"该分块已收到 {start} 字节，请从那里续传", rule="nodes.offset")
        self.start = start


@transaction.atomic
def announce(
    sender: Node, text: bytes, signature: str, *, introduced: dict[str, Any] | None, at: datetime
) -> Arrival:
    """Register a package, or find the one that was registered before; refuses in words."""
    manifest = wire.read_manifest(text)
    owner = _owner(sender, manifest, introduced, at)
    _check_signature(owner, text, signature, manifest)
    _check_terms(owner, manifest)
    digest = wire.digest(text)
    known = Arrival.objects.filter(digest=digest).first()
    if known is not None:
        if known.state == Arrival.State.REFUSED:
            raise Refused(known.error, rule="nodes.manifest")
        return known
    check_order(owner, manifest)
    _give_up_rivals(owner, manifest["subject"])
    return Arrival.objects.create(
        digest=digest, node=owner, via=None if owner == sender else sender, subject=manifest["subject"],
        number=manifest["number"], kind=manifest["kind"], rows=manifest["rows"],
        size=sum(part["size"] for part in manifest["parts"]), manifest=text.decode(), signature=signature,
        announced_at=at,
    )  # fmt: skip


def _owner(sender: Node, manifest: dict[str, Any], introduced: dict[str, Any] | None, at: datetime) -> Node:
    """Whose data these are: the sender's own, or those of a node below it that the sender vouches for."""
    code = manifest["node"]
    if code == sender.code:
        return sender
    if introduced is None or introduced.get("code") != code:
        raise Refused(f"节点 {sender.code} 不能替 {code} 上报", rule="nodes.wrong-node")
    if (
        not levels.LEVELS[sender.level].collects
        or introduced.get("level") not in levels.LEVELS[sender.level].lower
    ):
        raise Refused(f"{sender.name}不是 {code} 的上级，不能转报", rule="nodes.wrong-node")
    node = Node.objects.filter(code=code).first()
    if node is not None and node.via_id != sender.pk:
        raise Refused(f"{node.name}的数据不经 {sender.name} 转报", rule="nodes.wrong-node")
    if node is None:
        node = Node.objects.create(
            code=code, name=str(introduced["name"])[:100], level=introduced["level"], via=sender,
            state=Node.State.ACTIVE,
        )  # fmt: skip
    enrolment.pin(node, enrolment.key_of(introduced), NodeKey.How.INTRODUCED, at=at)
    return node


def _check_signature(owner: Node, text: bytes, signature: str, manifest: dict[str, Any]) -> None:
    """A former key proves only what was built while it was the present one."""
    key = wire.check_signature(text, signature, enrolment.keys_of(owner, also_former=True))
    row = NodeKey.objects.get(node=owner, key_id=key.key_id)
    if row.retired_at is not None and wire.instant(manifest["built_at"]) > row.retired_at:
        raise Refused("这把密钥已经更换，不能再签新的包", rule="nodes.old-key")


def _check_terms(owner: Node, manifest: dict[str, Any]) -> None:
    if owner.state != Node.State.ACTIVE:
        raise Refused(f"节点{owner.get_state_display()}，暂不接收", rule="nodes.state")
    agreed = contracts.contract(manifest["subject"])
    unknown = set(manifest["fields"]) - set(agreed.fields)
    missing = set(agreed.required) - set(manifest["fields"])
    if unknown:
        raise Refused(f"不接收这些数据项：{'、'.join(sorted(unknown))}", rule="nodes.fields")
    if missing:
        raise Refused(f"缺少必报的数据项：{'、'.join(sorted(missing))}", rule="nodes.fields")


def check_order(owner: Node, manifest: dict[str, Any]) -> None:
    """One after another, each naming the one before; a whole package may start anew at a higher number."""
    held = Holding.objects.filter(node=owner, subject=manifest["subject"]).first()
    last, digest = (held.number, held.digest) if held else (0, "")
    number = manifest["number"]
    if manifest["kind"] != "increment" and number > last:
        return
    if number <= last:
        raise OutOfOrder(f"第 {number} 包与已收的第 {last} 包冲突：同号内容不同，或重放旧包", last)
    if number != last + 1 or manifest["previous"] != digest:
        raise OutOfOrder(f"第 {number} 包接不上：本节点收到第 {last} 包为止", last)


def _give_up_rivals(owner: Node, subject: str) -> None:
    """A stream has one package on its way; another one in its place means that the first will not be finished."""
    Arrival.objects.filter(
        node=owner, subject=subject, state__in=(Arrival.State.RECEIVING, Arrival.State.RECEIVED)
    ).delete()


def offsets(arrival: Arrival) -> list[int]:
    """How many bytes of each part are here."""
    found = dict(arrival.chunks.values_list("part").annotate(total=Sum("length")).order_by())
    return [found.get(part, 0) for part in range(len(wire.read_manifest(arrival.manifest.encode())["parts"]))]


def arrival_of(sender: Node, digest: str) -> Arrival:
    arrival = Arrival.objects.filter(digest=digest).select_related("node", "via").first()
    if arrival is None or sender.pk not in (arrival.node_id, arrival.via_id):
        raise Refused("没有告知过这个包", rule="nodes.unknown-package")
    return arrival


@transaction.atomic
def take_chunk(sender: Node, digest: str, part: int, start: int, content: bytes) -> int:
    """Keep bytes of a part from an offset on; answers how many are here now."""
    arrival = Arrival.objects.select_for_update(of=("self",)).get(pk=arrival_of(sender, digest).pk)
    if arrival.state != Arrival.State.RECEIVING:
        raise Refused("这个包已不在接收中", rule="nodes.unknown-package")
    parts = wire.read_manifest(arrival.manifest.encode())["parts"]
    if not 0 <= part < len(parts) or not 0 < len(content) <= wire.CHUNK_BYTES:
        raise Refused("没有这一块，或一次发送过多", rule="nodes.part")
    here = arrival.chunks.filter(part=part).aggregate(total=Sum("length"))["total"] or 0
    if start != here:
        raise WrongOffset(here)
    if here + len(content) > parts[part]["size"]:
        raise Refused("超出了包说明中这一块的大小", rule="nodes.part")
    ArrivalChunk.objects.create(
        arrival=arrival, part=part, start=start, length=len(content), content=sealing.seal(content)
    )
    return here + len(content)


def part_of(arrival: Arrival, part: int, said: dict[str, Any]) -> bytes:
    """The whole part, as its digest says."""
    content = b"".join(
        sealing.unseal(c) for c in arrival.chunks.filter(part=part).values_list("content", flat=True)
    )
    if len(content) != said["size"] or wire.digest(content) != said["sm3"]:
        raise Refused(f"第 {part + 1} 块与摘要不符：内容在途中被改动或缺损", rule="nodes.part")
    return content


@transaction.atomic
def complete(sender: Node, digest: str) -> Arrival:
    """Everything is here and is what the manifest says; a part that is not is dropped and asked for again."""
    arrival = Arrival.objects.select_for_update(of=("self",)).get(pk=arrival_of(sender, digest).pk)
    if arrival.state != Arrival.State.RECEIVING:
        return arrival
    parts = wire.read_manifest(arrival.manifest.encode())["parts"]
    for number, (said, here) in enumerate(zip(parts, offsets(arrival), strict=True)):
        if here < said["size"]:
            raise WrongOffset(here)
        part_of(arrival, number, said)
    arrival.state = Arrival.State.RECEIVED
    arrival.save(update_fields=["state", "updated_at"])
    return arrival


def drop_content(sender: Node, digest: str) -> None:
    """What was altered on the way is asked for anew, from the first byte."""
    arrival_of(sender, digest).chunks.all().delete()
