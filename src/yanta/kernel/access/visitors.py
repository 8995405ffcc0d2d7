"""Guests: an account for a time, with somebody of the school who answers for it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from yanta.kernel.access import events, roles
from yanta.kernel.access.models import RoleGrant, VisitorPass
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.models import Account
from yanta.kernel.notify import send, template
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.people.services import new_person_numbers

LONGEST = timedelta(days=180)
REMINDED_BEFORE = timedelta(days=7)
ENDS_SOON = "access.visitor_ends_soon"

template(
    ENDS_SOON,
    title="您邀请的 {{ name }} 的账号将于 {{ on }} 到期",
    body="如仍需使用请在到期前延期，否则当天结束后自动停用。",
    icon="user-exclamation",
)


def _is_open(guest: VisitorPass) -> bool:
    return guest.state == VisitorPass.State.OPEN


def _check_end(valid_to: date, *, on: date) -> None:
    if valid_to <= on:
        raise Refused("有效期须在今天之后", field="valid_to")
    if valid_to - on > LONGEST:
        raise Refused(f"访客账号最长 {LONGEST.days} 天，可到期前延期", field="valid_to")


@operation("邀请访客", model=VisitorPass, icon="user-plus")
def invite(
    *, actor: Actor, name: str, employer: str, phone: str, purpose: str, org_unit: OrgUnit, valid_to: date
) -> VisitorPass:  # fmt: skip
    """The guest activates the account by the telephone given here; whoever invites answers for it."""
    if actor.person_id is None:
        raise Refused("访客须由在校人员邀请")
    _check_end(valid_to, on=timezone.localdate())
    if Person.objects.filter(phone=phone, merged_into=None).exclude(account=None).exists():
        raise Refused("这个手机号已有账号，不必邀请", field="phone")
    (number,) = new_person_numbers(1)
    person = Person.objects.create(number=number, name=name, phone=phone)
    account = Account.objects.create(
        username=number.lower(), person=person, name=name, state=Account.State.ACTIVE, password=make_password(None)
    )  # fmt: skip
    host = actor.name
    _give(account, org_unit, reason=f"应{org_unit.name}{host}邀请：{purpose}"[:200], until=valid_to)
    return VisitorPass.objects.create(
        name=name, employer=employer, phone=phone, purpose=purpose, org_unit=org_unit, valid_to=valid_to,
        sponsor_id=actor.person_id, account=account,
    )  # fmt: skip


def _give(account: Account, unit: OrgUnit, *, reason: str, until: date) -> None:
    RoleGrant.objects.create(
        account=account, role=roles.VISITOR.code, org_unit=unit, reason=reason, valid_to=until,
        valid_from=timezone.localdate(), source=RoleGrant.Source.DELEGATION,
    )  # fmt: skip
    events.tell_of([account.pk])


@operation("延期", icon="calendar-plus", when=_is_open)
def extend(
    guest: VisitorPass, *, actor: Actor, valid_to: date, reason: Annotated[str, Label("延期理由")]
) -> None:
    """From today at most another half year."""
    if not _is_open(guest):
        raise Refused("已经结束的访客账号不能延期，请重新邀请")
    _check_end(valid_to, on=timezone.localdate())
    guest.valid_to = valid_to
    guest.save(update_fields=["valid_to", "updated_at"])
    guest.account.grants.filter(role=roles.VISITOR.code).update(valid_to=valid_to)


@operation("提前结束", icon="user-off", danger=True, when=_is_open)
def end(guest: VisitorPass, *, actor: Actor, reason: str) -> None:
    """The guest is out at once; the name of the account is never given again."""
    if not _is_open(guest):
        raise Refused("这个访客账号已经结束")
    _end(guest, because=reason, on=timezone.localdate())


def _end(guest: VisitorPass, *, because: str, on: date) -> None:
    guest.state, guest.ended_because = VisitorPass.State.ENDED, because
    guest.save(update_fields=["state", "ended_because", "updated_at"])
    account = guest.account
    account.state, account.state_reason = Account.State.CLOSED, because[:200]
    account.save(update_fields=["state", "state_reason", "updated_at"])
    account.sessions.all().delete()
    held = account.grants.filter(role=roles.VISITOR.code)
    held.filter(valid_from=on).delete()
    held.update(valid_to=on - timedelta(days=1))
    events.tell_of([account.pk])


def end_expired(*, on: date) -> int:
    """Guests whose time is over, or whose host has left; returns how many."""
    over = VisitorPass.objects.filter(state=VisitorPass.State.OPEN).select_related("account")
    expired = list(over.filter(valid_to__lt=on))
    for guest in expired:
        _end(guest, because="有效期已满", on=on)
    alone = list(over.filter(sponsor__account__state=Account.State.CLOSED, state=VisitorPass.State.OPEN))
    for guest in alone:
        _end(guest, because="邀请人已离校", on=on)
    return len(expired) + len(alone)


def remind(*, on: date) -> int:
    """Hosts hear a week before; once for each end."""
    soon = VisitorPass.objects.filter(
        state=VisitorPass.State.OPEN, valid_to__range=(on, on + REMINDED_BEFORE)
    )
    return sum(
        send(
            ENDS_SOON, to=[guest.sponsor_id], context={"name": guest.name, "on": guest.valid_to.isoformat()},
            link=f"/access/visitorpass/{guest.pk}/", once=f"{guest.pk}:{guest.valid_to}",
        )
        for guest in soon
    )  # fmt: skip
