"""The life of an agreement between two schools, on both sides."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone

from yanta.hub.exchange.models import Connection
from yanta.hub.nodes import public as nodes
from yanta.hub.sharing import owners, rules, telling
from yanta.hub.sharing.agreements import landing, terms
from yanta.hub.sharing.delivery import closing
from yanta.hub.sharing.models import Agreement, Application, Consumer, Dataset, Grant, Way
from yanta.hub.sharing.services import applications
from yanta.hub.sharing.services.asking import condition_in, level_of, names_in
from yanta.hub.subjects import subject as subject_named
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, operation
from yanta.kernel.organisation.models import OrgUnit

Side, State, Owed = Agreement.Side, Agreement.State, Agreement.Owed
LIVE = (State.PROPOSED, State.JUDGED, State.OFFERED, State.ACTIVE)
SIGNERS = ("leader",)
User = Annotated[OrgUnit, Label("使用部门")]


# The using side.


@operation("提出协议", model=Agreement, icon="heart-handshake", roles=("clerk", "head"))
def propose(
    *, actor: Actor, node: Annotated[str, Label("对方节点")], dataset: Annotated[str, Label("数据集编码")],
    title: Annotated[str, Label("数据集名称")], subject: Annotated[str, Label("数据主题")],
    fields: Annotated[str, Label("字段", "字段名，用逗号分开")], purpose: Annotated[str, Label("用途"), Long()],
    unit: User, valid_from: date, valid_to: date,
    condition: Annotated[str, Label("行范围", "JSON 条件，留空为全部"), Long(3)] = "",
    per_minute: int = 60, rows_per_day: int = 100_000,
) -> Agreement:  # fmt: skip
    """What this school asks another for; signed by our node and told to theirs when this is committed."""
    owners.require_speaker(actor, unit, "协议")
    partner = _partner(node)
    about = subject_named(subject)
    names = names_in(fields, about)
    one = Agreement(
        number=f"{nodes.own_code()}-{timezone.localdate():%Y%m%d}-{secrets.token_hex(3)}", side=Side.TAKES, node=node,
        partner=partner.name, unit=unit, dataset=dataset, title=title, subject=about.name, names=names, purpose=purpose.strip(),
        condition=condition_in(condition, about), valid_from=valid_from, valid_to=valid_to, per_minute=per_minute,
        rows_per_day=rows_per_day, level=level_of(about, names), owed=Owed.PROPOSAL, own_signer=actor.signature[:60],
    )  # fmt: skip
    _check_terms(one)
    one.terms = terms.written(one)
    one.own_signature = terms.sign(one)
    one.save()
    _speak_after_commit(one)
    return one


def _partner(code: str) -> nodes.PeerNode:
    found = next((one for one in nodes.partners() if one.code == code), None)
    if found is None:
        raise Refused("只能与已接通的节点签协议，请信息中心先引入对方", field="node")
    return found


def _check_terms(one: Agreement) -> None:
    if not one.purpose:
        raise Refused("请写明用途：哪项业务、谁来看、保存多久", field="purpose")
    term = rules.refusal_of_term(
        valid_from=one.valid_from, valid_to=one.valid_to, level=one.level, today=timezone.localdate()
    )
    if term:
        raise Refused(term, field="valid_to", rule="sharing.term")
    rate = rules.refusal_of_rate(per_minute=one.per_minute, rows_per_day=one.rows_per_day)
    if rate:
        raise Refused(rate, field="per_minute")


def _speak_after_commit(one: Agreement) -> None:
    """If the other side is away, the next beat tells it."""
    from yanta.hub.sharing.agreements import talking

    transaction.on_commit(lambda: talking.settle(one.pk) and None, robust=True)


# The providing side.


@transaction.atomic
def take_in(peer: nodes.PeerNode, text: str, signature: str, *, by: str) -> Agreement:
    """A proposal of another school becomes an application that our departments judge."""
    found = terms.read(text)
    if (found.consumer, found.provider) != (peer.code, nodes.own_code()):
        raise Refused("协议的双方不是你我两校", rule="nodes.wrong-node")
    known = Agreement.objects.filter(number=found.number).first()
    if known is not None:
        if (known.node, known.side, known.purpose) != (peer.code, Side.GIVES, found.values["purpose"]):
            raise Refused("这个协议编号已经用过", rule="sharing.terms")
        return known
    dataset = _dataset(found)
    one = Agreement(
        number=found.number, side=Side.GIVES, node=peer.code, partner=peer.name, unit=dataset.owner, terms=text,
        partner_signature=signature, partner_signer=by[:60], **found.values,
    )  # fmt: skip
    terms.check_signed(one, text, signature)
    one.title, one.version, one.level = dataset.title, dataset.version, level_of(dataset.about, one.names)
    _check_terms(one)
    one.application = file(one, dataset)
    one.save()
    return one


def _dataset(found: terms.Terms) -> Dataset:
    code = found.values["dataset"]
    dataset = Dataset.objects.filter(code=code, state=Dataset.State.PUBLISHED).select_related("owner").first()
    if dataset is None or dataset.subject != found.values["subject"]:
        raise Refused(f"没有发布数据集“{code[:40]}”", rule="sharing.404")
    beyond = [name for name in found.values["names"] if name not in dataset.names]
    if beyond:
        raise Refused(f"数据集没有字段 {'、'.join(beyond)[:100]}", rule="sharing.fields")
    return dataset


def file(one: Agreement, dataset: Dataset) -> Application:
    """The same way as inside the school: each source department decides its part."""
    application = Application(
        dataset=dataset, consumer=_consumer(one, dataset), purpose=one.purpose, names=one.names, condition=one.condition,
        valid_from=one.valid_from, valid_to=one.valid_to, per_minute=one.per_minute, rows_per_day=one.rows_per_day,
        ways=[Way.REST.value],
    )  # fmt: skip
    applications.submit(application)
    return application


def _consumer(one: Agreement, dataset: Dataset) -> Consumer:
    """The other school as a user of data; somebody of the owning department answers for it here."""
    speakers = [key for key in owners.people_of(dataset.owner) if owners.is_in_service(key)]
    if not speakers:
        raise Refused(f"{dataset.owner.name}现在没有经办人，请先与对方联系", rule="sharing.owner")
    made, _ = Consumer.objects.get_or_create(
        code=f"node-{one.node}-{dataset.owner_id}"[:30],
        defaults={
            "title": one.partner[:60], "kind": Consumer.Kind.NODE, "unit": dataset.owner, "responsible_id": speakers[0],
        },
    )  # fmt: skip
    if not owners.is_in_service(made.responsible_id):
        made.responsible_id = speakers[0]
        made.save()
    return made


def judged(one: Agreement, outcome: rules.Outcome | None) -> None:
    """The departments have spoken: what is left waits for the leader's signature."""
    if outcome is None:
        said = (
            one.application.decisions.filter(state="refused").exclude(opinion="") if one.application else []
        )
        one.state = State.REFUSED
        one.reason = "；".join(f"{word.unit.name}：{word.opinion}" for word in said)[:300]
    else:
        one.state, one.names, one.valid_to = State.JUDGED, list(outcome.names), outcome.valid_to
        one.condition = outcome.condition
        one.level = level_of(subject_named(one.subject), outcome.names)
        one.terms = terms.written(one)
    Agreement.objects.bulk_update(
        [one], ["state", "reason", "names", "valid_to", "condition", "level", "terms"]
    )
    telling.agreement_changed(one)


