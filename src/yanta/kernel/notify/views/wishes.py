"""How a person wants to be told: language, channels by kind, quiet hours, a digest, browsers."""

from __future__ import annotations

import json
from datetime import time

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse

from yanta.kernel.base import Refused
from yanta.kernel.notify import channels, gateways, pushing
from yanta.kernel.notify.declare import category_title, templates
from yanta.kernel.notify.models import Message, Preference, PushSubscription
from yanta.kernel.portal.pages import PortalPage

LARGEST = 4096


class PreferencesView(PortalPage):
    template = "notify/preferences.html"

    def wish(self) -> Preference:
        found = Preference.objects.filter(person_id=self.actor.person_id or 0).first()
        return found or Preference(person_id=self.actor.person_id)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(self.wish(), saved="saved" in request.GET)

    def shown(self, wish: Preference, *, saved: bool = False, error: str = "") -> HttpResponse:
        codes = [code for code in channels.order() if code == "push" or channels.is_ready(code)]
        return self.page(
            200 if not error else 422, wish=wish, saved=saved, error=error, rows=[
                (key, category_title(key), [(code, _choice(wish, key, code, named)) for code in codes])
                for key, named in self.categories()
            ], channels=[(code, channels.title_of(code)) for code in codes], push_key=pushing.public_key(),
            browsers=PushSubscription.objects.filter(person_id=self.actor.person_id or 0), is_simulating=gateways.is_simulating(),
        )  # fmt: skip

    def categories(self) -> list[tuple[str, frozenset[str]]]:
        """Those that can reach this person: what ever wrote to them, notices, and what everybody may get."""
        seen = {code.partition(".")[0] for code in self._codes()}
        named: dict[str, set[str]] = {}
        for kind in templates():
            named.setdefault(kind.category, set()).update(() if kind.urgent else kind.channels)
        wanted = [key for key in named if key in seen or key == "notice"]
        return [(key, frozenset(named[key])) for key in sorted(wanted, key=category_title)]

    def _codes(self) -> list[str]:
        rows = Message.objects.filter(person_id=self.actor.person_id or 0).order_by()
        return list(rows.values_list("template", flat=True).distinct())

    def post(self, request: HttpRequest) -> HttpResponse:
        wish = self.wish()
        if self.actor.person_id is None:
            return self.shown(wish, error="这个账号没有对应的人员，不收消息")
        try:
            self._read(wish)
        except ValueError:
            return self.shown(wish, error="时间写得不完整，应如 22:00")
        wish.save()
        return HttpResponseRedirect("/messages/preferences/?saved")

    def _read(self, wish: Preference) -> None:
        asked = self.request.POST
        if asked.get("language") in Preference.Language.values:
            wish.language = asked["language"]
        wish.has_quiet_hours = "quiet" in asked
        wish.quiet_from = time.fromisoformat(asked.get("quiet_from") or "22:00")
        wish.quiet_to = time.fromisoformat(asked.get("quiet_to") or "07:00")
        wish.digest_at = (
            time.fromisoformat(asked["digest_at"]) if "digest" in asked and asked.get("digest_at") else None
        )
        for key, named in self.categories():
            for code in channels.order():
                if f"shown_{key}_{code}" in asked:
                    wanted, usual = f"wish_{key}_{code}" in asked, code in named or code == "push"
                    chosen = wish.choices.setdefault(key, {})
                    chosen.pop(code, None)
                    if wanted != usual:
                        chosen[code] = wanted


def _choice(wish: Preference, key: str, code: str, named: frozenset[str]) -> bool:
    chosen = wish.choices.get(key, {}).get(code)
    return bool(chosen) if chosen is not None else code in named or code == "push"


class PushView(PortalPage):
    """A browser agrees (JSON), or is forgotten (a form)."""

    def post(self, request: HttpRequest) -> HttpResponse:
        if "forget" in request.POST:
            key = request.POST["forget"]
            pushing.unsubscribe(int(key) if key.isdecimal() and len(key) < 16 else 0, actor=self.actor)
            return HttpResponseRedirect("/messages/preferences/")
        try:
            told = json.loads(request.body[:LARGEST])
            made = pushing.subscribe(told, device=_device(request), actor=self.actor)
        except ValueError:
            return JsonResponse({"detail": "浏览器给出的订阅不完整，请重新开启"}, status=400)
        except Refused as refusal:
            return JsonResponse({"detail": refusal.message}, status=422)
        return JsonResponse({"device": made.device}, status=201)


def _device(request: HttpRequest) -> str:
    """What a person calls it: browser and system."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    browsers = (
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("MicroMessenger", "微信"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (
        ("Android", "安卓手机"),
        ("iPhone", "苹果手机"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in agent), "浏览器")
    return f"{browser} · {next((name for mark, name in systems if mark in agent), '其他系统')}"
