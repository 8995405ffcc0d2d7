"""Verbs of the register, of streams, of feedback."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.conf import settings
from django.utils import timezone

from yanta.hub.nodes import client, contracts, enrolment, feedback, levels, wire
from yanta.hub.nodes.models import FeedbackItem, Node, SharedPerson, Stream
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, operation
from yanta.kernel.organisation.models import OrgUnit

Responsible = Annotated[OrgUnit, Label("责任单位")]


@operation("签发入网码", model=Node, icon="key", roles=("engineer",))
def invite(
    *,
    actor: Actor,
    code: Annotated[str, Label("节点代码", "学校标识码或行政区划代码")],
    name: Annotated[str, Label("名称")],
    is_peer: Annotated[bool, Label("同级节点", "校际共享用；不勾选为下级")] = False,
) -> Node:
    """A one-time code for a node that is expected; it is told to its contact by telephone."""
    if code == levels.own_code():
        raise Refused("这是本节点自己的代码", field="code")
    relation = Node.Relation.PEER if is_peer else Node.Relation.LOWER
    if relation == Node.Relation.LOWER and not levels.own().collects:
        raise Refused(f"{levels.own().title}级节点没有下级；校际接入请勾选“同级节点”", field="code")
    node = Node.objects.filter(code=code).first() or Node(code=code)
    if node.pk and node.state in (Node.State.ACTIVE, Node.State.PENDING):
        raise Refused(f"{node.name}已经接入；要重新入网请先停用", field="code")
    node.name, node.relation, node.via = name, relation, None
    _give_code(node)
    return node


def _give_code(node: Node) -> None:
    at = timezone.now()
    node.state, node.enrol_code = Node.State.INVITED, wire.new_code()
    node.enrol_until, node.enrol_failures = at + enrolment.CODE_VALID, 0
    node.save()


@operation(
    "启用", icon="circle-check", when=lambda node: node.state in ("pending", "suspended"), roles=("engineer",)
)
def activate(node: Node, *, actor: Actor) -> None:
    """The public key was compared with the contact's; from now on packages are taken."""
    if node.state not in (Node.State.PENDING, Node.State.SUSPENDED):
        raise Refused("只有待审或停用的节点可以启用")
    if not enrolment.keys_of(node):
        raise Refused("还没有交换公钥，请先用入网码入网")
    node.state = Node.State.ACTIVE
    node.save(update_fields=["state", "updated_at"])


@operation(
    "停用", icon="ban", danger=True, confirm="停用后不再收发它的数据，已收的保留。", roles=("engineer",),
    when=lambda node: node.state != "suspended",
)  # fmt: skip
def suspend(node: Node, *, actor: Actor, reason: str) -> None:
    """Nothing more is taken from it or sent to it; what is here stays."""
    node.state, node.enrol_code, node.note = Node.State.SUSPENDED, None, reason[:200]
    node.save()


@operation("接入上级", model=Node, icon="plug-connected", roles=("engineer",))
def join(
    *,
    actor: Actor,
    address: Annotated[str, Label("对方地址", "如 https://data.example.gov.cn")],
    code: Annotated[str, Label("入网码", "由对方签发，24 小时内有效")],
    contact: Annotated[str, Label("本节点联系人")] = "",
    phone: Annotated[str, Label("联系电话")] = "",
    is_peer: Annotated[bool, Label("同级节点", "校际共享用；不勾选为上级")] = False,
) -> Node:
    """Show the code to the other node, exchange keys, pin them."""
    relation = Node.Relation.PEER if is_peer else Node.Relation.UPPER
    if relation == Node.Relation.UPPER and not levels.own().reports:
        raise Refused(f"{levels.own().title}级节点没有上级")
    place, code = client.check_address(address), code.replace("-", "").strip().upper()
    card, nonce = enrolment.own_card(), wire.new_nonce()
    application = {
        "card": {**card, "contact": contact, "phone": phone, "address": settings.SITE_ADDRESS}, "nonce": nonce,
        "proof": enrolment.proof_of(code, "lower", card, nonce),
    }  # fmt: skip
    answer = client.enrol(place, application)
    return enrolment.welcome(
        answer, code=code, nonce=nonce, address=place, relation=relation, at=timezone.now()
    )


@operation("引入同级节点", model=Node, icon="users-plus", roles=("engineer",))
def introduce(
    *, actor: Actor, code: Annotated[str, Label("对方节点代码", "同一上级的另一所学校；对方也要引入本校")]
) -> Node:
    """The upper node vouches for another school's key and address; from now on the two speak to each other."""
    if code == levels.own_code():
        raise Refused("这是本节点自己的代码", field="code")
    for upper in Node.objects.filter(relation=Node.Relation.UPPER, state=Node.State.ACTIVE):
        with client.Client(upper) as line:
            found = next((one for one in line.get("/fellows")["fellows"] if one["code"] == code), None)
        if found is not None:
            return enrolment.vouched(found, by=upper, at=timezone.now())
    raise Refused("上级没有这个已启用的节点，请核对代码，或请对方先接入上级", field="code")


@operation("请报全量", icon="refresh", when=lambda node: node.relation == "lower", roles=("engineer",))
def ask_for_all(node: Node, *, actor: Actor) -> None:
    """The node's next packages shall hold everything, as after a doubt."""
    if node.relation != Node.Relation.LOWER:
        raise Refused("只能要求下级节点报全量")
    for agreed in contracts.offered():
        feedback.ask_for_all(node, agreed.subject, at=timezone.now())