@operation(
    "签署", icon="signature", bulk=False, roles=SIGNERS, confirm="以本校节点密钥签名，签署后不能改动文本",
    when=lambda one: (one.side, one.state) in ((Side.GIVES, State.JUDGED), (Side.TAKES, State.OFFERED)) and not (one.side == Side.TAKES and one.own_signature),
)  # fmt: skip
def sign(one: Agreement, *, actor: Actor) -> None:
    """The leader signs what the departments agreed to; the using school signs what it was offered."""
    if one.gives and one.state == State.JUDGED:
        one.state, one.partner_signature = State.OFFERED, ""  # theirs was under what they asked for
    elif one.gives or one.state != State.OFFERED or one.own_signature:
        raise Refused("这份协议现在不等本校签署")
    else:
        one.owed = Owed.SIGNATURE
        _speak_after_commit(one)
    one.own_signature, one.own_signer = terms.sign(one), actor.signature[:60]
    one.save()
    telling.agreement_changed(one)


@operation(
    "不同意签署", icon="x", danger=True, bulk=False, roles=SIGNERS,
    when=lambda one: one.side == Side.GIVES and one.state == State.JUDGED,
)  # fmt: skip
def decline(one: Agreement, *, actor: Actor, reason: Annotated[str, Label("理由", "对方会看到")]) -> None:
    """The departments agreed, the school's leader does not."""
    if not (one.gives and one.state == State.JUDGED):
        raise Refused("只有待本校签署的协议可以不同意")
    one.state, one.reason = State.REFUSED, reason[:300]
    one.save()
    telling.agreement_changed(one)


