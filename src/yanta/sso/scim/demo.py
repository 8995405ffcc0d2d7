"""The demo school: one application that reads people and opens guests, one system that is told."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Person
from yanta.sso.applications.models import Application
from yanta.sso.scim.models import Copy, Door, Reconciliation, Target

ENDED = "连接被拒绝；15 分钟后再试"


def fill(today: date) -> None:
    """The target is a made-up one, so it is off and shows how its queue looked last."""
    apps = {one.code: one for one in Application.objects.filter(code__in=("mooc", "mail"))}
    host = Person.objects.filter(account__grants__role="teacher").order_by("pk").first()
    if "mooc" in apps and host is not None:
        Door.objects.create(application=apps["mooc"], may_write=True, sponsor=host, unit=apps["mooc"].owner, days=90)  # fmt: skip
    if "mail" in apps:
        _target(apps["mail"], today)


def _target(app: Application, today: date) -> None:
    target = Target.objects.create(application=app, url="https://mail.yanta.example/scim/v2", is_on=False)
    people = list(Account.objects.exclude(person=None).order_by("pk").values_list("pk", "name")[:60])
    states = Copy.State
    Copy.objects.bulk_create(
        Copy(
            target=target, noun=Copy.Noun.USER, key=str(pk), title=name, remote_id=f"m-{pk}" if number % 20 else "",
            state=states.CURRENT if number % 20 else states.FAILED, said="已更新" if number % 20 else ENDED, attempts=0 if number % 20 else 7,
            told_at=timezone.now() - timedelta(minutes=number),
        )
        for number, (pk, name) in enumerate(people)
    )  # fmt: skip
    began = timezone.now() - timedelta(hours=6)
    failed = sum(1 for number in range(len(people)) if not number % 20)
    Reconciliation.objects.create(
        target=target, began_at=began, ended_at=began + timedelta(seconds=41), read=len(people), unchanged=len(people) - failed,
        failed=failed, foreign=2,
    )  # fmt: skip