@operation("告知", icon="message", when=lambda node: node.relation == "lower", roles=("engineer",))
def tell(node: Node, *, actor: Actor, words: Annotated[str, Label("内容"), Long()]) -> None:
    """A word to the school; it comes up in its work list."""
    if node.relation != Node.Relation.LOWER:
        raise Refused("只能告知下级节点")
    feedback.tell_fact(node, words, at=timezone.now())


@operation(
    "同意上报",
    icon="circle-check",
    when=lambda stream: stream.state == "proposed",
    roles=("clerk", "engineer"),
)
def agree(stream: Stream, *, actor: Actor) -> None:
    """The department that owns the data lets them go up; the first package holds everything."""
    if stream.state != Stream.State.PROPOSED:
        raise Refused("这项上报已经同意过")
    stream.state, stream.agreed_by, stream.agreed_at = Stream.State.ACTIVE, actor.signature, timezone.now()
    stream.save()


@operation("暂停", icon="player-pause", when=lambda stream: stream.state == "active", roles=("engineer",))
def pause(stream: Stream, *, actor: Actor, reason: str) -> None:
    """Nothing is sent until it goes on; what changes meanwhile goes with the first package afterwards."""
    if stream.state != Stream.State.ACTIVE:
        raise Refused("这项上报不在进行中")
    stream.state, stream.error = Stream.State.PAUSED, reason[:300]
    stream.save()


@operation("继续", icon="player-play", when=lambda stream: stream.state == "paused", roles=("engineer",))
def resume(stream: Stream, *, actor: Actor) -> None:
    """Go on where it stopped."""
    if stream.state != Stream.State.PAUSED:
        raise Refused("这项上报没有暂停")
    stream.state, stream.error = Stream.State.ACTIVE, ""
    stream.attempts, stream.next_attempt_at = 0, None
    stream.save()


@operation("重报全量", icon="refresh", when=lambda stream: stream.state == "active", roles=("engineer",))
def send_all(stream: Stream, *, actor: Actor) -> None:
    """The next package holds everything; the upper node drops what it does not find in it."""
    if stream.state != Stream.State.ACTIVE or stream.origin_id:
        raise Refused("只有进行中的本节点上报可以重报全量")
    stream.wants_full = True
    stream.save(update_fields=["wants_full", "updated_at"])


@operation(
    "重报这条",
    icon="send",
    when=lambda item: item.kind != "report" and item.state in ("open", "explained"),
    roles=("clerk", "engineer"),
)
def resend(item: FeedbackItem, *, actor: Actor) -> None:
    """The row goes up with the next package, changed or not."""
    _expect_row(item)
    if item.state not in (FeedbackItem.State.OPEN, FeedbackItem.State.EXPLAINED):
        raise Refused("这条问题已了结或已重报")
    stream = (
        Stream.objects.select_for_update(of=("self",))
        .filter(upper=item.upper, subject=item.subject, origin=None)
        .first()
    )
    if stream is None or not item.key:
        raise Refused("这条问题没有对应的上报数据")
    if item.key not in stream.extra_keys:
        stream.extra_keys = [*stream.extra_keys, item.key]
        stream.save()
    item.state, item.handled_by = FeedbackItem.State.RESENT, actor.signature
    item.save()


def _expect_row(item: FeedbackItem) -> None:
    """A finding in a report is explained or put right on the report itself, where it is checked and signed."""
    if item.kind == FeedbackItem.Kind.REPORT:
        raise Refused("报表核查的问题请在报表上更正或说明，随报表重新上报", rule="nodes.report")


@operation(
    "说明情况",
    icon="message",
    when=lambda item: item.kind != "report" and item.state == "open",
    roles=("clerk", "engineer"),
)
def explain(item: FeedbackItem, *, actor: Actor, words: Annotated[str, Label("说明"), Long()]) -> None:
    """The row is right as it is, and this is why."""
    _expect_row(item)
    if item.state != FeedbackItem.State.OPEN:
        raise Refused("只有待处理的问题可以说明")
    item.state, item.explanation, item.handled_by = FeedbackItem.State.EXPLAINED, words[:300], actor.signature
    item.ended_at = timezone.now()
    item.save()


@operation("指派", icon="user-share", when=lambda item: item.state == "open", roles=("engineer",))
def assign(
    item: FeedbackItem,
    *,
    actor: Actor,
    unit: Responsible,
    due_on: Annotated[date, Label("期限")],
) -> None:
    """Another unit answers for it, by another day."""
    if due_on < timezone.localdate():
        raise Refused("期限不能早于今天", field="due_on")
    item.unit, item.due_on = unit, due_on
    item.save()


@operation("情况属实", icon="circle-check", when=lambda one: one.state == "open", roles=("engineer",))
def accept_shared(one: SharedPerson, *, actor: Actor, reason: str) -> None:
    """Both schools are right, as for who teaches at two."""
    if one.state != SharedPerson.State.OPEN:
        raise Refused("这一条已经了结")
    at = timezone.now()
    one.state, one.note, one.ended_at = SharedPerson.State.ACCEPTED, reason[:300], at
    one.save()
    for place in one.places:
        feedback.tell_closed(
            place["node"], one.subject, [place["key"]], f"经核实：{reason[:200]}", at=at, kind="shared"
        )
