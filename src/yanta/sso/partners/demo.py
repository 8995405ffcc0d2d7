"""The demo school's partner: the province's platform, some of whose accounts are linked."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yanta.kernel.identity.models import Account
from yanta.sso.applications.models import Application
from yanta.sso.partners.models import Link, Partner, Stranger


def fill(today: date) -> None:
    """A button on the sign-in page, a few linked accounts, and two that nobody knows yet."""
    owner = Application.objects.get(code="mail").owner
    partner = Partner.objects.create(
        code="province", name="省教育统一身份认证", owner=owner, kind=Partner.Kind.OIDC, issuer="https://login.edu.province.example",
        client_id="yanta-school", client_secret="demo-secret-that-opens-nothing", is_open=True,  # noqa: S106 - opens nothing
        linking=Partner.Linking.SELF, unknown=Partner.Unknown.TODO,
    )  # fmt: skip
    at = timezone.make_aware(datetime.combine(today - timedelta(days=2), time(9, 30)))
    people = Account.objects.exclude(person=None).order_by("pk").values_list("person_id", flat=True)[20:26]
    Link.objects.bulk_create(
        Link(partner=partner, subject=f"P{number:08d}", person_id=person, proof=Link.Proof.SELF, used_at=at)
        for number, person in enumerate(people, 10235001)
    )
    Stranger.objects.bulk_create(
        Stranger(partner=partner, subject=subject, told_name=name, came_at=at)
        for subject, name in (("P90000017", "欧阳明远"), ("P90000042", "沈知秋"))
    )
