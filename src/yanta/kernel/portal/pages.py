"""The portal's own pages. `PortalPage` is the base of every page that no declaration can express."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.http import require_GET, require_POST

from yanta.kernel.base import Actor
from yanta.kernel.portal import cards, navigation, todos
from yanta.kernel.portal.assets import BUILT, asset

YEAR_SECONDS = 365 * 24 * 3600


class PortalPage(View):
    """A page for whoever is signed in; others go to the sign-in page and come back."""

    template = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is None:
            return redirect_to_login(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)

    @property
    def actor(self) -> Actor:
        return getattr(self.request, "actor", None) or Actor.nobody()

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        return render(self.request, self.template, {"actor": self.actor, **context}, status=status)


class HomeView(PortalPage):
    """What awaits me, what is next, what changed, my applications."""

    template = "portal/home.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = cards.cards_for(self.actor)
        return self.page(
            now=timezone.localtime(), todos=todos.todos_of(self.actor), favourites=favourites_of(request, self.actor),
            main=[one for one in shown if one.card.column == "main"], side=[one for one in shown if one.card.column == "side"],
        )  # fmt: skip


class ApplicationsView(PortalPage):
    """Everything the person may use, by area."""

    template = "portal/applications.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        areas = navigation.areas_for(self.actor)
        return self.page(
            areas=areas, chosen=chosen_by(request), favourites=favourites_of(request, self.actor)
        )


class TodosView(PortalPage):
    """What awaits the person, by kind and by when it is due."""

    template = "portal/todos.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = todos.todos_of(self.actor)
        kinds = sorted({one.kind for one in found if one.kind})
        kind = request.GET.get("kind", "")
        return self.page(
            todos=[one for one in found if not kind or one.kind == kind],
            kinds=kinds,
            kind=kind,
            total=len(found),
        )


def chosen_by(request: HttpRequest) -> list[str]:
    """The addresses the person starred, kept in a cookie of the browser."""
    return [url for url in request.COOKIES.get("yanta_stars", "").split("|") if url]


def favourites_of(request: HttpRequest, actor: Actor, most: int = 8) -> list[navigation.Place]:
    """The starred places; before anything is starred, the first ones of the menu."""
    areas = navigation.areas_for(actor)
    by_url = {place.url: place for area in areas for place in area.places}
    chosen = [by_url[url] for url in chosen_by(request) if url in by_url]
    return chosen[:most] or [place for area in areas for place in area.places if place.in_menu][:most]


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language and return to where the person was."""
    back = request.META.get("HTTP_REFERER", "/")
    answer = HttpResponseRedirect(
        back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/"
    )
    wanted = request.POST.get("language", "")
    if translation.check_for_language(wanted):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, max_age=YEAR_SECONDS, samesite="Lax")
    return answer


@login_not_required
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows when the network is away."""
    return render(request, "portal/offline.html")


@login_not_required
@require_GET
def web_manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to install the portal."""
    icons = [
        {"src": asset("favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        {"src": asset("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
        {"src": asset("icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
    ]
    return JsonResponse({
        "name": "雁塔数字校园", "short_name": "雁塔", "lang": "zh-CN", "start_url": "/", "scope": "/", "display": "standalone",
        "background_color": "#faf9f6", "theme_color": "#1f3a5f", "icons": icons,
    }, content_type="application/manifest+json")  # fmt: skip


@login_not_required
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Served from the root, so that its scope is the whole portal."""
    text = (BUILT / "sw.js").read_text("utf-8") if (BUILT / "sw.js").is_file() else ""
    text = text.replace("__STYLE__", asset("style.css")).replace("__APP__", asset("app.js"))
    return HttpResponse(text, content_type="text/javascript", headers={"Cache-Control": "no-cache"})
