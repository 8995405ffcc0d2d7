"""Setting and checking passwords."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.identity import leaked, rules
from yanta.kernel.identity.models import Account, FormerPassword

LEAKED = "这个密码出现在公开的泄露密码库中，别人可能已经知道，请换一个"


@cache
def _nobodys_hash() -> str:
    return make_password("nobody has this password")


def is_right(account: Account | None, password: str) -> bool:
    """Costs one hash whatever the answer, so that the time taken tells nothing about the account."""
    if account is None or not account.has_usable_password():
        check_password(password, _nobodys_hash())
        return False
    right = check_password(password, account.password, lambda raw: _renew_hash(account, raw))
    if right and account.password_leaked_at is None and leaked.is_known(password):
        _mark_leaked(account)
    return right


def _mark_leaked(account: Account) -> None:
    """Only while the right password is typed can it be compared; from now on it has to be changed first."""
    account.must_change_password, account.password_leaked_at = True, timezone.now()
    account.save(update_fields=["must_change_password", "password_leaked_at", "updated_at"])


def _renew_hash(account: Account, password: str) -> None:
    """The hash is of an older strength or kind: keep the password, renew the hash."""
    account.password = make_password(password)
    Account.objects.filter(pk=account.pk).update(password=account.password)


def check_policy(account: Account, password: str) -> None:
    """Refuses a weak password, one that tells about its owner, and the last five."""
    person = account.person
    known = [account.username, account.name]
    if person is not None:
        known += [
            person.number,
            person.name,
            person.latin_name,
            (person.id_number or "")[-6:],
            (person.phone or "")[-8:],
        ]
        known += list(person.affiliations.values_list("number", flat=True))
    weakness = rules.weakness_of(
        password, known=[word for word in known if word], born=person.birth_on if person else None
    )
    if weakness:
        raise Refused(weakness, field="password", rule="identity.password")
    if leaked.is_known(password):
        raise Refused(LEAKED, field="password", rule="identity.leaked")
    former = account.former_passwords.order_by("-pk").values_list("encoded", flat=True)[
        : rules.REMEMBERED_PASSWORDS
    ]
    if any(check_password(password, encoded) for encoded in former):
        raise Refused(
            f"不能使用最近 {rules.REMEMBERED_PASSWORDS} 次用过的密码",
            field="password",
            rule="identity.password",
        )


def set_password(account: Account, password: str, *, must_change: bool = False) -> None:
    """Keep the new password and end every session: whoever knew the old one may have opened it."""
    check_policy(account, password)
    encoded = make_password(password)
    with transaction.atomic():
        account.password = encoded
        account.password_changed_at = timezone.now()
        account.must_change_password, account.password_leaked_at = must_change, None
        account.save(
            update_fields=[
                "password", "password_changed_at", "must_change_password", "password_leaked_at", "updated_at",
            ]
        )  # fmt: skip
        FormerPassword.objects.create(account=account, encoded=encoded)
        kept = account.former_passwords.order_by("-pk").values("pk")[: rules.REMEMBERED_PASSWORDS]
        account.former_passwords.exclude(pk__in=kept).delete()
        account.sessions.all().delete()
