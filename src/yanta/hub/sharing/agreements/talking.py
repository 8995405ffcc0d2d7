"""The using side speaks, the providing side answers: what is owed is told, what was decided is heard.

The providing school need not reach the using one: whoever wants the data asks. What could not be told is told at the
next beat; an end holds here at once, told or not.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from yanta.hub.nodes import public as nodes
from yanta.hub.sharing import telling
from yanta.hub.sharing.agreements import terms
from yanta.hub.sharing.models import Agreement
from yanta.kernel.base import Refused

State, Owed = Agreement.State, Agreement.Owed
PATH = "/sharing/agreements"
# The other side does not listen yet: the proposal waits.
NOT_YET = frozenset({"nodes.stranger", "nodes.state", "nodes.clock", "nodes.rate", "nodes.key"})
CLOSED = (State.REFUSED, State.ENDED, State.REVOKED)


def settle_all() -> int:
    """Every agreement of which this school is the user and that is not over; answers how many were heard of."""
    there = [partner.code for partner in nodes.partners()]
    rows = Agreement.objects.filter(side=Agreement.Side.TAKES, node__in=there)
    waiting = rows.filter(state__in=Agreement.OPEN) | rows.exclude(owed=Owed.NOTHING)
    return sum(settle(key) for key in waiting.values_list("pk", flat=True))


def settle(key: int) -> bool:
    """Tell what is owed, hear how it stands; whether the other side answered."""
    one = Agreement.objects.get(pk=key)
    try:
        said = _told(one)
    except nodes.Unreachable as problem:
        Agreement.objects.filter(pk=key).update(trouble=str(problem)[:200])
        return False
    except Refused as refusal:
        _refused(one, refusal)
        return True
    with transaction.atomic():
        _heard(Agreement.objects.select_for_update(of=("self",)).get(pk=key), said, owed=one.owed)
    return True


def _told(one: Agreement) -> dict[str, Any]:
    if one.owed == Owed.PROPOSAL:
        signed = {"terms": one.terms, "signature": one.own_signature, "by": one.own_signer}
        return nodes.ask(one.node, "POST", PATH, signed)
    if one.owed == Owed.SIGNATURE:
        signed = {"signature": one.own_signature, "by": one.own_signer}
        return nodes.ask(one.node, "POST", f"{PATH}/{one.number}/signature", signed)
    if one.owed == Owed.END:
        return nodes.ask(one.node, "POST", f"{PATH}/{one.number}/end", {"reason": one.reason})
    return nodes.ask(one.node, "GET", f"{PATH}/{one.number}")


def _refused(one: Agreement, refusal: Refused) -> None:
    """Nothing was agreed and nothing will be, if the proposal itself is not taken; else the words are kept."""
    values: dict[str, Any] = {"trouble": refusal.message[:200], "heard_at": timezone.now()}
    if one.owed == Owed.PROPOSAL and refusal.rule not in NOT_YET:
        values |= {
            "state": State.REFUSED,
            "reason": refusal.message[:300],
            "owed": Owed.NOTHING,
            "trouble": "",
        }
    elif one.owed == Owed.END:
        values |= {"owed": Owed.NOTHING}
    Agreement.objects.filter(pk=one.pk).update(**values)


def _heard(one: Agreement, said: dict[str, Any], *, owed: str) -> None:
    one.heard_at, one.trouble = timezone.now(), ""
    if one.owed == owed:
        one.owed = Owed.NOTHING
    if one.state in CLOSED:  # over here, whatever they say
        one.save()
        return
    before, noticed = one.state, one.notice
    if said["state"] in (State.OFFERED, State.ACTIVE) and not one.partner_signature:
        _take_offer(one, said)
    if one.state != State.REFUSED:
        one.state = State(said["state"])
    if one.state in CLOSED:
        one.reason = (one.reason or str(said["reason"]))[:300]
    if one.state == State.ACTIVE and one.signed_at is None:
        one.signed_at = one.heard_at
    one.notice, one.version = str(said["notice"])[:300], max(int(said["version"]), one.version)
    one.save()
    if (before, noticed) != (one.state, one.notice):
        telling.agreement_changed(one)


def _take_offer(one: Agreement, said: dict[str, Any]) -> None:
    """What they signed takes the place of what was asked for, if it is no more than that."""
    text = str(said["terms"])
    terms.check_signed(one, text, str(said["signature"]))
    offered = terms.read(text)
    if why := terms.is_narrower(offered, one):
        one.state, one.reason = State.REFUSED, why
        return
    for name, value in offered.values.items():
        setattr(one, name, value)
    one.terms, one.own_signature, one.own_signer = text, "", ""
    one.partner_signature, one.partner_signer = str(said["signature"]), str(said["by"])[:60]
