"""Joining: a person types a one-time code, both sides prove it, keys are pinned; later keys follow by endorsement."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from yanta.hub.nodes import levels, wire
from yanta.hub.nodes.models import Node, NodeKey
from yanta.kernel.base import Refused, signatures
from yanta.kernel.base.signatures import Endorsement, PublicKey, Signature

CODE_VALID = timedelta(hours=24)
CODE_TRIES = 5
RULE = "nodes.enrolment"


def own_card() -> dict[str, str]:
    """Who we are, with the key that we sign with."""
    key = signatures.own_key()
    return {
        "code": levels.own_code(), "name": levels.own_name(), "level": levels.own().code,
        "algorithm": key.algorithm, "pem": key.pem,
    }  # fmt: skip


def key_of(card: dict[str, Any]) -> PublicKey:
    try:
        return PublicKey.from_pem(str(card["algorithm"]), str(card["pem"]))
    except (KeyError, ValueError) as error:
        raise Refused("公钥读不出来", rule=RULE) from error


def proof_of(code: str, side: str, card: dict[str, Any], nonce: str) -> str:
    return wire.proof(code, side, card["code"], card["name"], card["level"], card["pem"], nonce)


@transaction.atomic
def admit(application: dict[str, Any], *, at: datetime) -> tuple[dict[str, Any] | None, str]:
    """Upper side: the answer to an application, or the reason why not (the failure is counted either way)."""
    card, nonce = application["card"], application["nonce"]
    node = Node.objects.select_for_update().filter(code=card["code"]).first()
    reason = _fault(node, card, application, at)
    if reason or node is None:
        if node is not None and node.state == Node.State.INVITED:
            Node.objects.filter(pk=node.pk).update(enrol_failures=node.enrol_failures + 1)
        return None, reason or "没有这个节点的入网码"
    code = node.enrol_code or ""
    pin(node, key_of(card), NodeKey.How.ENROLMENT, at=at)
    node.name, node.level = card["name"][:100], card["level"]
    node.address, node.contact = card.get("address", "")[:200], card.get("contact", "")[:60]
    node.phone, node.state, node.enrol_code, node.enrol_until = (
        card.get("phone", "")[:30], Node.State.PENDING, None, None
    )  # fmt: skip
    node.save()
    own = own_card()
    return {"card": own, "proof": proof_of(code, "upper", own, nonce)}, ""


def _fault(node: Node | None, card: dict[str, Any], application: dict[str, Any], at: datetime) -> str:
    if node is None or node.enrol_code is None or node.state != Node.State.INVITED:
        return "没有这个节点的入网码"
    if node.enrol_until is None or node.enrol_until < at:
        return "入网码已过期，请上级重新签发"
    if node.enrol_failures >= CODE_TRIES:
        return "入网码错误次数过多，已作废，请上级重新签发"
    if node.relation == Node.Relation.LOWER and card["level"] not in levels.own().lower:
        return f"{levels.own().title}级节点不接收“{card['level']}”级的上报"
    if not wire.is_proof(application["proof"], node.enrol_code, "lower", card["code"], card["name"],
                         card["level"], card["pem"], application["nonce"]):  # fmt: skip
        return "入网码不对"
    return ""


@transaction.atomic
def welcome(
    answer: dict[str, Any], *, code: str, nonce: str, address: str, relation: str, at: datetime
) -> Node:
    """Lower side: the other's card is believed only when it proves that it knows the code too."""
    card = answer.get("card") or {}
    facts = [str(card.get(name, "")) for name in ("code", "name", "level", "pem")]
    if not wire.is_proof(str(answer.get("proof", "")), code, "upper", *facts, nonce):
        raise Refused("对方没有证明它知道入网码，可能不是上级节点，已停止", rule=RULE)
    if relation == Node.Relation.UPPER and card["level"] not in levels.own().upper:
        raise Refused(f"“{card['name']}”不是本节点的上级级别", rule=RULE)
    node, _ = Node.objects.update_or_create(
        code=card["code"],
        defaults={
            "name": card["name"], "level": card["level"], "relation": relation, "address": address,
            "state": Node.State.ACTIVE, "announced_key": signatures.own_key().key_id, "pulled_at": None,
        },
    )  # fmt: skip
    pin(node, key_of(card), NodeKey.How.ENROLMENT, at=at)
    return node


@transaction.atomic
def vouched(card: dict[str, Any], *, by: Node, at: datetime) -> Node:
    """A peer whose card an upper node gave; its own later keys follow by endorsement as ever."""
    known = Node.objects.filter(code=card["code"]).first()
    if known is not None and known.relation != Node.Relation.PEER:
        raise Refused(f"{known.name}已登记为{known.get_relation_display()}节点", rule=RULE)
    node, _ = Node.objects.update_or_create(
        code=str(card["code"])[:20],
        defaults={
            "name": str(card["name"])[:100], "level": card["level"], "relation": Node.Relation.PEER, "address": card["address"],
            "state": Node.State.ACTIVE, "note": f"由{by.name}引见"[:200],
        },
    )  # fmt: skip
    if not NodeKey.objects.filter(node=node).exists():
        pin(node, key_of(card), NodeKey.How.VOUCHED, at=at)
    return node


def pin(node: Node, key: PublicKey, how: str, *, at: datetime) -> None:
    """This is the node's present key from now on."""
    present = NodeKey.objects.filter(node=node, retired_at=None)
    if present.filter(key_id=key.key_id).exists():
        return
    present.update(retired_at=at)
    NodeKey.objects.update_or_create(
        node=node, key_id=key.key_id,
        defaults={"algorithm": key.algorithm, "pem": key.pem, "how": how, "pinned_at": at, "retired_at": None},
    )  # fmt: skip


def keys_of(node: Node, *, also_former: bool = False) -> list[PublicKey]:
    rows = NodeKey.objects.filter(node=node)
    if not also_former:
        rows = rows.filter(retired_at=None)
    return [PublicKey(row.algorithm, row.key_id, row.pem) for row in rows]


def chain_after(key_id: str) -> list[dict[str, Any]]:
    """Our own endorsements, for whoever knows us by an old key."""
    return [asdict(step) for step in signatures.endorsements_after(key_id)]


@transaction.atomic
def follow(node: Node, chain: list[dict[str, Any]], *, at: datetime) -> None:
    """From the pinned key along the endorsements to the present one; refuses a step that does not hold."""
    known = keys_of(node)
    if len(known) != 1:
        raise Refused("该节点没有已确认的密钥，请重新入网", rule=RULE)
    present = known[0]
    for step in chain:
        endorsement = _endorsement(step)
        if not signatures.follows(endorsement, present):
            raise Refused("新密钥没有得到旧密钥的担保，不予更换", rule=RULE)
        present = endorsement.key
    if not chain:
        raise Refused("没有给出新密钥", rule=RULE)
    pin(node, present, NodeKey.How.ROLLOVER, at=at)


def _endorsement(step: dict[str, Any]) -> Endorsement:
    try:
        key = PublicKey.from_pem(step["key"]["algorithm"], step["key"]["pem"])
        return Endorsement(step["old_key_id"], key, Signature(**step["signature"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("密钥担保读不出来", rule=RULE) from error
