"""Buttons on the sign-in page, the page of one's own links, and strangers that await the information centre."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.urls import reverse

from yanta.kernel.base import Actor
from yanta.kernel.identity import visiting
from yanta.kernel.identity.visiting import Way
from yanta.kernel.portal.todos import Todo, todos
from yanta.sso.partners import services
from yanta.sso.partners.models import Partner, Stranger

OPEN_KEY, OPEN_KEPT_SECONDS = "partners:open", 20


@visiting.ways
def partners_to_sign_in_at(onward: str) -> list[Way]:
    return [
        Way(name, f"{reverse('partner-start', args=[code])}?{urlencode({'next': onward})}", "building-bridge")
        for code, name in _open()
    ]  # fmt: skip


def _open() -> list[tuple[str, str]]:
    """Code and name of each partner with a button, kept for moments: strangers at the door cost the database nothing."""
    found: list[tuple[str, str]] | None = cache.get(OPEN_KEY)
    if found is None:
        found = list(Partner.objects.filter(is_open=True).values_list("code", "name"))
        cache.set(OPEN_KEY, found, OPEN_KEPT_SECONDS)
    return found


@receiver([post_save, post_delete], sender=Partner)
def _forget_open(**_: object) -> None:
    cache.delete(OPEN_KEY)


@visiting.own_pages
def own_links() -> list[Way]:
    if not _open():
        return []
    words = "关联以后，可以用合作单位的账号登录这里；随时可以解除"
    return [Way("合作方账号", reverse("partner-links"), "building-bridge", words)]


@todos
def strangers_to_identify(actor: Actor) -> list[Todo]:
    if not actor.may(services.identify.permission):
        return []
    count = Stranger.objects.visible_to(actor, services.identify.permission).filter(state="open").count()
    words = f"{count} 个合作方账号认不出是谁"
    url = "/partners/stranger/?state=open"
    return [Todo(words, url, icon="user-question", kind="统一认证", count=count)] if count else []
