"""What an application may write: accounts that somebody answers for, groups of its own, its own names for people."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from scim2_models import ForbiddenException, InvalidValueException, UniquenessException

from yanta.kernel.access import events, roles, visitors
from yanta.kernel.access.models import RoleGrant, VisitorPass
from yanta.kernel.base import Actor
from yanta.kernel.identity.models import Account, Session
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Affiliation, Person
from yanta.kernel.people.services import new_person_numbers
from yanta.sso.scim.models import Door, Link, OwnGroup
from yanta.sso.scim.schema import Campus

_NAME = re.compile(r"[^\s\x00-\x1f\x7f@]{3,64}")
_PHONE = re.compile(r"[0-9+() -]{3,20}")


def _checked_name(name: str) -> str:
    """A login name that nobody else can be taken for; names and numbers are never given twice."""
    if not _NAME.fullmatch(name) or re.fullmatch(r"[a-zA-Z]?\d+", name):
        raise InvalidValueException(
            detail="userName 须为 3 至 64 个字符，不含空格和 @，不能像学号、工号、人员号或手机号"
        )
    taken = Account.objects.filter(username__iexact=name).exists()
    taken = taken or Affiliation.objects.filter(number__iexact=name).exists()
    if taken or Person.objects.filter(number__iexact=name).exists():
        raise UniquenessException(detail="这个 userName 已被使用；登录名永不重复使用")
    return name


def _host(door: Door) -> tuple[Person, OrgUnit]:
    if not door.may_write or door.sponsor is None or door.unit is None:
        raise ForbiddenException(detail="这个应用没有登记担保人，不能开通账号或分组")
    return door.sponsor, door.unit


def _one_value(values: Any, title: str) -> str:
    found = [one.value for one in values or () if one.value]
    if len(found) > 1:
        raise InvalidValueException(detail=f"{title}只保存一个")
    return found[0] if found else ""


def _details(resource: Any) -> tuple[str, str, str]:
    """Name, mail, telephone, each as the school keeps them."""
    name = (resource.display_name or "").strip()
    email, phone = _one_value(resource.emails, "电子邮箱"), _one_value(resource.phone_numbers, "手机号")
    if not 0 < len(name) <= 60 or "\0" in name + email + phone:
        raise InvalidValueException(detail="displayName 须为 1 至 60 个字符")
    if email and (len(email) > 254 or not re.fullmatch(r"[^@\s]+@[^@\s]+", email)):
        raise InvalidValueException(detail="电子邮箱格式不正确")
    if phone and not _PHONE.fullmatch(phone):
        raise InvalidValueException(detail="手机号须为 3 至 20 位")
    return name, email, phone


def open_account(door: Door, resource: Any, *, on: date) -> Account:
    """A guest of the door's host, for the door's number of days; listed among the school's visitors."""
    sponsor, unit = _host(door)
    username, (name, email, phone) = _checked_name(resource.user_name or ""), _details(resource)
    (number,) = new_person_numbers(1)
    person = Person.objects.create(number=number, name=name, email=email, phone=phone or None)
    state = Account.State.ACTIVE if resource.active is not False else Account.State.CLOSED
    account = Account.objects.create(
        username=username, person=person, name=name, state=state, password=make_password(None)
    )
    until, app = on + timedelta(days=door.days), door.application
    RoleGrant.objects.create(
        account=account, role=roles.VISITOR.code, org_unit=unit, valid_from=on, valid_to=until,
        reason=f"由应用“{app.name}”开通，担保人{sponsor.name}", source=RoleGrant.Source.DELEGATION,
    )  # fmt: skip
    VisitorPass.objects.create(
        name=name, employer=app.name, phone=phone, purpose="应用开通", org_unit=unit, valid_to=until,
        sponsor=sponsor, account=account,
    )  # fmt: skip
    Link.objects.create(application=app, account=account, is_sponsored=True)
    name_account(door, account, resource)
    events.tell_of([account.pk])
    return account


def change_account(link: Link, resource: Any) -> None:
    """Name, mail, telephone and whether it may be used; a guest whose time is over stays closed."""
    account, (name, email, phone) = link.account, _details(resource)
    if resource.user_name != account.username:
        raise InvalidValueException(detail="userName 登记后不改")
    person: Person = account.person  # type: ignore[assignment]  # opened with one
    person.name, person.email, person.phone = name, email, phone or None
    person.save(update_fields=["name", "email", "phone", "phone_index", "updated_at"])
    guest = VisitorPass.objects.get(account=account)
    closed = resource.active is False
    if not closed and guest.state == VisitorPass.State.ENDED:
        raise InvalidValueException(detail="这个访客账号已经结束，不能再启用")
    account.name, account.state = name, Account.State.CLOSED if closed else Account.State.ACTIVE
    account.state_reason = "由开通它的应用停用" if closed else ""
    account.save(update_fields=["name", "state", "state_reason", "updated_at"])
    guest.name, guest.phone = name, phone
    guest.save(update_fields=["name", "phone", "phone_index", "updated_at"])
    if closed:
        Session.objects.filter(account=account).delete()


def end_account(link: Link) -> None:
    """Closed for good; the row stays, so that its id and name are never given again."""
    guest = VisitorPass.objects.get(account=link.account)
    if guest.state == VisitorPass.State.OPEN:
        visitors.end(guest, actor=Actor.system("scim"), reason=f"由应用“{link.application.name}”删除")
    link.ended_at = timezone.now()
    link.save(update_fields=["ended_at", "updated_at"])


def name_account(door: Door, account: Account, resource: Any) -> None:
    """What the application calls the account, and notes about it; no two of its people by one name."""
    campus = resource[Campus]
    external_id, note = resource.external_id or "", (campus.note if campus else "") or ""
    if len(external_id) > 200 or len(note) > 200 or "\0" in external_id + note:
        raise InvalidValueException(detail="externalId 和 note 最长 200 个字符")
    known = Link.objects.filter(application=door.application, account=account)
    if not (external_id or note or known.exists()):
        return
    try:
        with transaction.atomic():
            Link.objects.update_or_create(
                application=door.application,
                account=account,
                defaults={"external_id": external_id, "note": note},
            )
    except IntegrityError:
        raise UniquenessException(detail="这个 externalId 已用于另一个人") from None


# Groups


def open_group(door: Door, resource: Any, members: list[int]) -> OwnGroup:
    _host(door)
    own = OwnGroup(application=door.application)
    _fill(own, resource, members)
    return own


def change_group(own: OwnGroup, resource: Any, members: list[int]) -> None:
    _fill(own, resource, members)


def _fill(own: OwnGroup, resource: Any, members: list[int]) -> None:
    name, external_id = (resource.display_name or "").strip(), resource.external_id or ""
    if not 0 < len(name) <= 100 or len(external_id) > 200 or "\0" in name + external_id:
        raise InvalidValueException(detail="displayName 须为 1 至 100 个字符，externalId 最长 200")
    others = OwnGroup.objects.filter(application=own.application).exclude(pk=own.pk)
    if others.filter(Q(name=name)).exists():
        raise UniquenessException(detail="本应用已有同名分组")
    own.name, own.external_id = name, external_id
    own.save()
    own.members.set(members)


def end_group(own: OwnGroup) -> None:
    own.members.clear()
    own.delete()
