"""Buttons of the sign-in page, and the pages about one's own scanning."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.urls import reverse

from yanta.kernel.identity import visiting
from yanta.kernel.identity.scanning.models import ScanApp
from yanta.kernel.identity.visiting import Way

OPEN_KEY, KEPT_SECONDS = "scanning:open", 20


@visiting.ways
def ways_to_scan(onward: str) -> list[Way]:
    query = urlencode({"next": onward})
    campus = Way("用已登录的手机扫码", f"{reverse('campus-code')}?{query}", "qrcode")
    apps = [
        Way(f"{title}扫码", f"{reverse('scan-start', args=[kind])}?{query}", "scan")
        for kind, title in open_apps()
    ]
    return [campus, *apps]


def open_apps() -> list[tuple[str, str]]:
    """Kind and title of each app with a button, kept for moments: strangers at the door cost the database nothing."""
    found: list[tuple[str, str]] | None = cache.get(OPEN_KEY)
    if found is None:
        found = [(app.kind, str(app)) for app in ScanApp.objects.filter(is_open=True)]
        cache.set(OPEN_KEY, found, KEPT_SECONDS)
    return found


@receiver([post_save, post_delete], sender=ScanApp)
def _forget_open(**_: object) -> None:
    cache.delete(OPEN_KEY)


@visiting.own_pages
def own_scanning() -> list[Way]:
    code = Way("身份码", "/account/code/", "qrcode", "进校门、图书馆时出示；每半分钟变一次")
    if not open_apps():
        return [code]
    return [
        code,
        Way("扫码登录", "/account/scanning/", "scan", "关联以后，可以用手机应用扫码登录；随时可以解除"),
    ]