@transaction.atomic
def take_signature(one: Agreement, signature: str, *, by: str) -> Agreement:
    """Signed on both sides: the grant is made, and runs."""
    one = (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("application__dataset")
        .get(pk=one.pk)
    )
    if one.state == State.ACTIVE and one.partner_signature == signature:
        return one
    if one.state != State.OFFERED or one.application is None:
        raise Refused(f"协议{one.get_state_display()}，现在不能签署", rule="sharing.409")
    terms.check_signed(one, one.terms, signature)
    outcome = rules.Outcome(tuple(one.names), one.condition, one.valid_to)
    one.grant = applications.grant(one.application, outcome)
    one.state, one.signed_at = State.ACTIVE, timezone.now()
    one.partner_signature, one.partner_signer = signature, by[:60]
    one.save()
    telling.agreement_changed(one)
    return one


# Its end.


@operation(
    "终止协议", icon="ban", danger=True, bulk=False, roles=("clerk", "head", "leader"), when=lambda one: one.state in LIVE,
    confirm="立即停止取数，不能撤销；对方会看到原因",
)  # fmt: skip
def end(one: Agreement, *, actor: Actor, reason: str) -> None:
    """At once, by either side; the other is told, or is refused when it asks next."""
    if one.state not in LIVE:
        raise Refused("协议已经结束")
    if not actor.has_role(*SIGNERS):
        owners.require_speaker(actor, one.unit, "终止协议")
    _over(one, f"{nodes.own_name()}终止：{reason}")
    if one.side == Side.TAKES:
        Agreement.objects.filter(pk=one.pk).update(owed=Owed.END)
        _speak_after_commit(one)


@transaction.atomic
def take_end(one: Agreement, reason: str) -> Agreement:
    """The other side ended it."""
    one = Agreement.objects.select_for_update(of=("self",)).get(pk=one.pk)
    if one.state in LIVE:
        _over(one, reason or f"{one.partner}终止")
    return one


def _over(one: Agreement, reason: str) -> None:
    one.state, one.reason = State.REVOKED, reason[:300]
    one.save()
    if one.grant is not None and one.grant.state in (Grant.State.ACTIVE, Grant.State.SUSPENDED):
        closing.end(one.grant, Grant.State.REVOKED, one.reason)
    if one.application is not None and one.application.state in Application.OPEN:
        applications.void(one.application)
    telling.agreement_changed(one)


def end_what_is_over(*, on: date) -> int:
    """Past the last day, at either side; and those whose grant was ended in another way."""
    count = 0
    for one in Agreement.objects.filter(state=State.ACTIVE, valid_to__lt=on):
        one.state, one.reason = State.ENDED, "到期"
        one.save()
        telling.agreement_changed(one)
        count += 1
    stopped = Agreement.objects.filter(state=State.ACTIVE, grant__state__in=("revoked", "ended"))
    for one in stopped.select_related("grant"):
        _over(one, one.grant.reason if one.grant else "")
        count += 1
    return count


# Landing.


@operation(
    "接入管道", icon="plug-connected", bulk=False, roles=("engineer",),
    when=lambda one: one.side == Side.TAKES and one.state == State.ACTIVE,
)  # fmt: skip
def connect(one: Agreement, *, actor: Actor) -> Connection:
    """The agreement as a connection from which pipelines read; its rows carry the other school's name."""
    if not (one.side == Side.TAKES and one.state == State.ACTIVE):
        raise Refused("只有本校使用、已生效的协议可以接入")
    made, _ = Connection.objects.get_or_create(
        code=f"agreement-{one.number}"[-40:],
        defaults={
            "title": f"{one.partner} · {one.title}"[:80], "kind": landing.KIND, "address": one.number, "owner": one.unit,
            "note": f"校际协议，用途：{one.purpose}"[:200],
        },
    )  # fmt: skip
    return made


def default_term(level: int, *, today: date) -> tuple[date, date]:
    """From today, a year or as long as that level allows."""
    return today, today + timedelta(days=min(rules.LONGEST[level], 365) - 1)


def facts_of(one: Agreement) -> dict[str, Any]:
    """What the page says of it in words."""
    return terms.words(one)
